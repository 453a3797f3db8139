import { constants } from 'node:fs';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder for overlays of slides whose own folder may not be written. */
export interface OverlayCache {
  readonly path: string;
  readonly close: () => Promise<void>;
}

/**
 * Chooses it: in the user's cache, or where that may not be written either, a temporary folder that is removed in the end.
 * @param given by the user, in place of both
 * @param notice told, in one line, of a temporary one
 */
export async function overlayCache(
  given: string | undefined,
  notice: (line: string) => void,
): Promise<OverlayCache> {
  const usual =
    given ?? join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'hoverslide', 'overlays');
  if (await mayBeMade(usual)) return { path: usual, close: async () => {} };
  const path = await mkdtemp(join(tmpdir(), 'hoverslide-overlays-'));
  notice(`${usual} may not be written: overlays of slides in read-only folders are made anew at every start`);
  return { path, close: () => rm(path, { recursive: true, force: true }) };
}

/** Whether a folder may be written, or made in the first folder above it that is there. */
async function mayBeMade(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK);
    return true;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return missing && dirname(path) !== path && mayBeMade(dirname(path));
  }
}
