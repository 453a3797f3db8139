// The programs of examples/, as a user runs them: with a real slide and the embedded net.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { writeCrop } from '../../testkit/crop.js';
import { scratchFolder } from '../../testkit/folder.js';

const folder = scratchFolder();
const slide = join(folder, 'skin.tif');

function example(name: string, ...args: string[]): string {
  const program = join(packageRoot, 'dist', 'examples', `${name}.js`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout;
}

beforeAll(async () => {
  const sample = join(packageRoot, 'samples', 'CMU-1-Small-Region.svs');
  await writeCrop(sample, { x: 1000, y: 800, width: 320, height: 320 }, slide);
});

it('a slide says what it is', () => {
  assert.match(example('describe-slide', slide), /^320 x 320 px of 0\.499 um \(.+\), 1 level/);
});

it('a slide is segmented, and its table read', () => {
  const counts = example('segment-slide', slide, folder);
  assert.match(counts, /^neoplastic: \d+$/m);
  assert.match(counts, new RegExp(`^the table is in ${join(folder, 'skin')}$`, 'm'));
  assert.match(example('mean-areas', join(folder, 'skin', 'nuclei.parquet')), /^neoplastic: \d+\.\d um2$/m);
});
