// Formats the C++ sources, or with --check fails if one is not formatted.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { preparePython } from './python-env.js';
import { root, sh } from './steps.js';

preparePython();
const sources = readdirSync(join(root, 'native'), { recursive: true })
  .filter((name) => /\.(cc|h)$/.test(name) && !name.startsWith('third_party'))
  .map((name) => join('native', name));
sh(join('.venv', 'bin', 'clang-format'), [
  ...(process.argv.includes('--check') ? ['--dry-run', '--Werror'] : ['-i']),
  ...sources,
]);
