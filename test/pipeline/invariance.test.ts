import assert from 'node:assert/strict';
import { join } from 'node:path';
import { beforeAll, describe, it } from 'vitest';
import { segmentBlobs } from '../../src/nuclei/kernel.js';
import type { ModelCard } from '../../src/model/card.js';
import { openModel } from '../../src/model/model.js';
import { blobBuffer, findBlobs } from '../../testkit/blobs.js';
import { borderNuclei, largeShapes, longComb, type PaintedDisc } from '../../testkit/adversaries.js';
import { scratchFolder } from '../../testkit/folder.js';
import { matrix } from '../../testkit/matrix.js';
import type { Canvas } from '../../testkit/paint.js';
import { assertSameBytes, fixedBytes, readTable, runProduct, stopProduct } from '../../testkit/product.js';
import { stubGround, stubModel } from '../../testkit/stub.js';

const folder = scratchFolder();

/** What is stopped, and goes on otherwise than it began. */
const resumes = [
  { stopped: { readBlock: 4, workers: 1 }, resumed: { readBlock: 16, workers: 8 }, share: 0.3 },
  { stopped: { readBlock: 4, workers: 8 }, resumed: { readBlock: 8, workers: 1 }, share: 0.8 },
];

const cases = [
  { name: 'borders', canvas: borderNuclei().canvas, cutBlobs: 0 },
  { name: 'large shapes', canvas: largeShapes(), cutBlobs: 1 },
  { name: 'a comb', canvas: longComb(), cutBlobs: 1 },
];

for (const [nth, { name, canvas, cutBlobs }] of cases.entries()) {
  describe(`the bytes of a slide (${name})`, () => {
    const slide = join(folder, `${name}.tif`);
    let expected: Buffer[];
    let patches: number;

    beforeAll(async () => {
      await canvas.write(slide);
      const { result } = await runProduct(slide, join(folder, 'first'), matrix[0]);
      expected = await fixedBytes(result.folder);
      patches = Math.ceil(canvas.width / 192) * Math.ceil(canvas.height / 192);
      assert.equal(result.summary.cut_blobs, cutBlobs);
      assert.ok(result.summary.count > 500, `only ${result.summary.count} nuclei`);
    });

    it('do not depend on read blocks, workers or queues', async () => {
      // A third of the ways for each slide: every read block, number of workers and of sessions, and together all of them.
      for (const options of matrix.filter((_, k) => (k + 2 * Math.floor(k / 3)) % 3 === nth)) {
        const { result } = await runProduct(slide, join(folder, 'matrix'), options);
        await assertSameBytes(result.folder, expected, JSON.stringify(options));
      }
    });

    it('do not depend on a stop, even if the run goes on with other read blocks and workers', async () => {
      for (const { stopped, resumed, share } of resumes) {
        const out = join(folder, `stopped at ${share}`);
        await stopProduct(slide, out, { ...stopped, stopAt: Math.floor(patches * share) });
        const { result, notices } = await runProduct(slide, out, resumed);
        assert.match(notices.join(), /going on at patch [1-9]/);
        await assertSameBytes(result.folder, expected, `stopped at ${share} of the patches`);
      }
    });
  });
}

describe('the nuclei of a slide', async () => {
  const { card } = await openModel(stubModel);

  it('are those of the whole map, segmented at once', async () => {
    // The large shapes, without the frame: a blob that is cut is not segmented at once.
    const canvas = largeShapes();
    const { width, height } = canvas;
    canvas.fill(
      0,
      0,
      width,
      height,
      stubGround,
      (x, y) => Math.min(x, y, width - 1 - x, height - 1 - y) < 60,
    );
    assertSameNuclei(await found(canvas, 'whole map'), expectedOf(canvas, card));
  });

  it('on borders and at edges are whole, once each, and where they were painted', async () => {
    const { canvas, discs } = borderNuclei();
    const nuclei = await found(canvas, 'border nuclei');
    const painted = discs.map((disc) => discKey(canvas, disc, card));
    assert.ok(painted.length > 900);
    assertSameNuclei(nuclei, painted);
  });
});

function assertSameNuclei(found: readonly string[], expected: readonly string[]): void {
  const without = (some: readonly string[], others: readonly string[]) => {
    const known = new Set(others);
    return some.filter((nucleus) => !known.has(nucleus)).sort();
  };
  assert.deepEqual(
    { extra: without(found, expected), missing: without(expected, found) },
    { extra: [], missing: [] },
  );
  assert.equal(found.length, expected.length);
}

/** What post-processing finds in all of a canvas at once. */
function expectedOf({ width, height, data }: Canvas, { seamless, classes }: ModelCard): string[] {
  const packed = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const np = 255 - data[3 * i]!;
    packed.set([np, data[3 * i + 1]!, data[3 * i + 2]!, Math.min(5, (np >> 4) & 7)], 4 * i);
  }
  const map = { width, height, packed, rgb: data };
  return findBlobs(map).flatMap((blob) => {
    const { count, centroid, box, type } = segmentBlobs(blobBuffer(map, [blob]), seamless!);
    return Array.from({ length: count }, (_, k) => {
      const [x, y, w, h] = box.subarray(4 * k, 4 * k + 4) as unknown as [number, number, number, number];
      const name = classes[type[k]!]!.name;
      return key(centroid[2 * k]!, centroid[2 * k + 1]!, [x, y, x + w, y + h], name);
    });
  });
}

/** What is to be found of a painted disc: the part of it that lies on the canvas. */
function discKey(
  { width, height, data }: Canvas,
  { x, y, radius }: PaintedDisc,
  { classes }: ModelCard,
): string {
  const box = [Infinity, Infinity, 0, 0] as [number, number, number, number];
  let [count, sumX, sumY, type] = [0, 0, 0, 0];
  for (let v = Math.max(0, Math.floor(y - radius)); v < Math.min(height, y + radius); v++) {
    for (let u = Math.max(0, Math.floor(x - radius)); u < Math.min(width, x + radius); u++) {
      if ((u + 0.5 - x) ** 2 + (v + 0.5 - y) ** 2 >= radius ** 2) continue;
      count++;
      [sumX, sumY] = [sumX + u + 0.5, sumY + v + 0.5];
      box.splice(
        0,
        4,
        Math.min(box[0], u),
        Math.min(box[1], v),
        Math.max(box[2], u + 1),
        Math.max(box[3], v + 1),
      );
      type = ((255 - data[3 * (v * width + u)]!) >> 4) & 7;
    }
  }
  return key(sumX / count, sumY / count, box, classes[type]!.name);
}

/** A nucleus as text: centroid, box and class. */
function key(x: number, y: number, box: readonly number[], type: string): string {
  return [x.toFixed(6), y.toFixed(6), ...box, type].join(' ');
}

async function found(canvas: Canvas, name: string): Promise<string[]> {
  const slide = join(folder, `${name}.tif`);
  await canvas.write(slide);
  const { result } = await runProduct(slide, join(folder, name));
  const names = ['centroid_x_px', 'centroid_y_px', 'class'] as const;
  const corners = ['bbox_xmin_px', 'bbox_ymin_px', 'bbox_xmax_px', 'bbox_ymax_px'] as const;
  const keys: string[] = [];
  for (const rows of await readTable(result.folder, [...names, ...corners])) {
    for (let k = 0; k < rows.count; k++) {
      const box = corners.map((corner) => rows[corner][k]!);
      keys.push(key(rows.centroid_x_px[k]!, rows.centroid_y_px[k]!, box, rows.class[k]!));
    }
  }
  return keys;
}
