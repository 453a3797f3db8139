// The modules of npm that run in an installation: those of the lock file, for one platform, without what only a build,
// a script of an installation, or a reader of sources needs.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { once, fingerprint, root, sh } from '../scripts/steps.js';
import { work } from './tools.js';

/** Dependencies that a package declares and does not load at run time. */
const notAtRunTime = {
  hoverslide: ['node-addon-api', 'node-api-headers'], // to compile the addon
  'onnxruntime-node': ['adm-zip', 'global-agent'], // its install script, which fetches CUDA
};

/** Installs the modules of the lock file for a platform, without scripts. Returns the folder that has node_modules. */
export function installModules({ name, cpu }) {
  const folder = join(work, 'modules', name);
  once(`modules for ${name}`, join(folder, 'node_modules'), fingerprint(['package-lock.json']), () => {
    rmSync(join(root, folder), { recursive: true, force: true });
    mkdirSync(join(root, folder), { recursive: true });
    for (const file of ['package.json', 'package-lock.json'])
      copyFileSync(join(root, file), join(root, folder, file));
    const platform = ['--os=linux', `--cpu=${cpu}`, '--libc=glibc'];
    sh('npm', ['ci', '--omit=dev', '--ignore-scripts', '--prefer-offline', '--no-audit', ...platform], {
      cwd: join(root, folder),
    });
  });
  return join(root, folder);
}

/**
 * Lists the packages that a package loads at run time, as far as they are installed.
 * @param folder one with package.json and node_modules
 * @returns for each its folder relative to `folder` and its package.json, sorted by folder
 */
export function runtimeModules(folder) {
  const found = new Map();
  const visit = (at) => {
    const about = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8'));
    if (at !== folder) found.set(relative(folder, at), about);
    for (const name of Object.keys({ ...about.dependencies, ...about.optionalDependencies })) {
      if (notAtRunTime[about.name]?.includes(name)) continue;
      const next = installedAt(name, at, folder);
      if (next && !found.has(relative(folder, next))) visit(next);
    }
  };
  visit(folder);
  return [...found].map(([path, about]) => ({ path, about })).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Finds a package as Node does: in node_modules of the folder, or of one above it. */
function installedAt(name, from, top) {
  for (let at = from; ; at = dirname(at)) {
    const path = join(at, 'node_modules', name);
    if (existsSync(join(path, 'package.json'))) return path;
    if (at === top) return undefined; // an optional package of another platform
  }
}

/** Files of a package that no program loads. */
const notLoaded = [
  /\.(map|md|markdown|[cm]?ts|h|cc|gyp|gypi|html|flow)$/,
  /^(docs?|tests?|test-jest|examples?|benchmark|coverage|scripts?|install|\.github)\//,
];
const licence = /^(licen[cs]e|copying|notice|third.?party)/i;

/** Lists the files of a package that an installation needs, relative to its folder, sorted. */
export function loadedFiles(folder, { cpu }) {
  const foreign = new RegExp(`^bin/napi-v6/(?!linux/${cpu}/)`); // ONNX Runtime has all systems in one package
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)))
    .filter((file) => !file.startsWith('node_modules/') && !foreign.test(file))
    .filter((file) => licence.test(file) || !notLoaded.some((pattern) => pattern.test(file)))
    .sort();
}

/** Lists the texts of a package's licence and notices, relative to its folder. */
export function licenceFiles(folder) {
  return readdirSync(folder)
    .filter((file) => licence.test(file))
    .sort();
}
