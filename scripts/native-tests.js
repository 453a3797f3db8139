// Builds the C++ unit tests in a folder of their own, beside the addon's.
import { join } from 'node:path';
import { fingerprint, needTool, once, root, sh } from './steps.js';

export const testBinary = join(root, 'build', 'tests', 'hoverslide_tests');

export function buildTests() {
  once('C++ tests', 'build/tests/hoverslide_tests', fingerprint(['CMakeLists.txt', 'native']), () => {
    needTool('cmake', 'cmake');
    sh('cmake', ['-S', '.', '-B', 'build/tests', '-DHOVERSLIDE_TESTS=ON']);
    sh('cmake', ['--build', 'build/tests', '--parallel', '2']);
  });
}
