// The native parts of hoverslide itself, for each platform: the addon, and OpenSlide for npm's package.
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { compileAddon } from '../scripts/addon.js';
import { openSlideLibrary, openSlideWheel } from '../scripts/openslide.js';
import { fingerprint, fail, once, root } from '../scripts/steps.js';
import { fetchWheel, findWheel, takeOut } from '../scripts/wheel.js';
import { work, zigFolder } from './tools.js';

const sources = ['CMakeLists.txt', 'native', 'packaging/zig.cmake', 'packaging/requirements.txt'];

/** Name that node-gyp-build takes for an addon of Node-API that needs glibc. */
const addonName = 'hoverslide.glibc.node';

/** Compiles the addon with Zig, stripped. Returns its path. */
export function prebuiltAddon({ name, zig }) {
  const folder = join(work, 'prebuilds', name);
  const print = fingerprint([...sources, 'package-lock.json'], zig);
  once(`addon for ${name}`, join(folder, addonName), print, () => {
    const tree = join(work, 'cmake', name);
    rmSync(join(root, tree), { recursive: true, force: true });
    compileAddon(tree, tree, [
      '-DCMAKE_TOOLCHAIN_FILE=packaging/zig.cmake',
      `-DZIG=${join(zigFolder(), 'zig')}`,
      `-DZIG_TARGET=${zig}`,
      '-DCMAKE_SHARED_LINKER_FLAGS=-s',
    ]);
    mkdirSync(join(root, folder), { recursive: true });
    copyFileSync(join(root, tree, 'hoverslide.node'), join(root, folder, addonName));
  });
  return join(root, folder, addonName);
}

/** Fetches the OpenSlide project's own wheel for a platform. Returns its path. */
export async function openSlideFor({ name, tag }) {
  const folder = join(root, work, 'openslide', name);
  mkdirSync(folder, { recursive: true });
  const found = await findWheel(openSlideWheel, folder);
  if (found) return found;
  const file = await fetchWheel(openSlideWheel, folder, ['--platform', tag]);
  return file ?? fail(`pip cannot fetch ${openSlideWheel.name} ${openSlideWheel.version} for ${tag}`);
}

/** Puts a platform's addon and OpenSlide under `prebuilds/` of a folder. */
export async function addPrebuilds(platform, folder) {
  const target = join(folder, 'prebuilds', platform.name);
  mkdirSync(target, { recursive: true });
  copyFileSync(prebuiltAddon(platform), join(target, addonName));
  await takeOut(await openSlideFor(platform), [openSlideLibrary], target);
}
