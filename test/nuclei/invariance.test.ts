// The promise of `seamless`: a blob gives the same nuclei, bit for bit, in whatever window it is seen.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { seamlessBlocks } from '../../pipelines/field/postprocess.js';
import type { NucleiBlock } from '../../src/nuclei/block.js';
import { segmentBlobs } from '../../src/nuclei/kernel.js';
import { readMaps } from '../../src/nuclei/map-folder.js';
import { packMaps } from '../../src/nuclei/maps.js';
import { emptyMaps, noiseMaps, seeded, tissueMaps, type TestMaps } from '../../testkit/maps.js';
import { needs } from '../../testkit/needs.js';
import { shared } from '../../testkit/shared.js';
import { blobBuffer, findBlobs, margin, type PackedMap } from '../../testkit/blobs.js';
import { constants } from '../../testkit/constants.js';

/** Nuclei of each blob of a window, by the blob's first pixel in the whole map. */
function nucleiByBlob(
  map: PackedMap,
  keep: (box: { x0: number; y0: number; x1: number; y1: number }) => boolean,
) {
  const byBlob = new Map<string, NucleiBlock>();
  for (const blob of findBlobs(map)) {
    if (!keep(blob.box)) continue;
    const first = blob.pixels[0]!;
    const x = (first % map.width) + (map.x0 ?? 0);
    const y = Math.floor(first / map.width) + (map.y0 ?? 0);
    byBlob.set(`${x},${y}`, segmentBlobs(blobBuffer(map, [blob]), constants));
  }
  return byBlob;
}

function crop({ width, packed, rgb }: TestMaps, x0: number, y0: number, w: number, h: number): PackedMap {
  const part = {
    width: w,
    height: h,
    packed: new Uint8Array(4 * w * h),
    rgb: new Uint8Array(3 * w * h),
    x0,
    y0,
  };
  for (let y = 0; y < h; ++y) {
    const at = (y0 + y) * width + x0;
    part.packed.set(packed.subarray(4 * at, 4 * (at + w)), 4 * y * w);
    part.rgb.set(rgb.subarray(3 * at, 3 * (at + w)), 3 * y * w);
  }
  return part;
}

/** Compares random windows with the whole map; gives the number of blobs and nuclei compared. */
function compareWindows(maps: TestMaps, windows: number, seed: number): { blobs: number; nuclei: number } {
  const random = seeded(seed);
  const whole = nucleiByBlob(maps, () => true);
  let blobs = 0;
  let nuclei = 0;
  for (let k = 0; k < windows; ++k) {
    const w = Math.min(maps.width, 40 + Math.floor(random() * maps.width));
    const h = Math.min(maps.height, 40 + Math.floor(random() * maps.height));
    const x0 = Math.floor(random() * (maps.width - w + 1));
    const y0 = Math.floor(random() * (maps.height - h + 1));
    const seen = nucleiByBlob(
      crop(maps, x0, y0, w, h),
      (box) => box.x0 >= margin && box.y0 >= margin && box.x1 + margin <= w && box.y1 + margin <= h,
    );
    for (const [first, block] of seen) {
      assert.deepEqual(block, whole.get(first), `blob at ${first} in the window ${w} x ${h} at ${x0}, ${y0}`);
      ++blobs;
      nuclei += block.count;
    }
  }
  return { blobs, nuclei };
}

test('random maps: windows give the nuclei of the whole map', () => {
  let blobs = 0;
  let nuclei = 0;
  for (let seed = 1; seed <= 12; ++seed) {
    const maps =
      seed % 2 === 0
        ? noiseMaps(150 + 13 * seed, 190 - 7 * seed, seed)
        : tissueMaps(320, 280, 3000 * seed, seed);
    const compared = compareWindows(maps, 20, seed);
    blobs += compared.blobs;
    nuclei += compared.nuclei;
  }
  assert.ok(blobs > 1000 && nuclei > 1000, `${blobs} blobs, ${nuclei} nuclei`);
});

const golden = shared('golden/maps');

test('real maps: windows give the nuclei of the whole map', needs(golden.missing), () => {
  let nuclei = 0;
  for (const name of readdirSync(golden.path).filter((entry) => /^(consep|monuseg|lizard)/.test(entry))) {
    const maps = readMaps(join(golden.path, name));
    const { rgb } = emptyMaps(maps.width, maps.height);
    nuclei += compareWindows({ ...maps, packed: packMaps(maps), rgb }, 12, 7).nuclei;
  }
  assert.ok(nuclei > 1000, `${nuclei} nuclei`);
});

test('the stitcher gives the nuclei of whole blobs', async () => {
  const maps = tissueMaps(700, 500, 12000, 3);
  const white = { ...maps, rgb: new Uint8Array(maps.rgb.length).fill(255) };
  const whole = segmentBlobs(blobBuffer(white, findBlobs(white)), constants);
  const key = (block: NucleiBlock, k: number) =>
    JSON.stringify([
      ...block.firstPixel.subarray(2 * k, 2 * k + 2),
      block.area[k],
      block.perimeter[k],
      ...block.centroid.subarray(2 * k, 2 * k + 2),
      block.share[k],
      block.probability[k],
      ...block.stain.subarray(4 * k, 4 * k + 4),
    ]);
  const stitched: string[] = [];
  for await (const block of seamlessBlocks(maps.packed, maps, constants)) {
    for (let k = 0; k < block.count; ++k) stitched.push(key(block, k));
  }
  const direct = Array.from({ length: whole.count }, (_, k) => key(whole, k));
  assert.deepEqual(stitched.sort(), direct.sort());
  assert.ok(stitched.length > 200);
});
