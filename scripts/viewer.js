// Bundles the viewer's page into dist/viewer, and says whose code is in it.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compiler } from './typescript.js';
import { fail, fingerprint, once, root, sh } from './steps.js';

export function bundleViewer() {
  const sources = ['viewer', 'src/overlay', 'src/view', 'package-lock.json', 'scripts/viewer.js'];
  return once('viewer', 'dist/viewer/app.js', fingerprint(sources), bundle);
}

async function bundle() {
  sh(process.execPath, [compiler, '-p', 'viewer/tsconfig.json']);
  const { build } = await import('esbuild'); // not there before the packages are
  const out = join(root, 'dist', 'viewer');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [
      { in: 'viewer/main.ts', out: 'app' },
      { in: 'viewer/worker.ts', out: 'worker' },
      { in: 'viewer/app.css', out: 'app' },
    ],
    outdir: out,
    bundle: true,
    minify: true,
    format: 'iife',
    target: ['es2022'],
    legalComments: 'none', // they are in licences.txt
    metafile: true,
    logLevel: 'error',
  }).catch(() => fail('the page of the viewer does not bundle, see above'));
  copyFileSync(join(root, 'viewer', 'index.html'), join(out, 'index.html'));
  writeFileSync(join(out, 'licences.txt'), licences(Object.keys(metafile.inputs)));
}

/** The licences of the packages of which something is in the bundle. */
function licences(inputs) {
  const packages = new Set(
    inputs.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  );
  return [...packages]
    .sort()
    .map((name) => {
      const folder = join(root, 'node_modules', name);
      const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      return `${name} ${version} (${license})\n\n${licenceText(folder).trim()}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}

function licenceText(folder) {
  for (const name of ['LICENSE', 'LICENSE.txt', 'LICENSE.md']) {
    try {
      return readFileSync(join(folder, name), 'utf8');
    } catch {
      // under another name
    }
  }
  return fail(`${folder}: expected a licence, found none`);
}
