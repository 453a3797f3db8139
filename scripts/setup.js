// All the set-up a fresh checkout needs; a second call repeats nothing that is still valid. Uses Node alone.
import { fingerprint, needTool, once, sh } from './steps.js';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 17)) {
  console.error(`hoverslide set-up: Node ${process.versions.node} is too old; install Node 20.17 or newer`);
  process.exit(1);
}
needTool('python3', 'python3 python3-venv');

once(
  'npm',
  'node_modules/.package-lock.json',
  fingerprint(['package-lock.json'], process.versions.modules),
  () => {
    sh('npm', ['ci', '--ignore-scripts']);
  },
);
const { buildAddon } = await import('./addon.js');
const { fetchOpenSlide } = await import('./openslide.js');
buildAddon();
await fetchOpenSlide();

const sources = ['tsconfig.json', 'package-lock.json', 'src', 'pipelines', 'testkit', 'test', 'bench'];
once('typescript', 'dist/src', fingerprint(sources), () => {
  sh(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']);
});
