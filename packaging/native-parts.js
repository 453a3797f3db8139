// What is inside the packages besides modules of npm: linked into the addon, beside it, or data.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, sh } from '../scripts/steps.js';
import { openSlideWheel } from '../scripts/openslide.js';
import { python, zigFolder } from './tools.js';

/** Parts of Zig's tree that the linker puts into the addon: what, licence, text of the licence in Zig's folder. */
const linked = [
  ['libc++ (LLVM)', 'Apache-2.0 WITH LLVM-exception', 'lib/libcxx/LICENSE.TXT'],
  ['libc++abi (LLVM)', 'Apache-2.0 WITH LLVM-exception', 'lib/libcxxabi/LICENSE.TXT'],
  ['libunwind (LLVM)', 'Apache-2.0 WITH LLVM-exception', 'lib/libunwind/LICENSE.TXT'],
  ['compiler-rt (Zig)', 'MIT', 'LICENSE'],
];

/**
 * Lists the parts.
 * @returns for each: name, version, licence as SPDX writes it, where it is, the text of its licence if it has one of its own
 */
export async function nativeParts() {
  const zig = `of Zig ${sh(python, ['-m', 'ziglang', 'version']).trim()}`;
  const headers = JSON.parse(readFileSync(join(root, 'node_modules/node-addon-api/package.json'), 'utf8'));
  const { openModel } = await import('../dist/src/model/model.js'); // compiled by the set-up
  const { card } = await openModel();
  return [
    ...linked.map(([name, licence, file]) => ({
      name,
      version: zig,
      licence,
      where: 'in the addon',
      text: readFileSync(join(zigFolder(), file), 'utf8'),
    })),
    {
      name: 'node-addon-api',
      version: headers.version,
      licence: headers.license,
      where: 'in the addon',
      text: readFileSync(join(root, 'node_modules/node-addon-api/LICENSE.md'), 'utf8'),
    },
    { name: card.name, version: card.version, licence: card.licence, where: 'models/, see models/README.md' },
    {
      name: 'sample slides',
      version: '',
      licence: 'CC0-1.0 and TCGA open access',
      where: 'samples/, see samples/README.md',
    },
  ];
}

/** OpenSlide and what is linked into it: inside npm's package, beside the wheel. */
export const openSlidePart = {
  name: 'OpenSlide and the libraries in it (openslide-bin)',
  version: openSlideWheel.version,
  licence: 'LGPL-2.1-only, and further ones of the libraries in it',
};

const printTexts = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for name in sorted(name for name in wheel.namelist() if "/licenses/licenses/" in name):
        print("-" * 40, name.split("/licenses/licenses/")[1], "", wheel.read(name).decode(), sep="\\n")
`;

/** Returns the texts of OpenSlide's licences, from its wheel. */
export function openSlideTexts(wheel) {
  return sh(python, ['-c', printTexts, wheel]);
}
