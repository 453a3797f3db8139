import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parquetMetadataAsync, parquetReadObjects, asyncBufferFromFile } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NucleiAround, SlideAround } from '../../src/context/around.js';
import { contextColumns } from '../../src/context/columns.js';
import { ContextFile } from '../../src/context/context-file.js';
import { openSlideContext, type ContextInput } from '../../src/context/slide-context.js';
import { tissueGrid } from '../../src/context/tissue-grid.js';
import { tileColumns, writeTiles } from '../../src/context/tiles-file.js';
import type { Polygon } from '../../src/geometry/polygon.js';
import { openTable } from '../../src/table/open.js';
import { NucleusTable } from '../../src/table/read.js';
import { keepRows, type Rows } from '../../src/table/rows.js';
import { zstd } from '../../src/table/zstd.js';
import { generatedClasses, generatedTissue, writeGeneratedTable } from '../../testkit/generated-nuclei.js';
import { temporaryFolder } from '../table/temporary.js';

const count = 12_000;
const classes = generatedClasses;
const tissue = generatedTissue(count);

interface Found {
  readonly groups: NucleiAround[];
  readonly whole: SlideAround;
  readonly files: { readonly context: string; readonly tiles: string };
}

/** Finds what is around the nuclei of a table, and writes it to a folder. */
async function find(input: ContextInput, folder: string): Promise<Found> {
  const { table } = input;
  const files = { context: join(folder, 'context.parquet'), tiles: join(folder, 'tiles.parquet') };
  const context = await openSlideContext(input);
  expect(() => context.whole()).toThrow('after its last row group');
  const file = await ContextFile.open(files.context, table.facts, context.roles);
  const groups: NucleiAround[] = [];
  for await (const around of context.rowGroups()) {
    groups.push(around);
    await file.write(around);
  }
  await file.close();
  const whole = context.whole();
  await writeTiles(files.tiles, table.facts, context.roles, whole.tiles);
  context.close();
  return { groups, whole, files };
}

async function readBack(path: string) {
  const { decompress } = await zstd();
  const file = await asyncBufferFromFile(path);
  const rows = await parquetReadObjects({ file, compressors: { ZSTD: decompress } });
  return { rows, footer: await parquetMetadataAsync(file) };
}

describe('the context of a slide, streamed', () => {
  let folder: string;
  let table: NucleusTable;
  let found: Found;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hoverslide-context-'));
    const path = join(folder, 'nuclei.parquet');
    await writeGeneratedTable(path, count);
    table = await NucleusTable.open(path);
    found = await find({ table, classes, tissue }, folder);
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('writes a row for each nucleus, in the row groups of the table', async () => {
    const { rows, footer } = await readBack(found.files.context);
    expect(rows).toHaveLength(count);
    const ours = footer.row_groups.map(({ num_rows }) => Number(num_rows));
    expect(ours).toEqual(found.groups.map((group) => group.count));
    expect(ours).toEqual([8192, 3808]);
    const columns = contextColumns(['tumour', 'epithelial', 'immune', 'stromal', 'dead']);
    expect(Object.keys(rows[0]!)).toEqual(columns.map(({ name }) => name));
    const stated = footer.key_value_metadata?.find(({ key }) => key === 'hoverslide.columns')?.value;
    expect((JSON.parse(stated!) as { name: string }[]).map(({ name }) => name)).toEqual(
      columns.map(({ name }) => name),
    );
    let row = 0;
    for (const { context, used, count: n } of found.groups) {
      for (let k = 0; k < n; k++, row++) {
        const stored = rows[row]!;
        for (const { name, type } of columns) {
          const value = context[name]![k]!;
          const none = type === 'float32' ? Number.isNaN(value) : value < 0;
          if (stored[name] !== (none ? null : value)) expect(stored[name]).toBe(value);
        }
        if (!used[k]) expect(Object.values(stored).every((value) => value === null)).toBe(true);
        else expect(stored.block_id).not.toBeNull();
      }
    }
  });

  it('gives each nucleus the same values whatever the order of rows, and the slide too', async () => {
    const all: Rows[] = [];
    for await (const rows of table.rowGroups()) all.push(rows);
    const path = join(await temporaryFolder(), 'nuclei.parquet');
    const writer = await openTable('parquet', path, table.facts);
    // Rows come by the last digits of their ids, which mixes the whole slide.
    for (let digit = 0; digit < 16; digit++) {
      for (const rows of [...all].reverse()) {
        await writer.write(keepRows(rows, (k) => parseInt(rows.id[k]!.at(-1)!, 16) === digit));
      }
    }
    await writer.close();
    const mixed = await NucleusTable.open(path);
    const other = await find({ table: mixed, classes, tissue }, dirname(path));
    expect(other.whole).toEqual(found.whole);
    expect(await readFile(other.files.tiles)).toEqual(await readFile(found.files.tiles));
    expect(await byId(mixed, other.groups)).toEqual(await byId(table, found.groups));
  });

  it('writes the same bytes again', async () => {
    const again = await find({ table, classes, tissue }, await temporaryFolder());
    const first = await readFile(found.files.context);
    expect((await readFile(again.files.context)).equals(first)).toBe(true);
  });

  it('adds up: nuclei and areas of tiles, blocks and the slide', async () => {
    const { tiles, tissue: area, tumour, blocks } = found.whole;
    const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
    let [used, areas] = [0, 0];
    for await (const rows of table.rowGroups(['quality', 'area_um2', 'class'])) {
      rows.quality.forEach((quality, k) => {
        if (quality !== 'ok') return;
        used++;
        if (rows.class[k] !== 'unclassified') areas += rows.area_um2[k]!;
      });
    }
    for (const each of [tiles.small, tiles.large]) {
      expect(sum(each.nuclei)).toBe(used);
      expect(sum(each.byRole.areaSum) / areas).toBeCloseTo(1, 9);
      expect(sum(each.tissueMm2)).toBeCloseTo(area.total, 9);
      expect(sum(each.tumourMm2)).toBeCloseTo(tumour!.areaMm2.total, 9);
    }
    const side = (tissue.size.width * tissue.size.mpp) / 1000;
    expect(area.total).toBeCloseTo(side ** 2, 9);
    expect(area.perBlock).toHaveLength(blocks.columns * blocks.rows);
    expect(tumour!.areaMm2.total).toBeGreaterThan(0.3 * area.total);
    expect(tumour!.frontMm2.total).toBeGreaterThan(tumour!.peritumouralMm2.total);
    expect(sum(found.whole.crossK.weightPerBlock)).toBeGreaterThan(sum(found.whole.crossK.pairsPerBlock));
    const { rows } = await readBack(found.files.tiles);
    expect(Object.keys(rows[0]!)).toEqual(tileColumns(found.whole.roles).map(({ name }) => name));
    const small = rows.filter(({ side_um }) => side_um === 250);
    expect(small.reduce((total, { n_all }) => total + Number(n_all), 0)).toBe(used);
  });

  it("takes the user's tumour instead of the derived one", async () => {
    // A square of 1 mm: its border is 4 mm, its corners are the same 25 um cells as its polygon.
    const square: Polygon = [Float64Array.of(2000, 2000, 6000, 2000, 6000, 6000, 2000, 6000)];
    const { whole, groups } = await find(
      { table, classes, tissue, tumour: [square] },
      await temporaryFolder(),
    );
    expect(whole.tumour).toMatchObject({ source: 'file', components: 1 });
    expect(whole.tumour!.areaMm2.total).toBeCloseTo(1, 9);
    expect(whole.tumour!.largestMm2).toBeCloseTo(1, 9);
    expect(whole.tumour!.interfaceMm.total).toBeCloseTo(3.79, 1); // Crofton over four directions of a square
    for (const { x, y, used, context } of groups) {
      for (let k = 0; k < used.length; k++) {
        const from = Math.min(x[k]! - 500, 1500 - x[k]!, y[k]! - 500, 1500 - y[k]!);
        if (used[k] && from > 20) expect(Math.abs(context.tumour_edge_um[k]! + from)).toBeLessThan(12.5);
      }
    }
  });

  it('counts only tissue within a region of interest', () => {
    const { size } = tissue;
    const mask = { width: 1, height: 1, data: Uint8Array.of(1), scale: { x: size.width, y: size.height } };
    const whole = tissueGrid(mask, size);
    expect(whole.mm2.reduce((sum, each) => sum + each, 0)).toBeCloseTo((size.width * 0.25e-3) ** 2, 9);
    const fine = { width: 1000, height: 1000, data: new Uint8Array(1e6).fill(1), scale: { x: 8, y: 8 } };
    const roi: Polygon = [Float64Array.of(800, 800, 2800, 800, 2800, 1800, 800, 1800)];
    const within = tissueGrid(fine, size, [roi]);
    expect(within.mm2.reduce((sum, each) => sum + each, 0)).toBeCloseTo(0.5 * 0.25, 9);
  });

  it('has an empty slide', async () => {
    const empty = await temporaryFolder();
    const path = join(empty, 'nuclei.parquet');
    await (await openTable('parquet', path, table.facts)).close();
    const { whole, groups, files } = await find(
      { table: await NucleusTable.open(path), classes, tissue },
      empty,
    );
    expect(groups).toEqual([]);
    expect(whole.tumour).toMatchObject({ components: 0, largestMm2: 0, areaMm2: { total: 0 } });
    expect(whole.aggregates).toEqual([]);
    expect((await readBack(files.context)).rows).toEqual([]);
    expect((await readBack(files.tiles)).rows).not.toEqual([]);
  });

  it('refuses nuclei that are not on the slide, and classes that the model does not have', async () => {
    const small = { ...tissue, size: { ...tissue.size, width: 4000 } };
    const outside = openSlideContext({ table, classes, tissue: small });
    await expect(outside).rejects.toThrow(/nuclei\.parquet: .*expected nuclei on the slide/);
    const unknown = openSlideContext({ table, classes: classes.slice(0, 2), tissue });
    await expect(unknown).rejects.toThrow(/expected classes of the model \(unclassified, neoplastic\)/);
  });
});

/** What is around each nucleus, by its id. */
async function byId(table: NucleusTable, groups: readonly NucleiAround[]): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>();
  let group = 0;
  for await (const { id } of table.rowGroups(['id'])) {
    const { context } = groups[group++]!;
    const columns = Object.values(context) as (Float32Array | Int32Array)[];
    id.forEach((each, k) =>
      found.set(
        each.toString(),
        columns.map((values) => values[k]!),
      ),
    );
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}
