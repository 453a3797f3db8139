// Fetches the OpenSlide project's own build of libopenslide, a self-contained library in PyPI's openslide-bin wheel.
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fail, needTool, once, root } from './steps.js';
import { fetchWheel, takeOut } from './wheel.js';

export const openSlideWheel = { name: 'openslide-bin', version: '4.0.1.2' };
export const openSlideLibrary = 'libopenslide.so.1';

export function fetchOpenSlide() {
  return once('openslide', `.cache/openslide/${openSlideLibrary}`, openSlideWheel.version, async () => {
    needTool('python3', 'python3 python3-pip');
    mkdirSync(join(root, '.cache'), { recursive: true });
    const scratch = mkdtempSync(join(root, '.cache', 'openslide-'));
    try {
      const file = await fetchWheel(openSlideWheel, scratch);
      if (!file) fail(`pip cannot fetch ${openSlideWheel.name} ${openSlideWheel.version}`);
      const unpacked = join(scratch, 'unpacked');
      mkdirSync(unpacked);
      await takeOut(file, [openSlideLibrary], unpacked);
      rmSync(join(root, '.cache', 'openslide'), { recursive: true, force: true });
      renameSync(unpacked, join(root, '.cache', 'openslide'));
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  });
}
