// `npm run bench [name...]`: sets up what is missing, then measures.
import { spawnSync } from 'node:child_process';
import { root } from './steps.js';
import './setup.js';

const { preparePython } = await import('./python-env.js');
preparePython();
const { status } = spawnSync(process.execPath, ['dist/bench/main.js', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
