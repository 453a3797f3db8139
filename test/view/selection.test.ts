import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Papa from 'papaparse';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { exportSelection } from '../../pipelines/export/export-selection.js';
import { openNuclei, type OpenNuclei } from '../../pipelines/overlay/open-nuclei.js';
import type { Polygon } from '../../src/geometry/polygon.js';
import { NucleusTable } from '../../src/table/read.js';
import { SlideFolder } from '../../src/table/slide-folder.js';
import { isInside } from '../../src/tissue/roi.js';
import type { SelectionRequest, SelectionView } from '../../src/view/messages.js';
import { polygonAreas } from '../../src/view/polygon-areas.js';
import { selectNuclei } from '../../src/view/selection.js';
import { scratchFolder } from '../../testkit/folder.js';
import { generatedSlide, generatedTissue, writeGeneratedTable } from '../../testkit/generated-nuclei.js';
import { needs } from '../../testkit/needs.js';
import { python } from '../../testkit/python.js';

const scratch = scratchFolder();
const count = 20_000;
const { width, height, mpp } = generatedSlide(count);
const tissue = generatedTissue(count);
const folder = new SlideFolder(join(scratch, 'slide'));
let slide: OpenNuclei;

beforeAll(async () => {
  await mkdir(folder.path);
  await writeGeneratedTable(folder.table('parquet'), count);
  slide = await openNuclei(folder);
});
afterAll(() => slide.close());

const select = (request: unknown): Promise<SelectionView> => selectNuclei({ ...slide, tissue }, request);

function rectangle(left: number, top: number, right: number, bottom: number): SelectionRequest['polygon'] {
  return [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];
}

/** Requests of all kinds; polygons at random, most of which cross themselves. */
async function requests(): Promise<SelectionRequest[]> {
  let state = 5;
  const random = (below: number) => (state = (state * 48_271) % 2_147_483_647) % below;
  const polygon = (vertices: number): SelectionRequest['polygon'] =>
    Array.from({ length: vertices }, () => [
      random(width + 2_000) - 1_000,
      random(height + 2_000) + 0.25 - 1_000,
    ]);
  // A star around a place, as a hand draws: it does not cross itself.
  const star = (x: number, y: number, reach: number, vertices: number): SelectionRequest['polygon'] =>
    Array.from({ length: vertices }, (_, k) => {
      const [angle, length] = [(2 * Math.PI * k) / vertices, reach * (0.5 + random(1_000) / 2_000)];
      return [x + length * Math.cos(angle), y + length * Math.sin(angle)];
    });
  const [x, y] = [
    await slide.columns.table.doubles('centroid_x_px', 0),
    await slide.columns.table.doubles('centroid_y_px', 0),
  ];
  const { directory } = slide.overlay;
  const { leaves } = directory;
  const side = directory.side / 2 ** leaves.depth[2]!;
  const leaf = rectangle(
    ...[leaves.i[2]! * side, leaves.j[2]! * side, (leaves.i[2]! + 1) * side, (leaves.j[2]! + 1) * side],
  );
  return [
    { polygon: rectangle(0, 0, width, height) },
    { polygon: rectangle(-1e6, -1e6, 1e6, 1e6), setAside: true },
    { polygon: leaf }, // along the borders of a leaf
    { polygon: rectangle(x[100]!, y[200]!, x[300]!, y[100]! + 3_000), setAside: true }, // through centroids
    { polygon: rectangle(100, 100, 101, 101) },
    { polygon: rectangle(100, 100, 3_000, 3_000), classes: [], setAside: true },
    { polygon: [...rectangle(100, 100, 3_000, 3_000), [100, 100]], classes: [2, 0] },
    ...[3, 4, 7, 12].map((vertices) => ({ polygon: polygon(vertices) })),
    { polygon: polygon(9), classes: [1, 3], thresholds: [{ column: 'area_um2', min: 30.1, max: 60 }] },
    { polygon: star(width / 2, height / 2, width / 2, 400), setAside: true },
    {
      polygon: star(width / 3, height / 2, width / 4, 100),
      classes: [5],
      thresholds: [{ column: 'solidity' }],
    },
    {
      polygon: star(width / 2, height / 3, width / 3, 60),
      thresholds: [
        { column: 'eccentricity', min: 0.5 },
        { column: 'hematoxylin_od_mean', max: 0.7 },
        { column: 'nuclear_probability', min: 0.9, max: 0.8 },
      ].slice(0, 1 + random(3)),
    },
  ];
}

describe('a selection', () => {
  it('counts the nuclei that a look at each row counts', async () => {
    const rows = [];
    const names = ['centroid_x_px', 'centroid_y_px', 'class', 'quality', 'area_um2', 'eccentricity'] as const;
    for await (const group of (await NucleusTable.open(folder.table('parquet'))).rowGroups())
      rows.push(group);
    for (const request of await requests()) {
      const polygon: Polygon = [Float64Array.from(request.polygon.flat())];
      const wanted = new Map(
        slide.classes.map(({ id, name }) => [name, request.classes?.includes(id) ?? true]),
      );
      const values = new Map<string, number[]>();
      for (const group of rows) {
        for (let k = 0; k < group.count; k++) {
          const [x, y, name, quality] = names.slice(0, 4).map((each) => group[each][k]) as [
            number,
            number,
            string,
            string,
          ];
          if (!isInside([polygon], x, y) || !wanted.get(name)) continue;
          if (quality !== 'ok' && !request.setAside) continue;
          const within = (request.thresholds ?? []).every(({ column, min = -Infinity, max = Infinity }) => {
            const value = group[column as 'area_um2'][k]!;
            return value >= min && value <= max;
          });
          if (within) values.set(name, [...(values.get(name) ?? []), group.area_um2[k]!]);
        }
      }
      const view = await select(request);
      const found = view.classes.map((each) => [each.name, each.count, each.medians['area_um2']] as const);
      assert.deepEqual(
        found,
        slide.classes
          .filter(({ name }) => wanted.get(name))
          .map(({ name }) => {
            const sorted = (values.get(name) ?? []).sort((a, b) => a - b);
            const middle = sorted.length / 2;
            const median = (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
            return [name, sorted.length, sorted.length > 0 ? median : null];
          }),
        JSON.stringify(request).slice(0, 200),
      );
      assert.equal(view.nuclei, found.reduce((sum, [, number]) => sum + number, 0)); // prettier-ignore
    }
  });

  const duckdb = python('duckdb');
  it('equals the same question in SQL', needs(duckdb.missing), async () => {
    const asked = await requests();
    const files = [join(scratch, 'requests.json'), join(scratch, 'answers.json')] as const;
    const named = asked.map(({ classes, ...request }) => ({
      ...request,
      ...(classes && {
        names: slide.classes.flatMap(({ id, name }) => (classes.includes(id) ? [name] : [])),
      }),
    }));
    await writeFile(files[0], JSON.stringify(named));
    duckdb.run(join(process.cwd(), 'test', 'view', 'selection.py'), folder.table('parquet'), ...files);
    const answers = JSON.parse(await readFile(files[1], 'utf8')) as {
      classes: Record<string, { count: number; medians: Record<string, number> }>;
      ids: string[];
    }[];
    for (const [k, request] of asked.entries()) {
      const view = await select(request);
      const found = view.classes.filter((each) => each.count > 0);
      assert.deepEqual(
        Object.fromEntries(
          found.map(({ name, count: number, medians }) => [name, { count: number, medians }]),
        ),
        answers[k]!.classes,
      );
      const csv = join(scratch, 'selection.csv');
      assert.equal(await exportSelection(folder, slide, request, 'csv', csv), view.nuclei);
      const { data } = Papa.parse<{ id: string }>(await readFile(csv, 'utf8'), {
        header: true,
        skipEmptyLines: true,
      });
      assert.deepEqual(
        data.map(({ id }) => id),
        answers[k]!.ids,
      );
    }
  });

  it('goes out in every format, and the table knows what it is of', async () => {
    const request = {
      polygon: rectangle(0, 0, 5_000, 6_000),
      classes: [4, 5],
      thresholds: [{ column: 'area_um2', min: 50 }],
    };
    const { nuclei } = await select(request);
    assert.ok(nuclei > 10);
    const [parquet, geojson] = [join(scratch, 'selection.parquet'), join(scratch, 'selection.geojson.gz')];
    assert.equal(await exportSelection(folder, slide, request, 'parquet', parquet), nuclei);
    assert.equal(await exportSelection(folder, slide, request, 'geojson', geojson), nuclei);
    const table = await NucleusTable.open(parquet);
    assert.equal(table.rowCount, nuclei);
    assert.deepEqual(table.facts.selection, {
      roi: '[[[0,0,5000,0,5000,6000,0,6000]]]',
      where: "class in ('dead', 'epithelial') and quality = 'ok' and area_um2 >= 50",
    });
    const { features } = JSON.parse(gunzipSync(await readFile(geojson)).toString()) as {
      features: { id: string }[];
    };
    const ids: string[] = [];
    for await (const rows of table.rowGroups(['id'])) ids.push(...rows.id);
    assert.deepEqual(features.map(({ id }) => id), ids); // prettier-ignore
  });

  it('refuses what makes no sense, in one line', async () => {
    const polygon = rectangle(0, 0, 10, 10);
    for (const [request, line] of [
      [{ polygon: polygon.slice(2) }, /^selection: polygon: expected 3 to 2000 vertices, found 2$/],
      [{ polygon: Array.from({ length: 10_001 }, () => [1, 2]) }, /found 10001$/],
      [{ polygon: [...polygon, [NaN, 1]] }, /^selection: polygon\.4\.0: .*expected number, received NaN$/],
      [{ polygon: [...polygon, [Infinity, 1]] }, /^selection: polygon\.4\.0: /],
      [{ polygon: [...polygon, [1]] }, /^selection: polygon\.4/],
      [{ polygon, classes: [1, 9] }, /^selection: classes: expected ids among 0, 1, 2, 3, 4, 5, found 9$/],
      [
        { polygon, thresholds: [{ column: 'outline', min: 1 }] },
        /^selection: thresholds: expected columns among .* found outline$/,
      ],
      [{ polygon, thresholds: [{ column: 'area_um2', min: '1' }] }, /^selection: thresholds\.0\.min: /],
      [{ polygon, area: 1 }, /^selection: request: Unrecognized key: "area"$/],
      [null, /^selection: request: /],
    ] as const) {
      await assert.rejects(select(request), { kind: 'usage', message: line });
    }
  });
});

describe('the area of a selection', () => {
  const areas = (polygon: SelectionRequest['polygon']) =>
    polygonAreas([Float64Array.from(polygon.flat())], tissue);

  it('is that of its pixels on the slide, and of tissue', () => {
    // 400 x 200 px of 0.25 um: 100 x 50 um.
    const { mm2, tissueMm2 } = areas(rectangle(100, 200, 500, 400));
    assert.equal(mm2, 0.005);
    assert.ok(Math.abs(tissueMm2 - 0.005) < 1e-9);
    const beyond = areas(rectangle(-500, -500, 100, 40));
    assert.equal(beyond.mm2, (100 * 40 * mpp ** 2) / 1e6);
    assert.deepEqual(areas(rectangle(-500, -500, -100, -40)), { mm2: 0, tissueMm2: 0 });
  });

  it('counts by the even-odd rule where it crosses itself', () => {
    // Twice around a square: nothing is inside. A bow tie: two triangles of 100 x 50 px.
    const square = rectangle(100, 100, 300, 300);
    assert.equal(areas([...square, ...square]).mm2, 0);
    const tie = areas([[100, 100], [200, 200], [200, 100], [100, 200]]); // prettier-ignore
    assert.ok(Math.abs(tie.mm2 / ((5_000 * mpp ** 2) / 1e6) - 1) < 0.02);
  });

  it('of half a slide without tissue is half tissue', () => {
    const half = { ...tissue, mm2: tissue.mm2.map((mm2, cell) => (cell % tissue.columns < 20 ? 0 : mm2)) };
    const [left, right] = [20 * 100 - 1_000, 20 * 100 + 1_000]; // the 21st cell of 25 um begins at 2,000 px
    const { mm2, tissueMm2 } = polygonAreas(
      [Float64Array.from(rectangle(left, 100, right, 600).flat())],
      half,
    );
    assert.ok(Math.abs(tissueMm2 / mm2 - 0.5) < 1e-9);
  });

  it('is exact to a thousandth where it is large', () => {
    const { mm2 } = areas([[0, 0], [width, 0], [0, height]]); // prettier-ignore
    assert.ok(Math.abs(mm2 / ((width * height * mpp ** 2) / 2e6) - 1) < 1e-3);
  });
});
