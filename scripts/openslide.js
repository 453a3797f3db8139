// Fetches the OpenSlide project's own build of libopenslide, a self-contained library in PyPI's openslide-bin wheel.
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fail, needTool, once, root } from './steps.js';
import { fetchWheel, takeOut } from './wheel.js';

const wheel = { name: 'openslide-bin', version: '4.0.1.2' };
const library = 'libopenslide.so.1';

export function fetchOpenSlide() {
  return once('openslide', `.cache/openslide/${library}`, wheel.version, async () => {
    needTool('python3', 'python3 python3-pip');
    mkdirSync(join(root, '.cache'), { recursive: true });
    const scratch = mkdtempSync(join(root, '.cache', 'openslide-'));
    try {
      const file = await fetchWheel(wheel, scratch);
      if (!file) fail(`pip cannot fetch ${wheel.name} ${wheel.version}`);
      const unpacked = join(scratch, 'unpacked');
      mkdirSync(unpacked);
      await takeOut(file, [library], unpacked);
      rmSync(join(root, '.cache', 'openslide'), { recursive: true, force: true });
      renameSync(unpacked, join(root, '.cache', 'openslide'));
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  });
}
