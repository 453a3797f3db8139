// Libraries out of PyPI's wheels. Plain JavaScript, since the set-up needs OpenSlide before anything is compiled.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';

/** How the file names of a wheel begin: PEP 427 writes a name's dashes as underscores. */
export function wheelStem({ name, version }) {
  return `${name.replaceAll('-', '_')}-${version}-`;
}

/** Finds a wheel in a folder; rejects if the folder cannot be read. */
export async function findWheel(wheel, folder) {
  const names = await readdir(folder);
  const found = names.find((name) => name.startsWith(wheelStem(wheel)) && name.endsWith('.whl'));
  return found && join(folder, found);
}

/** The Python whose pip fetches wheels: that of the Python package, which says so, or the path's. */
const python = process.env.HOVERSLIDE_PYTHON || 'python3';

/** Fetches one wheel with pip, whose own settings name mirrors, proxies and certificates. What pip says goes to stderr. */
export async function fetchWheel(wheel, folder, platform = []) {
  const choice = ['--no-deps', '--only-binary=:all:', ...platform];
  const target = [`${wheel.name}==${wheel.version}`, '--dest', folder];
  const pip = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', ...choice, ...target];
  const code = await new Promise((resolve, reject) => {
    spawn(python, pip, { stdio: ['ignore', 2, 2] })
      .on('error', reject)
      .on('close', resolve);
  });
  return code === 0 ? findWheel(wheel, folder) : undefined;
}

/** Takes files out of a wheel, which is a ZIP file, into one flat folder. yauzl checks their paths and sizes. */
export async function takeOut(file, names, folder) {
  const wanted = new Set(names);
  const zip = await yauzl.openPromise(file);
  try {
    for await (const entry of zip.eachEntry()) {
      const name = basename(entry.fileName);
      if (!wanted.delete(name)) continue;
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(join(folder, name)));
    }
  } finally {
    zip.close();
  }
  if (wanted.size > 0) throw new Error(`expected ${[...wanted].join(', ')} in it, found none`);
}
