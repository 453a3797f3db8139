import assert from 'node:assert/strict';
import { join } from 'node:path';
import { beforeAll, describe, it } from 'vitest';
import { embeddedModel } from '../../src/model/embedded.js';
import { openModel } from '../../src/model/model.js';
import { Session } from '../../src/model/session.js';
import { packageRoot } from '../../src/package-root.js';
import { readPatches } from '../../src/slide/patches.js';
import { openSlide } from '../../src/slide/slide.js';
import { writeCrop } from '../../testkit/crop.js';
import { scratchFolder } from '../../testkit/folder.js';
import { matrix } from '../../testkit/matrix.js';
import { needs } from '../../testkit/needs.js';
import { assertSameBytes, fixedBytes, runProduct, stopProduct } from '../../testkit/product.js';
import { seamFigures } from '../../testkit/seams.js';
import { shared } from '../../testkit/shared.js';

const folder = scratchFolder();
const section = shared('slides/tcga-v5-a7re.tif');
const sample = join(packageRoot, 'samples', 'CMU-1-Small-Region.svs');

/** 0.1 mm2 each: skin at 20x, resampled, and glands with an edge of the tissue at 40x, as they are. */
const regions = [
  {
    name: 'sample',
    source: sample,
    rect: { x: 1000, y: 800, width: 634, height: 634 },
    mpp: 0.499,
    ways: matrix.filter((_, k) => (k + 2 * Math.floor(k / 3)) % 3 === 1), // every read block, workers, sessions
    missing: false as const,
  },
  {
    name: 'section',
    source: section.path,
    rect: { x: 6500, y: 2600, width: 1270, height: 1270 },
    mpp: 0.25, // taken as it is
    ways: [{ readBlock: 8, workers: 2, threads: 1 }],
    missing: section.missing,
  },
];

for (const { name, source, rect, mpp, ways, missing } of regions) {
  describe(`the real net's bytes of 0.1 mm2 of tissue (${name})`, needs(missing), () => {
    const slide = join(folder, `${name}.tif`);
    const options = { model: embeddedModel, tissueMask: true };
    let expected: Buffer[];
    let first: string;

    beforeAll(async () => {
      await writeCrop(source, rect, slide);
      const { result } = await runProduct(slide, join(folder, 'first'), { ...options, ...matrix[0] });
      first = result.folder;
      expected = await fixedBytes(first);
      assert.ok(result.summary.count > 150, `only ${result.summary.count} nuclei`);
    });

    it('do not depend on read blocks, workers, queues or threads of the net', async () => {
      for (const way of ways) {
        const { result } = await runProduct(slide, join(folder, 'others'), { ...options, ...way });
        await assertSameBytes(result.folder, expected, JSON.stringify(way));
      }
    });

    it('hold no nucleus that is doubled or cut at a line between patches', async ({ annotate }) => {
      const scale = 0.25 / mpp;
      const slide = { width: Math.ceil(rect.width / scale), height: Math.ceil(rect.height / scale) };
      const figures = await seamFigures(first, slide, scale);
      const { nuclei, overlapping, densityRatio, deviations, edgesOnLines } = figures;
      await annotate(
        `${nuclei} nuclei, ${overlapping} overlap; within 20 px of patch lines ${densityRatio.toFixed(2)} times as ` +
          `many per area as elsewhere (${deviations.toFixed(1)} standard deviations); ` +
          `boxes end at patch lines ${edgesOnLines.toFixed(2)} times as often as by chance`,
      );
      assert.equal(overlapping, 0);
      assert.ok(Math.abs(deviations) < 4, `${deviations} standard deviations`);
    });

    it('do not depend on a stop', async () => {
      const out = join(folder, 'stopped');
      await stopProduct(slide, out, { ...options, readBlock: 4, stopAt: 32 });
      const { result, notices } = await runProduct(slide, out, { ...options, ...ways.at(-1) });
      assert.match(notices.join(), /going on at patch [1-9]/);
      await assertSameBytes(result.folder, expected, 'after a stop');
    });
  });
}

describe("the real net's maps of a patch", () => {
  it('do not depend on its batch mates or on its place among them', async () => {
    const model = await openModel();
    const { patch } = model.card;
    const slide = await openSlide(sample);
    const origins = Int32Array.from({ length: 32 }, (_, n) => (n % 2 === 0 ? 800 + 60 * n : 700 + 50 * n));
    const [patches] = await readPatches(slide, 0.25 / slide.pixelSize.mpp, patch, origins);
    await slide.close();
    const session = await Session.open(model, { provider: 'cpu', threads: 2, batch: 16 });
    const size = patch * patch * 3;
    const together = await session.run(patches!);
    const turned = await session.run(
      Buffer.concat([patches!.subarray(5 * size), patches!.subarray(0, 5 * size)]),
    );
    const mapBytes = together.length / 16;
    const maps = (of: Uint8Array, place: number) =>
      Buffer.from(of.subarray(place * mapBytes, (place + 1) * mapBytes));
    for (let n = 0; n < 16; n++) {
      assert.ok(maps(together, n).equals(maps(turned, (n + 11) % 16)), `patch ${n} differs in another place`);
    }
    const alone = await session.run(patches!.slice(3 * size, 4 * size));
    assert.ok(maps(together, 3).equals(alone), 'a patch differs on its own');
  });
});
