import { stat } from 'node:fs/promises';
import { readStatus } from '../../src/cohort/status.js';
import { versionNotice } from '../../src/cohort/versions.js';
import { HoverslideError } from '../../src/errors.js';
import { packageVersion } from '../../src/version.js';

/**
 * Prints what an update of hoverslide means for a folder of results.
 * @returns whether it is one: a folder may be a slide too
 */
export async function doctorResults(
  path: string,
  say: (what: string, found: string) => void,
): Promise<boolean> {
  if (!(await stat(path).catch(() => undefined))?.isDirectory()) return false;
  const status = await readStatus(path).catch((error: unknown) => {
    if (error instanceof HoverslideError && error.kind === 'missing') return undefined;
    throw error;
  });
  if (!status) return false;
  const versions = status.slides.flatMap((slide) => slide.hoverslide ?? []);
  say('results', `${versions.length} of ${status.slides.length} slides have them`);
  say('update', versionNotice(versions) ?? `changes no table of them: ${packageVersion} would make the same`);
  return true;
}
