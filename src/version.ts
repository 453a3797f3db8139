import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { packageRoot } from './package-root.js';

const require = createRequire(import.meta.url);

/** This package's version. */
export const packageVersion = versionIn(join(packageRoot, 'package.json'));

/** Version of ONNX Runtime. Results are repeatable within one version. */
export const onnxruntimeVersion = versionIn(require.resolve('onnxruntime-node/package.json'));

function versionIn(file: string): string {
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
