import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HoverslideError, errorLine } from '../errors.js';
import { packageRoot } from '../package-root.js';
import { binding } from './binding.js';

/** The OpenSlide library in use. */
export interface OpenSlideLibrary {
  /** Name by which it was loaded: a path, or a name that the dynamic linker resolved. */
  readonly name: string;
  /** The file that was loaded. */
  readonly file: string;
  readonly version: string;
  /** Who chose the library: the user, the set-up, or the system. */
  readonly origin: 'given' | 'fetched' | 'system';
}

const fetched = join(packageRoot, '.cache', 'openslide', 'libopenslide.so.1');

/**
 * Finds OpenSlide: the library that the user names (`library`, or HOVERSLIDE_OPENSLIDE), else the one that the set-up
 * fetched, else the system's 4.x or 3.4. If the user names a library, no other is tried.
 * @throws HoverslideError `unavailable` that says what was tried.
 */
export function findOpenSlide(library = process.env['HOVERSLIDE_OPENSLIDE']): OpenSlideLibrary {
  if (library) return load(library, 'given');
  if (existsSync(fetched)) return load(fetched, 'fetched');
  for (const name of ['libopenslide.so.1', 'libopenslide.so.0']) {
    try {
      return load(name, 'system');
    } catch {
      continue; // try the next one; the final error names them all
    }
  }
  throw new HoverslideError(
    'unavailable',
    `OpenSlide not found: expected ${fetched}, or libopenslide.so.1 or .so.0 on the system; ` +
      `fetch it with 'npm run build', install the package libopenslide0, or name it in HOVERSLIDE_OPENSLIDE`,
  );
}

function load(name: string, origin: OpenSlideLibrary['origin']): OpenSlideLibrary {
  try {
    return { name, origin, ...binding().openSlideLibrary(name) };
  } catch (error) {
    if (error instanceof HoverslideError) throw error;
    throw new HoverslideError('unavailable', `${name}: cannot be used as OpenSlide: ${errorLine(error)}`);
  }
}

/** Finds, for `hoverslide doctor`, the library that would be used, or the reason why there is none. */
export function describeOpenSlide(library?: string): { found: OpenSlideLibrary } | { missing: string } {
  try {
    return { found: findOpenSlide(library) };
  } catch (error) {
    return { missing: errorLine(error) };
  }
}
