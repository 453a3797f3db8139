// Checks every binary inside a package: for the processor that its place or the package's name says, and no newer glibc
// than the oldest that hoverslide supports.
import { Buffer } from 'node:buffer';
import { mkdtempSync, openSync, readSync, closeSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fail, sh } from '../scripts/steps.js';
import { compareVersions, isElf, newestGlibc, readElf } from './elf.js';
import { oldestGlibc } from './platforms.js';
import { python } from './tools.js';

/** Checks a wheel or a tarball. Returns what was found as text; ends the process with one line per wrong binary. */
export function checkBinaries(archive) {
  const folder = mkdtempSync(join(tmpdir(), 'hoverslide-check-'));
  try {
    if (archive.endsWith('.whl')) sh(python, ['-m', 'zipfile', '-e', archive, folder]);
    else sh('tar', ['xf', archive, '-C', folder]);
    const all = binariesIn(folder);
    const wrong = all.flatMap((file) =>
      fault(file, /aarch64|arm64/.test(archive + relative(folder, file)) ? 'arm64' : 'x64'),
    );
    if (all.length === 0) wrong.push(`${archive}: expected binaries inside, found none`);
    if (wrong.length > 0) fail(wrong.join('\n'));
    const newest = newestGlibc(all.flatMap((file) => readElf(file).versions));
    return `${all.length} binaries that need glibc ${newest} at most`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Returns what is wrong with a binary, as a list of at most one line. */
export function fault(file, processor) {
  const { machine, versions } = readElf(file);
  const glibc = newestGlibc(versions);
  if (machine !== processor) return [`${file}: expected a binary for ${processor}, found one for ${machine}`];
  if (glibc !== undefined && compareVersions(glibc, oldestGlibc) > 0)
    return [`${file}: expected to need glibc ${oldestGlibc} at most, found ${glibc}`];
  return [];
}

function binariesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter((file) => isElf(head(file)));
}

function head(file) {
  const bytes = Buffer.alloc(64);
  const handle = openSync(file);
  const length = readSync(handle, bytes, 0, bytes.length, 0);
  closeSync(handle);
  return bytes.subarray(0, length);
}
