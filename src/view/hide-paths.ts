/** Function that makes a message fit for the page, given the path of the slide that it is about. */
export type Hide = (message: string, path?: string) => string;

/**
 * Returns a message without the folders that it names: a page may know a file's name, not where it lies on the server.
 * @param folders absolute paths that are known, which may have spaces in them; others are found by their form
 */
export function hidePaths(message: string, folders: readonly string[]): string {
  const known = [...folders].filter((folder) => folder.length > 1).sort((a, b) => b.length - a.length);
  const without = known.reduce((text, folder) => text.replaceAll(`${folder}/`, ''), message);
  return without.replaceAll(/(?<![\w.])\/(?:[^\s/:;,'"]+\/)+/g, '');
}
