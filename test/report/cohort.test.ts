import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import Papa from 'papaparse';
import { beforeAll, describe, it } from 'vitest';
import { reportCohort } from '../../pipelines/report/report-cohort.js';
import { cohortColumns } from '../../src/report/cohort-table.js';
import { readEntries } from '../../src/report/cohort-entries.js';
import { flagsOf, outliers } from '../../src/report/quality.js';
import { zstd } from '../../src/table/zstd.js';
import { packageVersion } from '../../src/version.js';
import { needs } from '../../testkit/needs.js';
import { runTest } from '../cohort/run.js';
import { writeBrokenSlide, writeEmptySlide, writeSlides } from '../../testkit/cohort-slides.js';
import { scratchFolder } from '../../testkit/folder.js';

const scratch = scratchFolder();
const out = join(scratch, 'cohort');

/** Three slides that work, one broken, one empty; one patient tries to write into the page. */
beforeAll(async () => {
  const folder = join(scratch, 'slides');
  await writeSlides(folder, 3);
  await writeBrokenSlide(join(folder, 'x.tif'));
  await writeEmptySlide(join(folder, 'y.tif'));
  const manifest = join(folder, 'cohort.csv');
  await writeFile(
    manifest,
    'slide,id,patient,nuclei,age,code\na.tif,,"<script>alert(1)</script>",many,61.50,007\nb.tif,,"a ""b"", c",few,48,8\nc.tif,it\'s c,,,,9\nx.tif,,P 4,,-3,1\ny.tif,,,,0,1\n',
  );
  assert.equal((await runTest({ out, manifest })).code, 1);
  await reportCohort(out);
});

async function csv(): Promise<Record<string, string>[]> {
  const { data, errors } = Papa.parse<Record<string, string>>(
    await readFile(join(out, 'cohort.csv'), 'utf8'),
    {
      header: true,
      skipEmptyLines: true,
    },
  );
  assert.deepEqual(errors, []);
  return data;
}

describe('the cohort table', () => {
  it('has a row per slide, failed ones with their reason, and the columns of the manifest', async () => {
    const rows = await csv();
    assert.deepEqual(
      rows.map(({ id, state }) => `${id} ${state}`),
      ['a done', 'b done', "it's c done", 'x failed', 'y skipped'],
    );
    assert.equal(rows[0]!['patient'], '<script>alert(1)</script>');
    assert.equal(rows[1]!['patient'], 'a "b", c');
    assert.equal(rows[0]!['manifest_nuclei'], 'many', 'a name that is ours');
    assert.match(rows[3]!['reason']!, /x\.tif: /);
    assert.equal(rows[3]!['nuclei'], '');
    assert.deepEqual([rows[4]!['nuclei'], rows[4]!['density_per_mm2']], ['0', '']);
  });

  it('says of each slide what its summary says', async () => {
    const [row] = await csv();
    const summary = JSON.parse(await readFile(join(out, 'a', 'summary.json'), 'utf8')) as {
      count: number;
      tissue_area_mm2: number;
      classes: Record<string, { count: number; fraction: number; area_um2: { median: number } }>;
    };
    // Six nuclei in turn of classes 1, 3, 2, as writeTinySlide paints them for seed 0.
    const { neoplastic, inflammatory } = summary.classes;
    assert.deepEqual([summary.count, neoplastic!.count, inflammatory!.count], [6, 2, 2]);
    assert.equal(row!['nuclei'], '6');
    assert.equal(row!['neoplastic_count'], '2');
    assert.equal(row!['neoplastic_fraction'], String(neoplastic!.fraction));
    assert.equal(row!['neoplastic_area_um2_median'], String(neoplastic!.area_um2.median));
    assert.equal(row!['neoplastic_to_inflammatory'], '1');
    assert.deepEqual(
      [row!['mpp_source'], row!['mask'], row!['roi'], row!['tissue_mask'], row!['hoverslide']],
      ['openslide', '', '', 'true', packageVersion],
    );
    assert.match(row!['model_sha256']!, /^[0-9a-f]{64}$/);
    assert.equal(row!['tissue_area_mm2'], String(summary.tissue_area_mm2));
    assert.equal(row!['dead_area_um2_median'], '');
  });

  it('is the same in Parquet', async () => {
    const file = await readFile(join(out, 'cohort.parquet'));
    const { decompress } = await zstd();
    const rows = await parquetReadObjects({
      file: new Uint8Array(file).buffer,
      compressors: { ZSTD: decompress },
    });
    assert.deepEqual(
      rows.map(({ age }) => age as number | null),
      [61.5, 48, null, -3, 0],
      'numbers of a manifest are numbers',
    );
    assert.equal(rows[0]!['code'], '007', 'a name is none');
    const texts = rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, value === null ? '' : String(value)]),
      ),
    );
    const written = await csv();
    assert.equal(written[0]!['age'], '61.50', 'CSV has them as they were given');
    written[0]!['age'] = '61.5';
    assert.deepEqual(texts, written);
  });
});

describe('the report', () => {
  it('needs nothing beside it, and shows what a manifest says as text', async () => {
    const page = await readFile(join(out, 'report.html'), 'utf8');
    assert.doesNotMatch(page, /<script|<link|src="(?!data:)|url\(|@import/);
    assert.ok(page.includes('&#60;script&#62;alert(1)&#60;/script&#62;'));
    assert.equal(page.match(/<article /g)!.length, 4);
    assert.equal(page.match(/src="data:image\/jpeg;base64,/g)!.length, 4);
    assert.match(page, /<td>x<\/td>\s*<td>input, at stage open<\/td>\s*<td class="wide">.*x\.tif: /);
    for (const tag of ['main', 'section', 'article', 'div', 'table', 'figure', 'svg', 'p', 'a']) {
      const count = (pattern: RegExp) => page.match(pattern)?.length ?? 0;
      assert.equal(
        count(new RegExp(`<${tag}[ >]`, 'g')),
        count(new RegExp(`</${tag}\\s*>`, 'g')),
        `${tag} is closed`,
      );
    }
  });

  it('links lead to what is there', async () => {
    const page = (await readFile(join(out, 'report.html'), 'utf8')).replaceAll('&#39;', "'");
    const links = [...page.matchAll(/href="([^#][^"]*)"/g)].map(([, link]) => decodeURIComponent(link!));
    assert.ok(links.includes("it's c/overview.png"));
    for (const link of links) await readFile(join(out, link));
    const targets = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    for (const [, link] of page.matchAll(/href="#([^"]+)"/g))
      assert.ok(targets.has(decodeURIComponent(link!)), link);
  });
});

const chromium = spawnSync('chromium', ['--version']).status === 0;

describe('the report in a browser', needs(chromium ? false : 'the package chromium'), () => {
  for (const [device, width] of [
    ['a phone', 390],
    ['a desktop', 1280],
  ] as const) {
    it(`fits the width of ${device}, and every picture shows`, async () => {
      const page = await readFile(join(out, 'report.html'), 'utf8');
      const measure = `<script>addEventListener('load', () => {
        const { scrollWidth, clientWidth } = document.documentElement;
        const pictures = [...document.images].map((image) => image.naturalWidth > 0);
        parent.postMessage(JSON.stringify({ scrollWidth, clientWidth, pictures }), '*');
      });</script>`;
      await writeFile(join(scratch, 'page.html'), page.replace('</body>', `${measure}</body>`));
      // In a frame, since a window of a browser cannot be as narrow as a phone.
      const frame = `<title></title><script>onmessage = ({ data }) => (document.title = data);</script>
        <iframe src="page.html" width="${width}" height="900" style="border: 0"></iframe>`;
      await writeFile(join(scratch, 'frame.html'), frame);
      const { stdout } = spawnSync(
        'chromium',
        [
          ...[
            '--headless',
            '--no-sandbox',
            '--disable-gpu',
            '--no-first-run',
            '--disable-background-networking',
          ],
          ...[
            '--disable-component-update',
            '--disable-sync',
            `--user-data-dir=${join(scratch, `profile-${width}`)}`,
          ],
          ...['--hide-scrollbars', '--window-size=1400,1000', '--virtual-time-budget=5000', '--dump-dom'],
          `file://${join(scratch, 'frame.html')}`,
        ],
        { encoding: 'utf8', timeout: 600_000 },
      );
      const title = /<title>(.*)<\/title>/.exec(stdout)![1]!;
      assert.deepEqual(JSON.parse(title), {
        scrollWidth: width,
        clientWidth: width,
        pictures: [true, true, true, true],
      });
    });
  }
});

describe('quality flags', () => {
  it('outliers by hand: median 5, MAD 1, so that 3.5 / 0.6745 = 5.19 is the limit', () => {
    const values = [4, 4, 5, 5, 5, 6, 6, 10.1, 10.3, null];
    assert.deepEqual(outliers(values), [8]);
    assert.deepEqual(outliers(values.slice(0, 7).concat(99)), [7]);
    assert.deepEqual(outliers([1, 1, 1, 1, 99]), [], 'too few to say');
    assert.deepEqual(outliers([1, 1, 1, 1, 1, 1, 1, 1, 99]), [], 'no spread to measure by');
  });

  it('of a slide without tissue and of those with little', async () => {
    const entries = await readEntries(out);
    assert.deepEqual(flagsOf(entries, []), [
      ['little_tissue'],
      ['little_tissue'],
      ['little_tissue'],
      [],
      ['no_tissue'],
    ]);
  });
});

it('entries of models with other classes leave the others empty', async () => {
  const [a, b] = await readEntries(out);
  const results = structuredClone(b!.results!) as { summary: { classes: Record<string, unknown> } };
  results.summary.classes = { lymphocyte: Object.values(results.summary.classes)[0] };
  const columns = cohortColumns([a!, { ...b!, results: results as never }]);
  const values = (name: string) => columns.find((column) => column.name === name)!.values;
  assert.deepEqual(values('neoplastic_count'), [2, null]);
  assert.equal(values('lymphocyte_count')[0], null);
  assert.deepEqual(values('neoplastic_to_inflammatory'), [1, null]);
});
