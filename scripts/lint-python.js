// Lints the Python sources and checks their format.
import { join } from 'node:path';
import { preparePython } from './python-env.js';
import { sh } from './steps.js';

preparePython();
const ruff = join('.venv', 'bin', 'ruff');
sh(ruff, ['check', 'pipelines', 'bench', 'packaging', 'test', 'scripts']);
sh(ruff, ['format', '--check', 'pipelines', 'bench', 'packaging', 'test', 'scripts']);
