// Builds the C++ unit tests in the addon's build tree, so that both link the same compiled kernels.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fingerprint, needTool, once, root, sh } from './steps.js';

const product = join('build', 'addon', 'hoverslide_tests');
export const testBinary = join(root, product);

export function buildTests() {
  once('C++ tests', product, fingerprint(['CMakeLists.txt', 'CMakePresets.json', 'native']), () => {
    needTool('cmake', 'cmake');
    sh('cmake', ['--preset', 'release']);
    const parallel = String(availableParallelism());
    sh('cmake', ['--build', '--preset', 'release', '--target', 'hoverslide_tests', '--parallel', parallel]);
  });
}
