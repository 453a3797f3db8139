/** Names an option of the API as the command line has it: `mpp` is `--mpp`, `truthClasses` is `--truth-classes`. */
export function flagName(option: string): string {
  if (option === 'devices') return '--device';
  return `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
