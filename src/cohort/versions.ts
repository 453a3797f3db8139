import { packageVersion, resultsVersion } from '../version.js';

/**
 * Says that tables of a cohort were made by versions of hoverslide whose tables may differ from those of this one.
 * @param versions of the results, one per slide
 * @returns one line; undefined if this version would make the same tables
 */
export function versionNotice(versions: readonly string[]): string | undefined {
  if (!versions.some(isOlder)) return undefined;
  const counts = new Map<string, number>();
  for (const version of versions) counts.set(version, (counts.get(version) ?? 0) + 1);
  const list = [...counts].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
  return (
    `tables were made by hoverslide ${list.map(([version, slides]) => `${version} (${slides} of ${versions.length} slides)`).join(', ')}; ` +
    `this is ${packageVersion}: the changelog says how tables differ, 'hoverslide run --redo-older' makes them again`
  );
}

/** Returns whether a version's tables may differ from those of this one. */
export function isOlder(version: string): boolean {
  return resultsVersion(version) !== resultsVersion(packageVersion);
}
