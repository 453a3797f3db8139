import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { chmod, chown, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, it } from 'vitest';
import { openEngine } from '../../pipelines/engine/engine.js';
import { overlayOf } from '../../pipelines/overlay/overlay-of-slide.js';
import { runSlide } from '../../pipelines/slide/run-slide.js';
import { openModel } from '../../src/model/model.js';
import { Overlay } from '../../src/overlay/read.js';
import { writeOverlay } from '../../src/overlay/write.js';
import { packageRoot } from '../../src/package-root.js';
import { ModelSpace } from '../../src/slide/model-space.js';
import type { TableContext, TableFacts } from '../../src/table/context.js';
import { openTable } from '../../src/table/open.js';
import { rowsOf } from '../../src/table/rows.js';
import { SlideFolder } from '../../src/table/slide-folder.js';
import { writeSlides } from '../../testkit/cohort-slides.js';
import { scratchFolder } from '../../testkit/folder.js';
import { needs } from '../../testkit/needs.js';
import { runProduct } from '../../testkit/product.js';
import { python } from '../../testkit/python.js';
import { stubModel } from '../../testkit/stub.js';
import { context, facts, squares } from '../table/fixtures.js';
import { checkOverlay } from './check-overlay.js';

const scratch = scratchFolder();

type Squares = Parameters<typeof squares>[0];

/** Writes a table of squares on a slide of `size` px; `scale` level-0 px per model px. */
async function writeSquares(
  path: string,
  list: Squares,
  { size = 4_000, scale = 2, mpp = 0.125 } = {},
): Promise<string> {
  const quality = { largest_um2: 200 * (scale * mpp) ** 2 };
  const own: TableContext = { ...context, space: new ModelSpace(size, size, scale, mpp), quality };
  const ownFacts: TableFacts = { ...facts, slide: { ...facts.slide, width: size, height: size, mpp } };
  const table = await openTable('parquet', path, ownFacts);
  await table.write(rowsOf(squares(list), own));
  await table.close();
  return path;
}

/** Squares of 3 to 16 px around a place in model px, of which some have holes and some are too large to count. */
function crowd(count: number, left: number, top: number, spread: number): Squares {
  let state = 1;
  const random = (below: number) => (state = (state * 48_271) % 2_147_483_647) % below;
  return Array.from({ length: count }, () => {
    const side = 3 + random(14);
    const hole = side > 6 && random(8) === 0 ? { hole: side - 2 * (1 + random(2)) } : {};
    return { x: left + random(spread), y: top + random(spread), side, type: random(3), ...hole };
  });
}

describe('the overlay of a table', () => {
  const run = { folder: '', notices: [] as readonly string[] };

  beforeAll(async () => {
    // Real tissue of 0.499 um/px, so that outlines are multiples of 0.501... px.
    const slide = join(packageRoot, 'samples', 'CMU-1-Small-Region.svs');
    const { result, notices } = await runProduct(slide, join(scratch, 'run'));
    Object.assign(run, { folder: result.folder, notices });
  });

  it('that a run writes beside it says the same as the table, and its outlines are exact', async () => {
    const folder = new SlideFolder(run.folder);
    const bytes = await checkOverlay(folder.table('parquet'), folder.overlay);
    const other = join(scratch, 'other-unit.overlay');
    await writeOverlay(folder.table('parquet'), 1, other);
    // Whole multiples of another unit are few: the others take eight bytes a vertex, and are as exact.
    assert.ok((await checkOverlay(folder.table('parquet'), other)) > 4 * bytes);
  });

  it('is the same in every run', async () => {
    const folder = new SlideFolder(run.folder);
    const again = join(scratch, 'again.overlay');
    await writeOverlay(folder.table('parquet'), 0.25 / 0.499, again);
    assert.ok((await readFile(again)).equals(await readFile(folder.overlay)));
  });

  it.each([
    ['near the origin', 300, 0, 0, 3_000, { size: 4_000, scale: 2, mpp: 0.125 }],
    ['in many leaves', 12_000, 100, 100, 9_000, { size: 10_000, scale: 1, mpp: 0.25 }],
    ['in one place', 6_000, 180_000, 199_000, 40, { size: 200_000, scale: 1, mpp: 0.25 }],
    ['200,000 px away', 9_000, 110_000, 196_000, 3_000, { size: 219_100, scale: 0.25 / 0.2277, mpp: 0.2277 }],
    ['where a px is 0.5 um', 9_000, 1_000, 7_000, 50_000, { size: 60_000, scale: 0.5, mpp: 0.5 }],
  ])('says the same: %s', async (name, count, left, top, spread, slide) => {
    const path = join(scratch, `${name}.parquet`);
    const { scale } = slide;
    await writeSquares(path, crowd(count, left / scale, top / scale, spread / scale), slide);
    await writeOverlay(path, scale, `${path}.overlay`);
    const bytes = await checkOverlay(path, `${path}.overlay`);
    assert.ok(bytes < 20 * count, `outlines of squares take ${bytes / count} bytes each`);
  });

  it('has no leaf where there is no nucleus, and one for one', async () => {
    for (const count of [0, 1]) {
      const path = join(scratch, `${count}.parquet`);
      await writeSquares(path, crowd(count, 500, 500, 100));
      await writeOverlay(path, 2, `${path}.overlay`);
      await checkOverlay(path, `${path}.overlay`);
      const overlay = await Overlay.open(`${path}.overlay`);
      assert.equal(overlay.directory.leaves.block.length, count);
      assert.equal(overlay.directory.densities[0]!.block.length, count);
      await assert.rejects(overlay.block(overlay.directory.blocks.length.length), RangeError);
      await overlay.close();
    }
  });
});

const arrow = python('pyarrow');
it(
  'a table that another program wrote anew has the same overlay, but for the hash',
  needs(arrow.missing),
  async () => {
    const [path, other] = [join(scratch, 'ours.parquet'), join(scratch, 'theirs.parquet')];
    await writeSquares(path, crowd(9_000, 100, 100, 900));
    const script = `
import sys, pyarrow.parquet as pq
pq.write_table(pq.read_table(sys.argv[1]), sys.argv[2], compression="snappy", row_group_size=8192)`;
    arrow.run('-c', script, path, other);
    for (const each of [path, other]) {
      await writeOverlay(each, 2, `${each}.overlay`);
      await checkOverlay(each, `${each}.overlay`);
    }
    const [ours, theirs] = [await Overlay.open(`${path}.overlay`), await Overlay.open(`${other}.overlay`)];
    assert.deepEqual({ ...theirs.directory, table: '' }, { ...ours.directory, table: '' });
    await ours.close();
    await theirs.close();
  },
);

describe('a damaged overlay', () => {
  it('is told apart, whichever byte is wrong or missing', async () => {
    const path = join(scratch, 'small.parquet');
    await writeSquares(path, crowd(20, 500, 500, 100));
    const overlay = `${path}.overlay`;
    await writeOverlay(path, 2, overlay);
    const good = await readFile(overlay);
    const damaged = join(scratch, 'damaged.overlay');
    const fault = async (bytes: Uint8Array) => {
      await writeFile(damaged, bytes);
      let opened: Overlay | undefined;
      try {
        opened = await Overlay.open(damaged);
        await opened.check();
      } catch (error) {
        return (error as Error).message;
      } finally {
        await opened?.close();
      }
      return 'none';
    };
    assert.equal(await fault(good), 'none');
    for (let at = 0; at < good.length; at++) {
      const bytes = Uint8Array.from(good);
      bytes[at]! ^= 1 + (at % 255);
      const line = await fault(bytes);
      assert.match(line, at === 7 ? /^\S+: expected layout 1 / : /^\S+ is damaged: [^\n]+$/, `byte ${at}`);
    }
    for (let length = 0; length < good.length; length += 7) {
      assert.match(await fault(good.subarray(0, length)), /is damaged/, `${length} bytes`);
    }
  });
});

describe('overlayOf', () => {
  async function slideFolder(name: string): Promise<SlideFolder> {
    const folder = new SlideFolder(join(scratch, name));
    await mkdir(folder.path);
    await writeSquares(folder.table('parquet'), crowd(50, 500, 500, 1_000));
    return folder;
  }
  const notices: string[] = [];
  const notice = (text: string) => notices.push(text);
  const told = () => notices.splice(0);

  it('makes one beside the table, once', async () => {
    const folder = await slideFolder('once');
    assert.equal(await overlayOf(folder, { notice, cache: join(scratch, 'unused') }), folder.overlay);
    await checkOverlay(folder.table('parquet'), folder.overlay);
    const before = await readFile(folder.overlay);
    assert.equal(await overlayOf(folder, { notice }), folder.overlay);
    assert.ok((await readFile(folder.overlay)).equals(before));
    assert.deepEqual(told(), []);
    assert.ok(!(await readdir(scratch)).includes('unused'));
  });

  it('makes it anew with a notice where it is damaged, or the table has changed', async () => {
    const folder = await slideFolder('anew');
    await overlayOf(folder, { notice });
    const good = await readFile(folder.overlay);

    await truncate(folder.overlay, good.length - 1);
    await overlayOf(folder, { notice });
    assert.match(told().join('\n'), /^\S+nuclei\.overlay is damaged: it has no end: it is made anew$/);
    assert.ok((await readFile(folder.overlay)).equals(good));

    const flipped = Buffer.from(good);
    flipped[20]! ^= 4;
    await writeFile(folder.overlay, flipped);
    await overlayOf(folder, { notice });
    assert.deepEqual(told(), [], 'of a block only who reads it knows');
    await overlayOf(folder, { notice, thorough: true });
    assert.match(told().join('\n'), /^\S+ is damaged: block 0 has another checksum: it is made anew$/);
    assert.ok((await readFile(folder.overlay)).equals(good));

    await writeSquares(folder.table('parquet'), crowd(51, 500, 500, 1_000));
    await overlayOf(folder, { notice });
    assert.match(told().join('\n'), /^\S+ is out of date: it was made from another table: it is made anew$/);
    await checkOverlay(folder.table('parquet'), folder.overlay);
  });

  it('leaves a folder that is not ours as it is, and uses the cache', async () => {
    const folder = await slideFolder('foreign');
    const cache = join(scratch, 'cache', 'overlays');
    if (process.getuid!() === 0) await chown(folder.path, 65_534, 65_534);
    else await chmod(folder.path, 0o555);
    const before = await readdir(folder.path);
    const path = await overlayOf(folder, { notice, cache });
    assert.ok(path.startsWith(cache));
    await checkOverlay(folder.table('parquet'), path);
    assert.deepEqual(await readdir(folder.path), before);
    assert.equal(await overlayOf(folder, { notice, cache }), path);
    assert.deepEqual(told(), []);
    await chmod(folder.path, 0o755);
  });
});

describe('a run', () => {
  it('counts also where the overlay cannot be written, and says so', async () => {
    const [slide] = (await writeSlides(join(scratch, 'slides'), 1)) as [string];
    const out = join(scratch, 'full');
    const engine = await openEngine(await openModel(stubModel), {
      ...{ provider: 'cpu', threads: 1, workers: 1, batch: 16, readBlock: 4 },
    });
    const notices: string[] = [];
    let full = false;
    const observer = {
      notice: (text: string) => notices.push(text),
      progress() {
        if (!full) symlinkSync('/dev/full', join(out, 'a', '.incoming', '.nuclei.overlay.partial'));
        full = true;
      },
    };
    const options = { tissueMask: false, formats: ['parquet'] } as const;
    const { folder } = await runSlide(slide, out, engine, options, observer).finally(() => engine.close());
    assert.match(
      notices.join('\n'),
      /no overlay for a viewer: cannot write .*nuclei\.overlay: no space left/,
    );
    const files = await readdir(folder);
    assert.ok(files.includes('nuclei.parquet') && files.includes('run.json'));
    assert.ok(!files.includes('nuclei.overlay'));
  });
});
