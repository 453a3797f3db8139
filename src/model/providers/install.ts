import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fetchWheel, findWheel, takeOut, wheelStem } from '#wheel';
import { errorLine, HoverslideError } from '../../errors.js';
import { naming } from '../../files.js';
import { packagedFile, runtimeFiles } from '../runtime.js';
import { systemHas } from './cuda.js';
import type { Wheel } from './packages.js';
import { manifestName, providerFolder, type Manifest } from './store.js';

export interface InstallOptions {
  /** A folder of wheels to use instead of the package index. */
  readonly from?: string | undefined;
  /** Called at each step with a line for the user. */
  readonly say: (line: string) => void;
}

/**
 * Fetches wheels and takes their libraries out. Puts the libraries and a copy of ONNX Runtime into the provider folder,
 * which is replaced as a whole when everything is there. Complete wheels from an interrupted call are used again.
 * @throws HoverslideError `unavailable` if a wheel cannot be fetched, `missing` or `input` if it is not in `from` or is
 *   not the pinned one, `output` if it cannot be written or the disk has no space
 */
export async function installWheels(
  wheels: readonly Wheel[],
  { from, say }: InstallOptions,
): Promise<string> {
  const folder = providerFolder();
  const staging = `${folder}.partial`;
  const [fetched, unpacked] = [join(staging, 'wheels'), join(staging, 'unpacked')];
  const needed = wheels.filter((wheel) => {
    const served = wheel.preload.length > 0 && wheel.preload.every(systemHas);
    if (served) say(`${wheel.name}: the system's ${wheel.preload.join(', ')} serves`);
    return !served;
  });
  await naming(staging, async () => {
    await rm(unpacked, { recursive: true, force: true });
    await mkdir(fetched, { recursive: true });
    await mkdir(unpacked);
  });
  await needSpace(staging, needed);

  for (const wheel of needed) {
    const file = from === undefined ? await fetchPinned(wheel, fetched, say) : await givenWheel(wheel, from);
    say(`${wheel.name} ${wheel.version}: taking out ${wheel.libraries.length} libraries`);
    await unpack(file, wheel, unpacked);
  }
  for (const name of runtimeFiles)
    await naming(unpacked, () => copyFile(packagedFile(name), join(unpacked, name)));
  await writeManifest(unpacked, wheels, needed);
  await naming(folder, async () => {
    await rm(folder, { recursive: true, force: true });
    await rename(unpacked, folder);
    await rm(staging, { recursive: true });
  });
  return folder;
}

/** Removes the installed provider and the rest of an interrupted installation. Returns false if there was nothing. */
export async function removeInstalled(): Promise<boolean> {
  const folder = providerFolder();
  let found = false;
  for (const path of [folder, `${folder}.partial`]) {
    if (!(await stat(path).catch(() => undefined))) continue;
    found = true;
    await naming(path, () => rm(path, { recursive: true }));
  }
  return found;
}

/**
 * Platform and Python version of the pinned wheels. They do not depend on the local Python: only the libraries are
 * used.
 */
const platform = [
  ...['manylinux_2_28', 'manylinux_2_27', 'manylinux2014'].flatMap((tag) => ['--platform', `${tag}_x86_64`]),
  ...['--python-version', '3.12', '--implementation', 'cp', '--abi', 'cp312', '--abi', 'none'],
];

/** Fetches one wheel with pip. Keeps a complete one from an earlier call. */
async function fetchPinned(wheel: Wheel, folder: string, say: InstallOptions['say']): Promise<string> {
  const earlier = await wheelIn(folder, wheel);
  if (earlier) {
    if ((await sha256(earlier)) === wheel.sha256) return earlier;
    await rm(earlier);
  }
  say(`${wheel.name} ${wheel.version}: fetching ${megabytes(wheel.download)}`);
  const file = await fetchWheel(wheel, folder, platform).catch((cause: unknown) => {
    throw new HoverslideError(
      'unavailable',
      "'python3' is missing; on Debian or Ubuntu: apt-get install python3-pip",
      { cause },
    );
  });
  if (!file) {
    throw new HoverslideError(
      'unavailable',
      `pip cannot fetch ${wheel.name} ${wheel.version}: name a mirror in pip's settings (PIP_INDEX_URL), or a folder of wheels with --from`,
    );
  }
  await checkHash(file, wheel);
  return file;
}

async function givenWheel(wheel: Wheel, folder: string): Promise<string> {
  const file = await wheelIn(folder, wheel);
  if (!file) {
    throw new HoverslideError('missing', `--from ${folder}: expected ${wheelStem(wheel)}*.whl, found none`);
  }
  await checkHash(file, wheel);
  return file;
}

async function wheelIn(folder: string, wheel: Wheel): Promise<string | undefined> {
  return findWheel(wheel, folder).catch((cause: unknown) => {
    throw new HoverslideError('missing', `${folder}: cannot be read as a folder of wheels`, { cause });
  });
}

async function checkHash(file: string, { sha256: expected }: Wheel): Promise<void> {
  const found = await sha256(file);
  if (found === expected) return;
  throw new HoverslideError(
    'input',
    `${file}: expected SHA-256 ${expected}, found ${found}: another build, or not whole`,
  );
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function unpack(file: string, { libraries }: Wheel, folder: string): Promise<void> {
  await takeOut(file, libraries, folder).catch((cause: unknown) => {
    throw new HoverslideError(
      'output',
      `${basename(file)}: cannot take its libraries out into ${folder}: ${errorLine(cause)}`,
      { cause },
    );
  });
}

async function writeManifest(
  folder: string,
  wheels: readonly Wheel[],
  unpacked: readonly Wheel[],
): Promise<void> {
  const names = [...unpacked.flatMap((wheel) => wheel.libraries), ...runtimeFiles];
  const sizes = names.map(async (name) => [name, (await stat(join(folder, name))).size] as const);
  const manifest: Manifest = {
    wheels: Object.fromEntries(unpacked.map(({ name, version }) => [name, version])),
    files: Object.fromEntries(await Promise.all(sizes)),
    preload: wheels.flatMap((wheel) => wheel.preload),
  };
  const path = join(folder, manifestName);
  await naming(path, () => writeFile(path, `${JSON.stringify(manifest, null, 2)}\n`));
}

async function needSpace(folder: string, wheels: readonly Wheel[]): Promise<void> {
  const needed = wheels.reduce((sum, { download, installed }) => sum + download + installed, 0);
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= needed) return;
  throw new HoverslideError(
    'output',
    `${folder}: expected ${megabytes(needed)} of free space, found ${megabytes(bavail * bsize)}; XDG_CACHE_HOME names another place`,
  );
}

export function megabytes(bytes: number): string {
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
