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
  /** Who chose the library: the user or the launcher of the Python package, this package or its set-up, or the system. */
  readonly origin: 'given' | 'packaged' | 'system';
}

const name = 'libopenslide.so.1';

/** Where the library lies in the npm package, and where the set-up of a checkout puts it. */
const packaged = [
  join(packageRoot, 'prebuilds', `${process.platform}-${process.arch}`, name),
  join(packageRoot, '.cache', 'openslide', name),
];

/**
 * Finds OpenSlide: the library that is named (`library`, or HOVERSLIDE_OPENSLIDE, which the Python package sets to that of
 * openslide-bin), else the packaged one, else the system's 4.x or 3.4. If one is named, no other is tried.
 * @throws HoverslideError `unavailable` that says what was tried.
 */
export function findOpenSlide(library = process.env['HOVERSLIDE_OPENSLIDE']): OpenSlideLibrary {
  if (library) return load(library, 'given');
  const file = packaged.find((path) => existsSync(path));
  if (file) return load(file, 'packaged');
  for (const soname of [name, 'libopenslide.so.0']) {
    try {
      return load(soname, 'system');
    } catch {
      continue; // try the next one; the final error names them all
    }
  }
  throw new HoverslideError(
    'unavailable',
    `OpenSlide not found: expected ${packaged.join(' or ')}, or libopenslide.so.1 or .so.0 on the system; ` +
      "'pip install openslide-bin' or the system's package libopenslide0 brings it, HOVERSLIDE_OPENSLIDE names it",
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
