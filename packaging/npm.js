// npm's package: what `files` in package.json lists, with the prebuilt parts of every platform.
import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, sh } from '../scripts/steps.js';
import { addPrebuilds } from './prebuilds.js';
import { work } from './tools.js';

/** Copies the files that npm would pack from the checkout into a folder, with this package.json. */
export function copyPackage(about, folder) {
  rmSync(folder, { recursive: true, force: true });
  const [{ files }] = JSON.parse(
    sh('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { stdio: ['ignore', 'pipe', 'ignore'] }),
  );
  for (const { path } of files) cpSync(join(root, path), join(folder, path));
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(about, null, 2)}\n`);
}

/**
 * Makes the tarball. npm gives its files a fixed date and order.
 * @param documents files to add, name by name
 * @returns its path
 */
export async function makeTarball(about, platforms, documents, out) {
  const folder = join(root, work, 'npm');
  copyPackage(about, folder);
  for (const platform of platforms) await addPrebuilds(platform, folder);
  for (const [name, text] of Object.entries(documents)) writeFileSync(join(folder, name), text);
  const [{ filename }] = JSON.parse(
    sh('npm', ['pack', '--json', '--ignore-scripts'], { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] }),
  );
  mkdirSync(out, { recursive: true });
  renameSync(join(folder, filename), join(out, filename));
  return join(out, filename);
}
