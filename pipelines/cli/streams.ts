/**
 * Keeps the work going when nobody reads what it prints any more: a reader that went away (`| head`) or a log on a full
 * disk ends no run. What cannot be printed is lost; results and states are in their files.
 */
export function ignoreLostReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}
