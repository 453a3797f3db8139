// Builds the C++ addon with cmake-js, offline: the Node headers come from the node-api-headers package.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fingerprint, needTool, once, root, sh } from './steps.js';

const require = createRequire(import.meta.url);
const notOfAddon = ['test', 'third_party'];

export function buildAddon() {
  const sources = readdirSync(join(root, 'native')).filter((name) => !notOfAddon.includes(name));
  const print = fingerprint(
    ['CMakeLists.txt', ...sources.map((name) => join('native', name))],
    process.versions.node.split('.')[0],
    process.arch,
  );
  once('addon', 'build/addon/Release/hoverslide.node', print, () => {
    needTool('cmake', 'cmake');
    needTool('c++', 'g++');
    needTool('make', 'make');
    const cmakeJs = join(dirname(require.resolve('cmake-js/package.json')), 'bin', 'cmake-js');
    const parallel = String(availableParallelism());
    sh(process.execPath, [
      cmakeJs,
      'compile',
      ...['--out', 'build/addon', '--target', 'hoverslide', '--parallel', parallel],
    ]);
  });
}
