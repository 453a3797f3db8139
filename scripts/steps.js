// Set-up steps that are done once and repeated only when what they depend on has changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Every file at or below `path` (relative to the root), sorted, without build products. */
function filesBelow(path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (statSync(full).isFile()) return [full];
  return readdirSync(full, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter((file) => !/node_modules|__pycache__|\.pyc$/.test(file))
    .sort();
}

/** Hash of the contents of the files and folders that a step depends on. */
export function fingerprint(paths, ...extra) {
  const hash = createHash('sha256').update(JSON.stringify(extra));
  for (const path of paths) {
    for (const file of filesBelow(path)) hash.update(relative(root, file)).update(readFileSync(file));
  }
  return hash.digest('hex');
}

/** Runs `work` unless `product` exists and was made from the same `print`; gives a promise if `work` does. */
export function once(name, product, print, work) {
  const stamp = join(root, 'build', 'stamps', name);
  const valid = existsSync(join(root, product)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === print;
  if (valid) return;
  console.error(`hoverslide set-up: ${name}`);
  const done = () => {
    mkdirSync(dirname(stamp), { recursive: true });
    writeFileSync(stamp, print);
  };
  const result = work();
  return result instanceof Promise ? result.then(done) : done();
}

/** Runs a command in the root; ends the process with one line if it fails. */
export function sh(command, args, options = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    ...options,
  });
  if (result.error || result.status !== 0) {
    if (result.stdout) process.stderr.write(result.stdout);
    if (result.stderr) process.stderr.write(result.stderr);
    fail(`'${command} ${args.join(' ')}' failed${result.error ? `: ${result.error.message}` : ''}`);
  }
  return result.stdout;
}

/** Ends the process with one line naming what to install if a tool is missing. */
export function needTool(command, packages) {
  const found = spawnSync(command, ['--version'], { stdio: 'ignore' });
  if (found.error) fail(`'${command}' is missing; on Debian or Ubuntu: apt-get install ${packages}`);
}

export function fail(message) {
  console.error(`hoverslide set-up: ${message}`);
  process.exit(1);
}
