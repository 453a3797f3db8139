// All the set-up a fresh checkout needs; a second call repeats nothing that is still valid. Uses Node alone.
import { fingerprint, needTool, once, sh } from './steps.js';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `hoverslide set-up: Node ${process.versions.node} is too old; install Node 20.19 or newer, best 24`,
  );
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
const { compile } = await import('./typescript.js');
const { bundleViewer } = await import('./viewer.js');
buildAddon();
await fetchOpenSlide();
compile();
await bundleViewer();
