// One virtual environment, .venv, for the Python parts: training, its tests, benchmarks, linters.
import { join } from 'node:path';
import { fingerprint, needTool, once, root, sh } from './steps.js';

const requirements = [
  'pipelines/distill/requirements.txt',
  'bench/requirements.txt',
  'scripts/requirements.txt',
  'test/slide/requirements.txt',
  'test/features/requirements.txt',
  'packaging/python/requirements.txt',
];

export const python = join(root, '.venv', 'bin', 'python');

export function preparePython() {
  once('python', '.venv/bin/python', fingerprint(requirements), () => {
    needTool('python3', 'python3 python3-venv python3-pip');
    console.error(
      '  fetches PyTorch and all that training needs into .venv: about 1.5 GB, some minutes, once',
    );
    sh('python3', ['-m', 'venv', '.venv']);
    const files = requirements.flatMap((file) => ['-r', file]);
    sh(python, ['-m', 'pip', 'install', ...files], { stdio: ['ignore', 2, 2] }); // pip says how far it is
  });
}
