// Fetches the OpenSlide project's own build of libopenslide, a self-contained library in PyPI's openslide-bin wheel.
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { needTool, once, root, sh } from './steps.js';

const version = '4.0.1.2';

export function fetchOpenSlide() {
  once('openslide', '.cache/openslide/libopenslide.so.1', version, () => {
    needTool('python3', 'python3 python3-pip');
    mkdirSync(join(root, '.cache'), { recursive: true });
    const scratch = mkdtempSync(join(root, '.cache', 'openslide-'));
    try {
      sh('python3', [
        '-m',
        'pip',
        'download',
        '--quiet',
        '--no-deps',
        '--only-binary=:all:',
        '-d',
        scratch,
        `openslide-bin==${version}`,
      ]);
      const wheel = readdirSync(scratch).find((name) => name.endsWith('.whl'));
      sh('python3', ['-m', 'zipfile', '-e', join(scratch, wheel), scratch]);
      rmSync(join(root, '.cache', 'openslide'), { recursive: true, force: true });
      renameSync(join(scratch, 'openslide_bin'), join(root, '.cache', 'openslide'));
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  });
}
