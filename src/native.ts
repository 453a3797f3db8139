import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { HoverslideError } from './errors.js';
import { packageRoot } from './package-root.js';

const require = createRequire(import.meta.url);

/**
 * The C++ addon, seen through the interface of the concept that asks for it.
 * @throws HoverslideError `unavailable` if it has not been built.
 */
export function addon<Binding>(): Binding {
  const file = join(packageRoot, 'build', 'addon', 'Release', 'hoverslide.node');
  if (!existsSync(file)) {
    throw new HoverslideError(
      'unavailable',
      `the C++ addon is not built: expected ${file}; run 'node ${join(packageRoot, 'scripts', 'install.js')}'`,
    );
  }
  return require(file) as Binding;
}
