// Compiles the TypeScript sources into dist/. TypeScript 7 does it in a tenth of 6's time; 6 stays for ESLint and TypeDoc,
// which need its programming interface.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fingerprint, once, root, sh } from './steps.js';

export const compiler = 'node_modules/typescript-7/bin/tsc';

/** A test file is named as it is written; the compiled one is what runs. */
export const compiledTest = (name) => name.replace(/^(?:\.\/)?(test\/.*)\.ts$/, 'dist/$1.js');

export function compile() {
  const sources = [
    'tsconfig.json',
    'package-lock.json',
    'src',
    'pipelines',
    'examples',
    'testkit',
    'test',
    'bench',
  ];
  once('typescript', 'dist/src', fingerprint(sources), () => {
    removeOrphans();
    sh(process.execPath, [compiler, '-p', 'tsconfig.json']);
  });
}

/** Removes what was compiled from a source that is gone: a test that was moved would still run. */
function removeOrphans() {
  const dist = join(root, 'dist');
  if (!existsSync(dist)) return;
  for (const name of readdirSync(dist, { recursive: true })) {
    if (name.startsWith(`viewer${sep}`)) continue; // bundled, from sources of other names
    const compiled = /^(.*)(\.d\.ts|\.js|\.js\.map)$/.exec(name);
    if (compiled && !existsSync(join(root, `${compiled[1]}.ts`))) rmSync(join(dist, name));
  }
}
