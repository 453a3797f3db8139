/** Returns the name of an API option on the command line: `mpp` is `--mpp`, `truthClasses` is `--truth-classes`. */
export function flagName(option: string): string {
  if (option === 'devices') return '--device';
  return `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
