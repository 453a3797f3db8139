import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { packageRoot } from './package-root.js';

const require = createRequire(import.meta.url);

interface About {
  readonly version: string;
  /** The commit, as npm names it; `npm run package` sets it. */
  readonly gitHead?: string;
}

const about = read(join(packageRoot, 'package.json'));

/** This package's version. */
export const packageVersion = about.version;

/** Version of ONNX Runtime. Results are repeatable within one version. */
export const onnxruntimeVersion = read(require.resolve('onnxruntime-node/package.json')).version;

function read(file: string): About {
  return JSON.parse(readFileSync(file, 'utf8')) as About;
}

/** Returns the commit of this package, seven digits; in a checkout git says it. Undefined where nothing does. */
export function packageCommit(): string | undefined {
  if (about.gitHead !== undefined) return about.gitHead.replace(/^([0-9a-f]{7})[0-9a-f]*/, '$1');
  if (!existsSync(join(packageRoot, '.git'))) return undefined;
  const { status, stdout } = spawnSync('git', ['-C', packageRoot, 'rev-parse', '--short=7', 'HEAD'], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : undefined;
}

/**
 * Returns the part of a version on which tables depend: a change of results raises the second number or the first
 * (CONTRIBUTING.md), so 0.2.1 makes the tables of 0.2.0.
 */
export function resultsVersion(version: string): string {
  return version.split('.', 2).join('.');
}
