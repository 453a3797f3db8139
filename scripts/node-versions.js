// `npm run test:node`: a region of the sample under each Node release that is supported. The addon has to load there, the
// net to answer and the table to have the same bytes. npm brings the binaries, without root.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fail, once, root, sh } from './steps.js';
import './setup.js';

const releases = ['20', '22', '24'];
const own = process.versions.node.split('.')[0];

function binary(release) {
  const folder = join('.cache', `node-${release}`);
  const name = `node-linux-${process.arch}`;
  const path = join(folder, 'node_modules', name, 'bin', 'node');
  once(`node-${release}`, path, release, () => {
    sh('npm', ['install', '--no-save', '--prefix', folder, `${name}@${release}`]);
  });
  return join(root, path);
}

/** Hash of the table that a Node makes of 0.1 mm2 of the sample's skin. */
function tableHash(node, folder) {
  const [left, top, side] = [1000, 800, 634];
  const corner = (x, y) => [left + x * side, top + y * side];
  const ring = [corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1), corner(0, 0)];
  const mask = join(folder, 'mask.geojson');
  writeFileSync(mask, JSON.stringify({ type: 'Polygon', coordinates: [ring] }));
  const sample = 'samples/CMU-1-Small-Region.svs';
  const options = ['--mask', mask, '--provider', 'cpu', '--json', '-o', join(folder, 'out')];
  const { summary } = JSON.parse(sh(node, ['bin/hoverslide.cjs', 'run', sample, ...options]));
  if (summary.count === 0) fail('no nuclei were found in the sample');
  const table = readFileSync(join(folder, 'out', 'CMU-1-Small-Region', 'nuclei.parquet'));
  return createHash('sha256').update(table).digest('hex');
}

const hashes = new Set();
for (const release of releases) {
  const node = release === own ? process.execPath : binary(release);
  const folder = mkdtempSync(join(tmpdir(), 'hoverslide-node-'));
  try {
    const hash = tableHash(node, folder);
    hashes.add(hash);
    console.log(`Node ${sh(node, ['--version']).trim()}: table ${hash}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
if (hashes.size > 1) fail('the releases of Node do not make the same table');
