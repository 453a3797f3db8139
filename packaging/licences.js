// THIRD-PARTY.txt: the licences of everything inside a package.
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fail, root } from '../scripts/steps.js';
import { fetchWheel, findWheel, takeOut } from '../scripts/wheel.js';
import { licenceFiles } from './modules.js';
import { work } from './tools.js';

const common = '/usr/share/common-licenses';

/**
 * Writes the text: a list of what is inside, then each licence.
 * @param modules of npm, as runtimeModules lists them below `folder`
 * @param parts as nativeParts lists them
 */
export async function thirdPartyText(folder, modules, parts) {
  const ofModules = modules.map(({ path, about }) => ({
    name: about.name,
    version: about.version,
    licence: licenceOf(about),
    where: 'module of npm',
    text: textOf(join(folder, path), about),
  }));
  const all = [...parts, ...ofModules];
  const list = all.map(({ name, version, licence, where }) => `${name} ${version}: ${licence} (${where})`);
  const further = [
    { name: 'ONNX Runtime', version: 'and what is inside it', text: await onnxRuntimeNotices(folder) },
    // The LGPL of libvips, OpenSlide and glib is a supplement to the GPL.
    ...['LGPL-2.1', 'LGPL-3', 'GPL-3'].map((name) => ({ name, version: '', text: commonLicence(name) })),
  ];
  const texts = [...all, ...further].filter(({ text }) => text);
  return [
    'hoverslide is under the Apache License 2.0 (LICENSE). Inside this package, under licences of their own:\n',
    ...list,
    '\nLibraries under the LGPL are separate shared objects that may be replaced: libvips-cpp.so in node_modules/@img,',
    'libopenslide.so.1. Their sources: github.com/lovell/sharp-libvips, github.com/openslide/openslide-bin.',
    ...texts.map(({ name, version, text }) => `\n${'='.repeat(78)}\n${name} ${version}\n\n${text.trim()}`),
    '',
  ].join('\n');
}

/** Returns a package's licence as SPDX writes it. */
export function licenceOf({ name, license }) {
  return typeof license === 'string'
    ? license
    : fail(`${name}: expected a licence in package.json, found none`);
}

/** Returns the texts of a module; that of sharp's libvips names the licences of all that is in it in its README. */
function textOf(folder, { name, license, author }) {
  const files = licenceFiles(folder);
  if (files.length === 0 && existsSync(join(folder, 'README.md')) && name.startsWith('@img/'))
    files.push('README.md');
  if (files.length > 0)
    return files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
  return `Its package has no text of the licence ${license}; author: ${author?.name ?? author ?? 'not named'}`;
}

/** npm's package of ONNX Runtime lacks the notices of what is inside it; PyPI's of the same version has them. */
async function onnxRuntimeNotices(folder) {
  const { version } = JSON.parse(
    readFileSync(join(folder, 'node_modules/onnxruntime-node/package.json'), 'utf8'),
  );
  const cache = join(root, work, 'onnxruntime');
  const notices = ['ThirdPartyNotices.txt', 'LICENSE'];
  mkdirSync(cache, { recursive: true });
  if (notices.some((file) => !readdirSync(cache).includes(file))) {
    const wheel = { name: 'onnxruntime', version };
    const platform = [
      '--platform',
      'manylinux_2_28_x86_64',
      '--platform',
      'manylinux_2_27_x86_64',
      '--python-version',
      '3.12',
    ];
    const file = (await findWheel(wheel, cache)) ?? (await fetchWheel(wheel, cache, platform));
    if (!file) fail(`pip cannot fetch onnxruntime ${version}, which has its notices`);
    await takeOut(file, notices, cache);
  }
  return notices
    .reverse()
    .map((file) => readFileSync(join(cache, file), 'utf8').trim())
    .join('\n\n');
}

function commonLicence(name) {
  const file = join(common, name);
  if (!existsSync(file)) fail(`${file}: expected the text of the licence, as Debian has it, found no file`);
  return readFileSync(file, 'utf8');
}
