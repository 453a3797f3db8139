import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, rm, writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { beforeAll, describe, it } from 'vitest';
import { featuresOfResults } from '../../pipelines/features/features-of-results.js';
import { readFeatures } from '../../src/features/feature-file.js';
import { packageRoot } from '../../src/package-root.js';
import { SlideFolder } from '../../src/table/slide-folder.js';
import { zstd } from '../../src/table/zstd.js';
import { scratchFolder } from '../../testkit/folder.js';
import { readGolden } from './pattern.js';
import { regionsJson, writeResults } from './results.js';

const scratch = scratchFolder();
const out = join(scratch, 'out');
const golden = readGolden();
const folder = new SlideFolder(join(out, 'pattern'));
const drawn = join(scratch, 'regions.geojson');

/** The pattern's tumour, as a user would draw it, and two more regions. */
const regions = {
  Tumor: [0, 0, golden.edge * 4, golden.height * 4],
  stroma: [golden.edge * 4, 0, 2000, golden.height * 4],
  nothing: [0, 0, 40, 40],
};

beforeAll(async () => {
  await writeResults(folder.path, golden);
  await writeFile(drawn, regionsJson(regions));
  await featuresOfResults(out, { interval: 19, regions: drawn });
});

describe('features of a slide from its table', () => {
  it('are those of the pattern, worked out by NumPy, SciPy, esda and spatstat', async () => {
    const { features } = await readFeatures(folder.features);
    // Distances to edges come from a grid of 25 um, with which spatstat's exact ones do not agree at the rim.
    const loose: Readonly<Record<string, number>> = {
      gcross_tumour_immune_mean50: 0.005,
      lcross_tumour_immune_50um: 0.5,
      immune_share_of_associated_stroma: 0.01,
      // Crofton's formula over four directions makes an upright border 5 % shorter.
      immune_front_per_mm: 0.08 * golden.features['immune_front_per_mm']!,
    };
    const skipped = new Set(['stromal_alignment_50um', 'interface_mm_per_mm2']);
    let compared = 0;
    for (const [name, found] of Object.entries(features)) {
      const expected = golden.features[name];
      if (expected === undefined || skipped.has(name)) continue;
      const within = loose[name] ?? 1e-9 * Math.max(1, Math.abs(expected));
      assert.ok(found.value !== null, `${name}: ${found.reason}`);
      assert.ok(
        Math.abs(found.value - expected) <= within,
        `${name}: expected ${expected}, found ${found.value}`,
      );
      compared++;
    }
    assert.ok(compared > 60, `${compared} compared`);
  });

  it('come with what is around each nucleus, row by row, and with the tiles', async () => {
    const { decompress } = await zstd();
    const read = async (path: string) =>
      parquetReadObjects({
        file: new Uint8Array(await readFile(path)).buffer,
        compressors: { ZSTD: decompress },
      });
    const context = await read(folder.context);
    assert.equal(context.length, golden.nuclei['x']!.length);
    const tiles = await read(folder.tiles);
    const small = tiles.filter(({ side_um }) => side_um === 250);
    const z = small.map((tile) => tile['hotspot_z_immune'] as number);
    const expected = golden.features['gi_star_immune'] as unknown as number[];
    assert.ok(z.length === expected.length && z.every((value, k) => Math.abs(value - expected[k]!) < 1e-9));
  });

  it('of each region are those of the nuclei in it', async () => {
    const { regions: found, tumour_region } = await readFeatures(folder.features);
    assert.equal(tumour_region, 'file');
    assert.deepEqual(Object.keys(found), ['tumour', 'stroma', 'nothing']);
    const { x, role } = golden.nuclei as Record<'x' | 'role', number[]>;
    const inside = x.filter((at, k) => at >= golden.edge && at < golden.edge + 500 && role[k] === 2).length;
    assert.equal(found['stroma']!.features['n_immune']!.value, inside);
    assert.ok(Math.abs(found['stroma']!.tissue_mm2 - 0.625) < 1e-12);
    assert.equal(
      found['stroma']!.features['density_immune_per_mm2']!.value,
      inside / found['stroma']!.tissue_mm2,
    );
    assert.match(
      found['nothing']!.features['density_all_per_mm2']!.reason!,
      /mm2 of tissue, fewer than 0.500$/,
    );
  });

  it('are the same bytes whatever the order of the rows', async () => {
    const turned = golden.nuclei['x']!.map((_, k) => k).reverse();
    const other = await writeResults(join(scratch, 'turned', 'pattern'), golden, turned);
    await featuresOfResults(join(scratch, 'turned'), { interval: 19, regions: drawn });
    const [mine, its] = [await readFeatures(folder.features), await readFeatures(other.features)];
    assert.deepEqual({ ...its, made_from: mine.made_from }, mine);
    assert.deepEqual(await readFile(other.tiles), await readFile(folder.tiles));
  });

  it('come with the tumour region, which counts for the same when it is given back', async () => {
    const own = await writeResults(join(scratch, 'derived', 'pattern'), golden);
    const features = () => readFeatures(own.features);
    await featuresOfResults(join(scratch, 'derived'), { interval: 0 });
    const derived = await features();
    assert.equal(derived.tumour_region, 'nuclei');
    const copy = join(scratch, 'derived-regions');
    await mkdir(copy);
    const bytes = await readFile(own.tumour);
    await writeFile(join(copy, 'pattern.geojson'), bytes);
    await featuresOfResults(join(scratch, 'derived'), { interval: 0, regions: copy });
    const given = await features();
    assert.equal(given.tumour_region, 'file');
    const { tumour_area_mm2: area } = derived.features;
    assert.ok(area!.value! > 0);
    assert.deepEqual(given.features, derived.features);
    assert.deepEqual(await readFile(own.tumour), bytes);
  });

  it('are kept while they are up to date', async () => {
    const again = async (options: { interval?: number; regions?: string } = {}) => {
      const seen: boolean[] = [];
      await featuresOfResults(
        out,
        { interval: 19, regions: drawn, ...options },
        { done: (_, kept) => seen.push(kept) },
      );
      return seen;
    };
    assert.deepEqual(await again(), [true]);
    const before = await readFile(folder.features);
    for (const file of [folder.tiles, folder.tumour]) {
      await rm(file);
      assert.deepEqual(await again(), [false], 'a file is gone');
    }
    assert.deepEqual(await readFile(folder.features), before);
    assert.deepEqual(await again({ interval: 29 }), [false], 'another number of resamples');
    assert.deepEqual(await again(), [false]);
  });
});

describe('what does not fit is refused in one line before anything runs:', () => {
  const refused = async (content: string, pattern: RegExp, name = 'pattern.geojson') => {
    const path = join(scratch, 'bad', name);
    await rm(join(scratch, 'bad'), { recursive: true, force: true });
    await mkdir(join(scratch, 'bad'));
    await writeFile(path, content);
    const before = await readFile(folder.features);
    await assert.rejects(
      featuresOfResults(out, { interval: 19, regions: join(scratch, 'bad') }),
      (error: Error) => {
        assert.match(error.message, pattern);
        assert.ok(!error.message.includes('\n'));
        return true;
      },
    );
    assert.deepEqual(await readFile(folder.features), before);
  };

  it('regions that name no slide', () =>
    refused(
      regionsJson({ a: [0, 0, 9, 9] }),
      /other\.geojson: expected the name of a slide of the results, found 'other': they have pattern$/,
      'other.geojson',
    ));

  it('polygons that cross themselves', () =>
    refused(
      '{"type":"Feature","properties":{"name":"bow"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[100,100],[100,0],[0,100],[0,0]]]}}',
      /feature 1 \('bow'\): expected a polygon that does not cross itself, found one that does at 50, 50 \(level-0 px\)$/,
    ));

  it('coordinates outside the slide', () =>
    refused(
      regionsJson({ far: [5900, 0, 200, 100] }),
      /\('far'\): expected coordinates in level-0 px on the slide of 6000 x 5000 px, found x 5900 to 6100, y 0 to 100$/,
    ));

  it('polygons without a name', () =>
    refused(regionsJson({ '': [0, 0, 9, 9] }), /feature 1: expected a class or a name, found neither$/));

  it('files that are no GeoJSON', () => refused('x', /expected GeoJSON, found another kind of file$/));

  it('a table without columns, a card without roles', async () => {
    const other = join(scratch, 'tables');
    const old = await writeResults(join(other, 'old'), golden);
    await writeFile(old.table('parquet'), 'PAR1 no table');
    await assert.rejects(
      featuresOfResults(other, { interval: 0 }),
      /old\/nuclei\.parquet cannot be read as a Parquet table/,
    );
    const bare = { width: golden.width, height: golden.height, nuclei: golden.nuclei };
    await writeResults(old.path, bare);
    await writeWithoutRoles(old);
    await assert.rejects(
      featuresOfResults(other, { interval: 0 }),
      /nuclei\.parquet: expected roles of the classes \(tumour, immune, \.\.\.\) in the card of its model, found none: /,
    );
  });

  it('numbers that are none, on the command line', () => {
    const bin = join(packageRoot, 'bin', 'hoverslide.cjs');
    const { status, stderr } = spawnSync(process.execPath, [bin, 'features', out, '--interval', '1.5'], {
      encoding: 'utf8',
    });
    assert.deepEqual([status, /expected a whole number from 0 to 9999/.test(stderr)], [64, true]);
  });
});

/** Writes the table anew, as a version without roles did. */
async function writeWithoutRoles(folder: SlideFolder): Promise<void> {
  const path = folder.table('parquet');
  const bytes = await readFile(path);
  // The footer is text of a known length: a key that nobody knows takes the place of `role`.
  const text = bytes.toString('latin1').replaceAll('"role":', '"rule":');
  await writeFile(path, Buffer.from(text, 'latin1'));
}
