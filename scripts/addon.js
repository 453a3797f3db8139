// Builds the C++ addon with cmake, offline: Node's headers come from the packages node-api-headers and node-addon-api.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fingerprint, needTool, once, root, sh } from './steps.js';

const require = createRequire(import.meta.url);
const notOfAddon = ['test', 'third_party'];

/** Builds the addon for this machine; src/native.ts prefers it to a prebuilt one. */
export function buildAddon() {
  const sources = readdirSync(join(root, 'native')).filter((name) => !notOfAddon.includes(name));
  const print = fingerprint(
    ['CMakeLists.txt', ...sources.map((name) => join('native', name))],
    process.versions.node.split('.')[0],
    process.arch,
  );
  once('addon', 'build/Release/hoverslide.node', print, () => {
    needTool('c++', 'g++');
    needTool('make', 'make');
    compileAddon('build/addon', 'build/Release');
  });
}

/**
 * Compiles the addon.
 * @param tree cmake's folder, relative to the root
 * @param out where hoverslide.node goes, relative to the root
 * @param options of cmake
 */
export function compileAddon(tree, out, options = []) {
  needTool('cmake', 'cmake');
  const headers = ['node-api-headers/include/node_api.h', 'node-addon-api/napi.h'].map((file) =>
    dirname(require.resolve(file)),
  );
  sh('cmake', [
    ...['-S', '.', '-B', tree],
    `-DNODE_HEADERS=${headers.join(';')}`,
    `-DCMAKE_LIBRARY_OUTPUT_DIRECTORY=${join(root, out)}`,
    ...options,
  ]);
  const parallel = String(availableParallelism());
  sh('cmake', ['--build', tree, '--target', 'hoverslide', '--parallel', parallel]);
}
