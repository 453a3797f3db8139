import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Addon } from './addon.js';
import { HoverslideError } from './errors.js';
import { packageRoot } from './package-root.js';

const require = createRequire(import.meta.url);

/**
 * Loads the C++ addon.
 * @throws HoverslideError `unavailable` if it has not been built.
 */
export function addon(): Addon {
  const file = join(packageRoot, 'build', 'addon', 'Release', 'hoverslide.node');
  if (!existsSync(file)) {
    throw new HoverslideError(
      'unavailable',
      `the C++ addon is not built: expected ${file}; run 'node ${join(packageRoot, 'scripts', 'install.js')}'`,
    );
  }
  return require(file) as Addon;
}
