import { createRequire } from 'node:module';
import type { Addon } from './addon.js';
import { errorLine, HoverslideError } from './errors.js';
import { packageRoot } from './package-root.js';

const require = createRequire(import.meta.url);
const load = require('node-gyp-build') as (folder: string) => Addon;

let loaded: Addon | undefined;

/**
 * Loads the C++ addon: the one that was compiled here (build/Release), else the prebuilt one for this system
 * (prebuilds/).
 * @throws HoverslideError `unavailable` if none fits
 */
export function addon(): Addon {
  try {
    return (loaded ??= load(packageRoot));
  } catch (error) {
    throw new HoverslideError(
      'unavailable',
      `the C++ addon cannot be loaded: ${errorLine(error)}; 'hoverslide build-addon' compiles it for this machine`,
      { cause: error },
    );
  }
}
