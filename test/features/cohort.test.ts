import assert from 'node:assert/strict';
import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import Papa from 'papaparse';
import { beforeAll, describe, it } from 'vitest';
import { featuresOfResults } from '../../pipelines/features/features-of-results.js';
import { reportCohort } from '../../pipelines/report/report-cohort.js';
import { readFeatures } from '../../src/features/feature-file.js';
import { SlideFolder } from '../../src/table/slide-folder.js';
import { zstd } from '../../src/table/zstd.js';
import { writeEmptySlide, writeSlides } from '../../testkit/cohort-slides.js';
import { scratchFolder } from '../../testkit/folder.js';
import { runTest } from '../cohort/run.js';
import { regionsJson, writeModelWithRoles } from './results.js';

const scratch = scratchFolder();
const out = join(scratch, 'out');
const slide = (id: string) => new SlideFolder(join(out, id));
const made = ['context', 'tiles', 'features'] as const;

/** Two slides of one patient, one of another, and one that is empty. */
beforeAll(async () => {
  const folder = join(scratch, 'slides');
  await writeSlides(folder, 3);
  await writeEmptySlide(join(folder, 'd.tif'));
  const manifest = join(folder, 'cohort.csv');
  await writeFile(
    manifest,
    'slide,patient,site\na.tif,P1,"<b>Leeds</b>"\nb.tif,P1,Lyon\nc.tif,P2,Lyon\nd.tif,P2,"<b>Leeds</b>"\n',
  );
  const model = await writeModelWithRoles(join(scratch, 'roles.onnx'));
  assert.equal((await runTest({ out, manifest, model })).code, 0);
});

async function csv(name: string): Promise<Record<string, string>[]> {
  const text = await readFile(join(out, name), 'utf8');
  return Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true }).data;
}

describe('a run', () => {
  it('ends with the features of each slide, of an empty one too', async () => {
    const { features, roles } = await readFeatures(slide('a').features);
    assert.deepEqual(roles, ['tumour', 'immune', 'stromal', 'dead']);
    // Six nuclei in turn of classes 1, 3, 2, as writeTinySlide paints them for seed 0.
    assert.deepEqual(
      ['n_all', 'n_tumour', 'n_immune', 'n_stromal', 'n_dead'].map((name) => features[name]!.value),
      [6, 2, 2, 2, 0],
    );
    const { value, reason } = features['density_all_per_mm2']!;
    assert.deepEqual([value, reason], [null, '0.00518 mm2 of tissue, fewer than 0.500']);
    const empty = await readFeatures(slide('d').features);
    assert.equal(empty.features['n_all']!.value, 0);
    assert.equal(empty.features['density_all_per_mm2']!.reason, '0 mm2 of tissue, fewer than 0.500');
  });

  it('gives what hoverslide features gives', async () => {
    const before = await Promise.all(made.map((name) => readFile(slide('a')[name])));
    const kept: boolean[] = [];
    await featuresOfResults(out, { interval: 199 }, { done: (_, is) => kept.push(is) });
    assert.deepEqual(kept, [true, true, true, true]);
    await writeFile(slide('a').features, 'damaged');
    await featuresOfResults(out, { interval: 199 });
    assert.deepEqual(await Promise.all(made.map((name) => readFile(slide('a')[name]))), before);
  });

  it('makes none where they are not wanted, or have no table to come from; the results are whole', async () => {
    const slides = [join(scratch, 'slides', 'a.tif')];
    const model = join(scratch, 'roles.onnx');
    for (const options of [{ features: false }, { formats: ['csv'] as const }]) {
      const other = new SlideFolder(join(scratch, JSON.stringify(options).slice(2, 8), 'a'));
      const { code } = await runTest({ out: join(other.path, '..'), slides, model, ...options });
      assert.equal(code, 0);
      await access(other.summary);
      for (const name of made) await assert.rejects(access(other[name]));
    }
  });
});

describe('the cohort', () => {
  it('has a row per slide, per patient and per region, and a dictionary of all columns', async () => {
    await writeFile(join(scratch, 'a.geojson'), regionsJson({ rim: [0, 0, 288, 60] }));
    await featuresOfResults(slide('a').path, { interval: 199, regions: join(scratch, 'a.geojson') });
    await reportCohort(out);
    const rows = await csv('features.csv');
    assert.deepEqual(
      rows.map(({ id, patient, n_all }) => [id, patient, n_all]),
      [
        ['a', 'P1', '6'],
        ['b', 'P1', '6'],
        ['c', 'P2', '6'],
        ['d', 'P2', '0'],
      ],
    );
    assert.equal(rows[0]!['density_all_per_mm2'], '');
    assert.match(
      rows[0]!['composition_reason']!,
      /^0\.00518 mm2 of tissue, fewer than 0\.500 \(density_tumour_per_mm2, /,
    );
    const patients = await csv('features_patients.csv');
    assert.deepEqual(
      patients.map(({ patient, site, slides, n_all }) => [patient, site, slides, n_all]),
      [
        ['P1', '', '2', '12'],
        ['P2', '', '2', '6'],
      ],
    );
    const regions = await csv('features_regions.csv');
    assert.deepEqual(
      regions.map(({ id, region }) => [id, region]),
      [['a', 'rim']],
    );
    const { columns } = JSON.parse(await readFile(join(out, 'features.json'), 'utf8')) as {
      columns: { name: string }[];
    };
    const known = new Set([...columns.map(({ name }) => name), 'patient', 'site']);
    for (const table of [rows, patients, regions]) {
      assert.deepEqual(
        Object.keys(table[0]!).filter((name) => !known.has(name)),
        [],
      );
    }
    assert.match(await readFile(join(out, 'features.md'), 'utf8'), /`tumour_area_cv`/);
  });

  it('is the same in Parquet', async () => {
    const { decompress } = await zstd();
    const file = new Uint8Array(await readFile(join(out, 'features.parquet'))).buffer;
    const rows = await parquetReadObjects({ file, compressors: { ZSTD: decompress } });
    const texts = rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, value === null ? '' : String(value)]),
      ),
    );
    assert.deepEqual(texts, await csv('features.csv'));
  });

  it('says how much a column of the manifest explains', async () => {
    const rows = await csv('features_variance.csv');
    const all = rows.find(({ feature, column }) => feature === 'n_all' && column === 'site')!;
    // log(1 + n): 7, 1 and 7, 7 nuclei; a quarter of (ln 7)^2 of three quarters lies between the sites.
    assert.ok(Math.abs(Number(all['eta2']) - 1 / 3) < 1e-12);
    assert.deepEqual([all['groups'], all['slides']], ['2', '4']);
    assert.ok(!rows.some(({ column }) => column === 'patient'));
  });

  it('is shown in the report, whatever the manifest says, and goes when the features go', async () => {
    const page = await readFile(join(out, 'report.html'), 'utf8');
    assert.match(page, /<section id="features">/);
    assert.ok(page.includes('&#60;b&#62;Leeds') && !page.includes('<b>Leeds'));
    for (const tag of ['section', 'figure', 'details', 'div', 'svg', 'span', 'h4']) {
      const count = (pattern: RegExp) => page.match(pattern)?.length ?? 0;
      assert.equal(
        count(new RegExp(`<${tag}[ >]`, 'g')),
        count(new RegExp(`</${tag}\\s*>`, 'g')),
        `${tag} is closed`,
      );
    }
    for (const id of ['a', 'b', 'c', 'd']) await writeFile(slide(id).features, 'damaged');
    await reportCohort(out);
    assert.doesNotMatch(await readFile(join(out, 'report.html'), 'utf8'), /<section id="features">/);
    await assert.rejects(access(join(out, 'features.csv')));
  });
});
