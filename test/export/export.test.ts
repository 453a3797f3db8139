import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Papa from 'papaparse';
import { beforeAll, describe, it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { NucleusTable } from '../../src/table/read.js';
import { writeSlides } from '../../testkit/cohort-slides.js';
import { scratchFolder } from '../../testkit/folder.js';
import { runTest } from '../cohort/run.js';

const scratch = scratchFolder();
const [out, whole] = [join(scratch, 'out'), join(scratch, 'whole')];

/** Two slides of six nuclei, once with the table in Parquet alone and once in all formats. */
beforeAll(async () => {
  const slides = await writeSlides(join(scratch, 'slides'), 2);
  await runTest({ out, slides });
  await runTest({ out: whole, slides, formats: ['parquet', 'csv', 'geojson'] });
});

function exporting(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const bin = join(packageRoot, 'bin', 'hoverslide.cjs');
  return spawnSync(process.execPath, [bin, 'export', ...args], { encoding: 'utf8' });
}

async function csv(path: string): Promise<Record<string, string>[]> {
  const text = await readFile(path, 'utf8');
  return Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true }).data;
}

describe('hoverslide export', () => {
  it('writes what the run would have written, for all slides of a run', async () => {
    const { status, stdout, stderr } = exporting(out, '--format', 'csv,geojson');
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^6 nuclei -> .*a\/nuclei\.csv, .*a\/nuclei\.geojson\.gz\n6 nuclei -> /);
    for (const slide of ['a', 'b']) {
      for (const file of ['nuclei.csv', 'nuclei.geojson.gz']) {
        const [ours, theirs] = await Promise.all([out, whole].map((of) => readFile(join(of, slide, file))));
        assert.ok(ours!.equals(theirs!), `${slide}/${file}`);
      }
    }
  });

  it('writes a part of one slide into a folder of its own, which knows that it is one', async () => {
    const to = join(scratch, 'part');
    const where = "class in ('neoplastic', 'inflammatory') and area_um2 > 1";
    const { status, stderr } = exporting(
      ...[join(whole, 'a'), '--format', 'parquet,csv,geojson', '--to', to],
      ...['--roi', '0,0,130,288', '--where', where],
    );
    assert.equal(status, 0, stderr);
    const all = await csv(join(whole, 'a', 'nuclei.csv'));
    const expected = all.filter(
      (row) => Number(row['centroid_x_px']) < 130 && ['neoplastic', 'inflammatory'].includes(row['class']!),
    );
    assert.ok(expected.length > 0 && expected.length < all.length);
    assert.deepEqual(await csv(join(to, 'a', 'nuclei.csv')), expected);
    const json = gunzipSync(await readFile(join(to, 'a', 'nuclei.geojson.gz'))).toString();
    const { features } = JSON.parse(json) as { features: { id: string }[] };
    const ids = expected.map(({ id }) => id);
    assert.deepEqual(
      features.map(({ id }) => id),
      ids,
    );
    const table = await NucleusTable.open(join(to, 'a', 'nuclei.parquet'));
    const found: string[] = [];
    for await (const rows of table.rowGroups(['id'])) found.push(...rows.id);
    assert.deepEqual(found, ids);
    assert.equal(table.facts.selection!['where'], where);
    assert.equal((await NucleusTable.open(join(whole, 'a', 'nuclei.parquet'))).facts.selection, undefined);
  });

  it('all of a table in Parquet is the table', async () => {
    const to = join(scratch, 'copy');
    assert.equal(exporting(whole, '--format', 'parquet', '--to', to).status, 0);
    const [ours, theirs] = await Promise.all(
      [to, whole].map((of) => readFile(join(of, 'b', 'nuclei.parquet'))),
    );
    assert.ok(ours!.equals(theirs!));
  });

  it('refuses what would harm results or makes no sense, in one line, and writes nothing', async () => {
    const other = join(scratch, 'other');
    const torn = join(scratch, 'torn');
    await mkdir(join(torn, 'a'), { recursive: true });
    await writeFile(join(torn, 'a', 'run.json'), '{}');
    const cases: [string[], number, RegExp][] = [
      [[whole, '--where', 'area_um2 > 1'], 64, /--to: expected a folder for a part of the table/],
      [[whole, '--roi', '0,0,9,9'], 64, /--to: expected a folder for a part of the table/],
      [
        [whole, '--to', out, '--where', 'area_um2 > 1'],
        64,
        /--to: expected a folder without results of runs/,
      ],
      [[whole, '--to', other, '--where', 'area > 1'], 64, /--where: expected a column/],
      [[whole, '--to', other, '--roi', '1,2,3'], 64, /--roi: expected x,y,w,h/],
      [[join(scratch, 'none')], 66, /none: cannot read the folder of results/],
      [[join(scratch, 'slides')], 66, /slides: expected results of 'hoverslide run', found none/],
      [[torn], 66, /cannot read the table .*torn\/a\/nuclei\.parquet/],
    ];
    const before = await readFile(join(whole, 'a', 'nuclei.csv'));
    for (const [args, code, message] of cases) {
      const { status, stderr } = exporting(...args, '--format', 'csv');
      assert.equal(status, code, `${args.join(' ')}: ${stderr}`);
      assert.match(stderr, message);
      assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
    }
    assert.equal(exporting(whole, '--format', 'parquet').status, 64);
    assert.ok((await readFile(join(whole, 'a', 'nuclei.csv'))).equals(before));
    assert.ok(!(await readdir(scratch)).includes('other'));
  });
});
