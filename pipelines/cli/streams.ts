/**
 * Keeps the work going when nobody reads its output any more. A reader that has gone away (`| head`) or a log on a full
 * disk ends no run. Output that cannot be printed is lost. Results and states are in their files.
 */
export function ignoreLostReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}
