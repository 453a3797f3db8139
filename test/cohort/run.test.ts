import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { NucleusTable } from '../../src/table/read.js';
import { stubModel } from '../../testkit/stub.js';
import { runTest, stateOf, states, table, threeSlides } from './run.js';
import { writeBrokenSlide, writeEmptySlide } from '../../testkit/cohort-slides.js';

const { scratch, folder, slides, newOut } = threeSlides();

describe('a cohort', () => {
  it('goes on behind a broken slide; every slide ends in a state with its reason', async () => {
    const [out, broken, glass] = [newOut(), join(scratch, 'broken.tif'), join(scratch, 'glass.tif')];
    await writeBrokenSlide(broken);
    await writeEmptySlide(glass);
    const { code, events } = await runTest({ out, slides: [broken, glass, ...slides] });
    assert.equal(code, 1);
    assert.deepEqual(await states(out), ['a done', 'b done', 'broken failed', 'c done', 'glass skipped']);
    const { stage, kind, error } = await stateOf(out, 'broken', 'failed');
    assert.deepEqual([stage, kind], ['open', 'input']);
    assert.match(error, /broken\.tif: /);
    assert.equal((await stateOf(out, 'glass', 'skipped')).reason, 'no tissue was found on it');
    assert.equal((await NucleusTable.open(join(out, 'glass', 'nuclei.parquet'))).rowCount, 0);
    assert.deepEqual(
      events.slice(0, 2).map((event) => event.slice(0, 13)),
      ['begin broken', 'failed broken'],
    );
  });

  it('alone, a broken slide gives its own exit code', async () => {
    const [out, broken] = [newOut(), join(scratch, 'broken.tif')];
    await writeBrokenSlide(broken);
    assert.equal((await runTest({ out, slides: [broken] })).code, 65);
  });

  it('nothing is written if anything is wrong with the input', async () => {
    const out = newOut();
    const { code, events } = await runTest({ out, slides: [...slides, join(scratch, 'gone.svs')] });
    assert.equal(code, 66);
    assert.deepEqual(events, [`${join(scratch, 'gone.svs')}: no such file`]);
    await assert.rejects(stat(out));
  });

  it('a manifest gives ids, and its columns go into the states', async () => {
    const [out, manifest] = [newOut(), join(folder, 'cohort.csv')];
    await writeFile(manifest, 'slide,id,patient\na.tif,first,P 1\nb.tif,,P 2\n');
    assert.equal((await runTest({ out, manifest })).code, 0);
    assert.deepEqual(await states(out), ['b done', 'first done']);
    assert.deepEqual((await stateOf(out, 'first', 'done')).row.columns, { patient: 'P 1' });
    const summary = JSON.parse(await readFile(join(out, 'first', 'summary.json'), 'utf8')) as {
      slide: string;
    };
    assert.equal(summary.slide, 'first');

    await writeFile(manifest, 'slide,id,patient\na.tif,first,P 9\nb.tif,,P 2\n');
    assert.deepEqual((await runTest({ out, manifest })).events, ['kept first done', 'kept b done']);
    assert.deepEqual((await stateOf(out, 'first', 'done')).row.columns, { patient: 'P 9' });
  });

  it('slides of one model run together, in the order in which models come first', async () => {
    const [out, other, manifest] = [newOut(), join(folder, 'other.onnx'), join(folder, 'models.csv')];
    await copyFile(stubModel, other);
    await writeFile(other, Buffer.concat([await readFile(stubModel), Buffer.from([0x32, 1, 0x78])])); // a doc_string
    await writeFile(manifest, 'slide,model\na.tif,other.onnx\nb.tif,\nc.tif,other.onnx\n');
    const { code, events } = await runTest({ out, manifest });
    assert.deepEqual(
      events.filter((event) => event.startsWith('begin')),
      ['begin a', 'begin c', 'begin b'],
    );
    assert.equal(code, 0);
    const used = await Promise.all(
      ['a', 'b', 'c'].map(async (id) => (await stateOf(out, id, 'done')).made.model.sha256),
    );
    assert.ok(used[0] === used[2] && used[0] !== used[1]);
  });

  it('a model that the net cannot be made of fails its slides; those of other models go on', async () => {
    const [out, bad, manifest] = [newOut(), join(folder, 'bad.onnx'), join(folder, 'bad.csv')];
    const onnx = await readFile(stubModel);
    onnx.write('Gathex', onnx.indexOf('Gather')); // an operator that there is not
    await writeFile(bad, onnx);
    await writeFile(manifest, 'slide,model\na.tif,bad.onnx\nb.tif,\n');
    assert.equal((await runTest({ out, manifest })).code, 1);
    const { stage, kind } = await stateOf(out, 'a', 'failed');
    assert.deepEqual([stage, kind, (await states(out))[1]], ['model', 'model', 'b done']);
  });

  it('all shards together do each slide once, and know the whole cohort', async () => {
    const [out, whole] = [newOut(), newOut()];
    const first = await runTest({ out, slides, shard: { index: 1, count: 2 } });
    assert.equal(
      (await states(out)).filter((line) => line.endsWith('queued')).length,
      3 - first.events.length / 2,
    );
    const second = await runTest({ out, slides, shard: { index: 2, count: 2 } });
    assert.equal([...first.events, ...second.events].filter((event) => event.startsWith('begin')).length, 3);
    await runTest({ out: whole, slides });
    for (const id of ['a', 'b', 'c']) assert.ok((await table(out, id)).equals(await table(whole, id)));
  });

  it('slides are read from a copy on a local disk, and the copy is removed', async () => {
    const [out, plain, disk] = [newOut(), newOut(), join(scratch, 'disk')];
    await mkdir(disk);
    const broken = join(scratch, 'broken.tif');
    await writeBrokenSlide(broken);
    await runTest({ out, slides: [slides[0]!, broken], localDisk: disk });
    await runTest({ out: plain, slides: [slides[0]!, broken] });
    assert.ok((await table(out, 'a')).equals(await table(plain, 'a')));
    assert.deepEqual(await readdir(disk), []);
    const errors = await Promise.all(
      [out, plain].map(async (o) => (await stateOf(o, 'broken', 'failed')).error),
    );
    assert.equal(errors[0], errors[1], 'the copy is not named');
    const record = JSON.parse(await readFile(join(out, 'a', 'run.json'), 'utf8')) as {
      slide: { path: string };
    };
    assert.ok(record.slide.path.startsWith(disk));
  });
});
describe('an output that goes away', () => {
  it('stops the run with its own exit code', async () => {
    const out = newOut();
    const { code, events } = await runTest({
      out,
      slides,
      begin: (id) => id === 'b' && renameSync(out, `${out}-gone`),
    });
    assert.equal(code, 73);
    assert.ok(!events.includes('begin c'));
    await assert.rejects(stat(join(out, 'b', 'states')), 'nothing is said to be done in its place');
  });
});
