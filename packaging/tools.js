// Python tools of packaging in a virtual environment of their own, and where its files lie.
import { join } from 'node:path';
import { fingerprint, needTool, once, root, sh } from '../scripts/steps.js';

/** Folder of everything that is made on the way, relative to the root. */
export const work = 'build/packaging';

const venv = join(work, 'venv');
export const python = join(root, venv, 'bin', 'python');

export function prepareTools() {
  once('packaging tools', join(venv, 'bin', 'python'), fingerprint(['packaging/requirements.txt']), () => {
    needTool('python3', 'python3 python3-venv python3-pip');
    sh('python3', ['-m', 'venv', venv]);
    sh(python, ['-m', 'pip', 'install', '--quiet', '-r', 'packaging/requirements.txt'], {
      stdio: ['ignore', 2, 2],
    });
  });
}

/** Folder of the package ziglang: the compiler and the sources of what it links in. */
export function zigFolder() {
  return sh(python, [
    '-c',
    "import importlib.util as u; print(u.find_spec('ziglang').submodule_search_locations[0])",
  ]).trim();
}
