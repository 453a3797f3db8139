// Builds the C++ addon with cmake-js, offline: the Node headers come from the node-api-headers package.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fingerprint, needTool, once, sh } from './steps.js';

const require = createRequire(import.meta.url);
const kernels = [
  'CMakeLists.txt',
  'native/addon',
  'native/slide',
  'native/model',
  'native/nuclei',
  'native/stitch',
  'native/evaluation',
];

export function buildAddon() {
  const print = fingerprint(kernels, process.versions.node.split('.')[0], process.arch);
  once('addon', 'build/addon/Release/hoverslide.node', print, () => {
    needTool('cmake', 'cmake');
    needTool('c++', 'g++');
    needTool('make', 'make');
    const cmakeJs = join(dirname(require.resolve('cmake-js/package.json')), 'bin', 'cmake-js');
    sh(process.execPath, [cmakeJs, 'compile', '--out', 'build/addon', '--parallel', '2']);
  });
}
