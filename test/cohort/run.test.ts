import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, it } from 'vitest';
import { doctorResults } from '../../pipelines/cli/doctor-results.js';
import { watched } from '../../pipelines/cohort/watchdog.js';
import { Claim } from '../../src/cohort/claim.js';
import { thisProcess } from '../../src/cohort/owner.js';
import { StateLog } from '../../src/cohort/state-log.js';
import type { SlideState } from '../../src/cohort/state.js';
import { readStatus } from '../../src/cohort/status.js';
import type { NucleiBlock } from '../../src/nuclei/block.js';
import { Journal } from '../../src/nuclei/journal.js';
import { SlideFolder } from '../../src/table/slide-folder.js';
import { NucleusTable } from '../../src/table/read.js';
import { packageVersion } from '../../src/version.js';
import { scratchFolder } from '../../testkit/folder.js';
import { stubModel } from '../../testkit/stub.js';
import { quick, runTest, stateOf, states, table } from './run.js';
import {
  writeBrokenSlide,
  writeEmptySlide,
  writeSlides,
  writeTinySlide,
} from '../../testkit/cohort-slides.js';

const scratch = scratchFolder();
const folder = join(scratch, 'slides');
let slides: string[];
let outs = 0;
const newOut = () => join(scratch, `out-${outs++}`);

beforeAll(async () => {
  slides = await writeSlides(folder, 3);
});

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

/** Names and bytes of a slide's results. */
async function resultsOf(folder: string): Promise<[string, string][]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  return Promise.all(
    names.sort().map(async (name) => [name, (await readFile(join(folder, name))).toString('base64')]),
  );
}

describe('a second run', () => {
  it('leaves done slides as they are, also where the file was only touched', async () => {
    const out = newOut();
    await runTest({ out, slides });
    const before = await stat(join(out, 'a', 'nuclei.parquet'));
    await utimes(slides[0]!, new Date(), new Date());
    const { code, events } = await runTest({ out, slides });
    assert.equal(code, 0);
    assert.deepEqual(events, ['kept a done', 'kept b done', 'kept c done']);
    assert.equal((await stat(join(out, 'a', 'nuclei.parquet'))).ino, before.ino);
  });

  it('names the versions that made the tables, and does older ones again if it is told to', async () => {
    const out = newOut();
    await runTest({ out, slides });
    assert.deepEqual((await readStatus(out)).notices, []);
    const log = new StateLog(new SlideFolder(join(out, 'b')));
    const { number, state } = (await log.last())!;
    assert.ok(state.state === 'done');
    const { hoverslide, ...withoutVersion } = state.made; // as versions before 0.2.0 wrote it
    assert.equal(hoverslide, packageVersion);
    await log.append(number, { ...state, made: withoutVersion } as SlideState);

    const { notices, slides: statuses } = await readStatus(out);
    const counts = `0.1 (1 of 3 slides), ${packageVersion} (2 of 3 slides)`;
    assert.ok(
      notices[0]!.startsWith(`tables were made by hoverslide ${counts}; this is ${packageVersion}: `),
    );
    assert.deepEqual(
      statuses.map((slide) => slide.hoverslide),
      [packageVersion, '0.1', packageVersion],
    );
    const doctor = new Map<string, string>();
    assert.ok(await doctorResults(out, (what, found) => void doctor.set(what, found)));
    assert.deepEqual(
      [...doctor],
      [
        ['results', '3 of 3 slides have them'],
        ['update', notices[0]],
      ],
    );
    assert.ok(!(await doctorResults(scratch, () => {})), 'a folder without results is none');
    assert.deepEqual((await runTest({ out, slides })).events, ['kept a done', 'kept b done', 'kept c done']);
    assert.deepEqual((await runTest({ out, slides, redoOlder: true })).events, [
      'kept a done',
      'kept c done',
      `begin b: again: it was made by hoverslide 0.1, now ${packageVersion}`,
      'done b',
    ]);
    assert.deepEqual((await readStatus(out)).notices, []);
  });

  it('says which slides it does again, and why', async () => {
    const [out, copy, other] = [newOut(), join(scratch, 'copy'), join(scratch, 'other.onnx')];
    const [a, b, c] = await writeSlides(copy, 3);
    await runTest({ out, slides: [a!, b!, c!] });
    await writeTinySlide(a!, 7);
    await rm(join(out, 'c', 'nuclei.parquet'));
    const changed = await runTest({ out, slides: [a!, b!, c!] });
    assert.match(changed.events[1]!, /^begin a: again: the slide's file changed: it had \d+ bytes, now \d+$/);
    assert.equal(changed.events[0], 'kept b done');
    assert.deepEqual(changed.events.slice(2), ['done a', 'begin c: again: nuclei.parquet is gone', 'done c']);

    const options = await runTest({ out, slides: [a!, b!], mpp: 0.25, formats: ['csv'] });
    assert.equal(options.events[0], 'begin a: again: option mpp changed: it was not given, now 0.25');
    assert.deepEqual(
      await readdir(join(out, 'a')).then((names) => names.filter((name) => /nuclei\.(?!jpg)/.test(name))),
      ['nuclei.csv'],
    );
    await writeFile(other, Buffer.concat([await readFile(stubModel), Buffer.from([0x32, 1, 0x78])]));
    const model = await runTest({ out, slides: [b!], model: other, mpp: 0.25, formats: ['csv'] });
    assert.match(
      model.events[0]!,
      /^begin b: again: the model changed: it was stub 1 \(\w{8}\), now stub 1 \(\w{8}\)$/,
    );
    const stain = await runTest({
      out,
      slides: [b!],
      model: other,
      mpp: 0.25,
      formats: ['csv'],
      stain: 'slide',
    });
    assert.equal(stain.events[0], 'begin b: again: option stain changed: it was fixed, now slide');
    assert.match(stain.events[1]!, /^failed b: .*option stain: expected at least 1000 pixels with stain/);
  });

  it('makes a format that is asked for later from the table, without the net', async () => {
    const [out, whole, slide] = [newOut(), newOut(), slides[0]!];
    await runTest({ out: whole, slides: [slide], formats: ['parquet', 'csv', 'geojson'] });
    await runTest({ out, slides: [slide] });
    const record = await stat(join(out, 'a', 'run.json'));
    const later = await runTest({ out, slides: [slide], formats: ['csv', 'geojson'] });
    assert.deepEqual([later.code, later.events], [0, ['kept a done']]);
    assert.equal((await stat(join(out, 'a', 'run.json'))).ino, record.ino);
    for (const file of ['nuclei.parquet', 'nuclei.csv', 'nuclei.geojson.gz']) {
      const [ours, theirs] = await Promise.all([out, whole].map((of) => readFile(join(of, 'a', file))));
      assert.ok(ours!.equals(theirs!), file);
    }
    assert.deepEqual((await stateOf(out, 'a', 'done')).made.options.formats, ['csv', 'geojson', 'parquet']);
    assert.deepEqual(
      (await runTest({ out, slides: [slide] })).events,
      ['kept a done'],
      'nor to leave one out',
    );

    const torn = newOut();
    await runTest({ out: torn, slides: [slide] });
    await writeFile(join(torn, 'a', 'nuclei.parquet'), 'torn');
    const { events } = await runTest({ out: torn, slides: [slide], formats: ['csv'] });
    assert.match(
      events[0]!,
      /^begin a: again: csv cannot be made from its table: .*nuclei\.parquet cannot be read/,
    );
    const csv = newOut();
    await runTest({ out: csv, slides: [slide], formats: ['csv'] });
    const parquet = await runTest({ out: csv, slides: [slide], formats: ['parquet'] });
    assert.equal(parquet.events[0], 'begin a: again: option formats changed: it was csv, now parquet');
  });

  it('leaves a finished slide finished if its mask or region cannot be read', async () => {
    const [out, manifest] = [newOut(), join(folder, 'masked.csv')];
    const polygon = { type: 'Polygon', coordinates: [[[0, 0], [200, 0], [200, 200], [0, 0]]] }; // prettier-ignore
    await writeFile(join(folder, 'good.geojson'), JSON.stringify(polygon));
    await writeFile(join(folder, 'bad.geojson'), '{"type": "Polygon"}');
    await writeFile(join(folder, 'bad.png'), '\x89PNG and no more');
    await writeFile(manifest, 'slide,mask,roi\na.tif,good.geojson,\nb.tif,,\n');
    await runTest({ out, manifest });
    const before = await states(out);
    await writeFile(manifest, 'slide,mask,roi\na.tif,bad.png,\nb.tif,,bad.geojson\nc.tif,,\n');
    const { code, events } = await runTest({ out, manifest });
    assert.equal(code, 65);
    assert.equal(events.length, 1);
    assert.match(
      events[0]!,
      /^2 problems, nothing was run:\n {2}mask .*bad\.png: expected .*\n {2}region .*bad\.geojson: coordinates: expected a list, found nothing$/,
    );
    assert.deepEqual(await states(out), before);
  });

  it('keeps the old results whole until the new ones take their place', async () => {
    const [out, slide] = [newOut(), slides[0]!];
    await runTest({ out, slides: [slide] });
    const folder = join(out, 'a');
    const before = await resultsOf(folder);

    const stop = new AbortController();
    const stopped = await runTest({
      out,
      slides: [slide],
      mpp: 0.27,
      signal: stop.signal,
      begin: () => stop.abort(),
    });
    assert.equal(stopped.code, 75);
    assert.deepEqual(await resultsOf(folder), before, 'after a stop');

    const failed = await runTest({ out, slides: [slide], roi: '9000,9000,5,5' });
    assert.equal(failed.code, 65);
    assert.deepEqual(await states(out), ['a failed']);
    assert.deepEqual(await resultsOf(folder), before, 'after a failure');

    const again = await runTest({ out, slides: [slide] });
    assert.deepEqual(again.events, ['kept a done'], 'what is there is what is asked for');
    assert.deepEqual(await states(out), ['a done']);

    await runTest({ out, slides: [slide], mpp: 0.27 });
    assert.notDeepEqual(await resultsOf(folder), before);
  });

  it('does again what a run that was killed between results and state has replaced', async () => {
    const [out, slide] = [newOut(), slides[0]!];
    await runTest({ out, slides: [slide] });
    const earlier = await stateOf(out, 'a', 'done');
    await runTest({ out, slides: [slide], mpp: 0.27 });
    const log = new StateLog(new SlideFolder(join(out, 'a')));
    await log.append((await log.last())!.number, { state: 'queued', row: earlier.row, earlier });
    const { events } = await runTest({ out, slides: [slide] });
    assert.deepEqual(events, ['begin a', 'done a']);
  });

  it('touches no state where an option is wrong', async () => {
    const [out, slide] = [newOut(), slides[0]!];
    await runTest({ out, slides: [slide] });
    const { code, events } = await runTest({ out, slides: [slide], roi: '300,300,400' });
    assert.deepEqual([code, await states(out)], [64, ['a done']]);
    assert.match(events[0]!, /option roi: expected x,y,w,h/);
  });

  it('tries failed slides again', async () => {
    const [out, slide] = [newOut(), join(scratch, 'mended.tif')];
    await writeBrokenSlide(slide);
    assert.equal((await runTest({ out, slides: [slide] })).code, 65);
    await writeTinySlide(slide, 3);
    const { code, events } = await runTest({ out, slides: [slide] });
    assert.equal(code, 0);
    assert.match(events[0]!, /^begin mended: again: it failed before \(.*mended\.tif: /);
  });

  it('at the same time shares the slides: each is done once, and both runs know of all', async () => {
    const out = newOut();
    const runs = await Promise.all([
      runTest({ out, slides, pace: quick }),
      runTest({ out, slides, pace: quick }),
    ]);
    const events = runs.flatMap((run) => run.events);
    assert.deepEqual(
      runs.map((run) => run.code),
      [0, 0],
    );
    assert.deepEqual(events.filter((event) => event.startsWith('done')).sort(), [
      'done a',
      'done b',
      'done c',
    ]);
    assert.equal(events.filter((event) => event.startsWith('kept')).length, 3);
  });
});

describe('a run that died', () => {
  const running = (id: string, owner: typeof thisProcess, heartbeat: string, deaths = 0, done = 0) =>
    ({
      state: 'running',
      row: { id, path: join(folder, `${id}.tif`), bytes: 1, columns: {} },
      owner,
      begun: heartbeat,
      heartbeat,
      progress: { stage: 'segment', done, total: 9, nuclei: 0 },
      deaths,
      furthest: 0,
    }) as const;
  const log = async (out: string, id: string) => {
    await mkdir(out, { recursive: true });
    return new StateLog(new SlideFolder(join(out, id)));
  };
  const longAgo = '2026-01-01T00:00:00.000Z';
  const elsewhere = { ...thisProcess, host: 'node7', machine: 'another machine' };

  it('on this machine is known by its process, and its slide is taken over at once', async () => {
    const out = newOut();
    const dead = { ...thisProcess, started: '1' }; // this pid, before it came round
    await (await log(out, 'a')).append(0, running('a', dead, new Date().toISOString()));
    const { events } = await runTest({ out, slides: [slides[0]!] });
    assert.deepEqual(events, [`begin a: taken over: its run on ${thisProcess.host} has died`, 'done a']);
  });

  it('leaves slides that are tried alone, so that one that kills its process takes no other with it', async () => {
    const out = newOut();
    const dead = { ...thisProcess, started: '1' };
    for (const id of ['a', 'b']) {
      await (await log(out, id)).append(0, running(id, dead, new Date().toISOString()));
    }
    const beside: Promise<string[]>[] = [];
    await runTest({ out, slides: slides.slice(0, 3), begin: () => beside.push(states(out)) });
    const atWork = (await Promise.all(beside)).map(
      (all) => all.filter((line) => line.endsWith('running')).length,
    );
    assert.equal(atWork[0], 2, 'the other one is still said to run by the dead process');
    assert.equal(atWork[1], 1);
    assert.equal(atWork.length, 3);
  });

  it('at a patch that its journal knows better is not held to have died at the same place', async () => {
    const out = newOut();
    const dead = { ...thisProcess, started: '1' };
    const states = await log(out, 'a');
    await states.append(0, { ...running('a', dead, longAgo, 2), furthest: 4 });
    const journal = await Journal.open(new SlideFolder(join(out, 'a')).journal, 'of another run');
    await journal.append({ count: 0 } as NucleiBlock, {
      position: 7,
      nuclei: 0,
      cutBlobs: 0,
      stitcher: new Uint8Array(),
    });
    await journal.close();
    const { events } = await runTest({ out, slides: [slides[0]!] });
    assert.deepEqual(events, [`begin a: taken over: its run on ${thisProcess.host} has died`, 'done a']);
  });

  it('three times at one place fails the slide, and says where it hung if it did', async () => {
    const [out, hung] = [newOut(), newOut()];
    const dead = { ...thisProcess, started: '1' };
    await (await log(out, 'a')).append(0, running('a', dead, longAgo, 2));
    assert.match((await runTest({ out, slides: [slides[0]!] })).events[0]!, /kept a failed/);
    assert.match((await stateOf(out, 'a', 'failed')).error, /3 runs died at this slide.*patch 0 of 9/);
    await (await log(hung, 'a')).append(0, { ...running('a', dead, longAgo, 2), stalled: true });
    await runTest({ out: hung, slides: [slides[0]!] });
    assert.match((await stateOf(hung, 'a', 'failed')).error, /3 runs made no progress.*stage segment/);
  });

  it('that hangs is told with its place', async () => {
    const states = await log(newOut(), 'a');
    await states.append(0, { state: 'queued', row: running('a', thisProcess, longAgo).row });
    const pace = { ...quick, stall: 200 };
    const claim = (await Claim.take(
      states,
      (await states.last())!,
      running('a', thisProcess, longAgo).row,
      0,
      pace,
    ))!;
    claim.report({ stage: 'segment', done: 3, total: 9 });
    const over = new AbortController();
    const hanging = () => delay(60_000, undefined, { signal: over.signal }).catch(() => {});
    const where = await new Promise<string>((resolve) => void watched(claim, pace, resolve, hanging));
    over.abort();
    assert.equal(where, 'at patch 3 of 9 (stage segment)');
    const { state } = (await states.last())!;
    assert.ok(state.state === 'running' && state.stalled);
    await claim.giveBack();
  });

  it('on another machine is dead when its heartbeat has not changed for a while, whatever the clocks say', async () => {
    const out = newOut();
    const states = await log(out, 'a');
    await states.append(0, running('a', elsewhere, longAgo)); // its clock is wrong
    let beats = 0;
    const heart = setInterval(() => {
      if (++beats < 8)
        void states.renew(1, running('a', elsewhere, new Date(Date.parse(longAgo) + beats).toISOString()));
    }, 100);
    const start = performance.now();
    const { events } = await runTest({ out, slides: slides.slice(0, 2), pace: quick });
    clearInterval(heart);
    assert.deepEqual(events, [
      'begin b',
      'done b',
      'begin a: taken over: its run on node7 has died',
      'done a',
    ]);
    assert.ok(performance.now() - start > 700 + quick.patience, 'not before the heartbeat had stopped');
  });

  it('three times at one slide without getting further makes the slide fail', async () => {
    const out = newOut();
    const dead = { ...thisProcess, started: '1' };
    await (await log(out, 'a')).append(0, running('a', dead, longAgo, 2));
    const { code, events } = await runTest({ out, slides: slides.slice(0, 2) });
    assert.equal(code, 1);
    assert.deepEqual(events, ['kept a failed', 'begin b', 'done b']);
    assert.match((await stateOf(out, 'a', 'failed')).error, /3 runs died at this slide, .* patch 0 of 9/);
  });

  it('and got further each time is given another try', async () => {
    const out = newOut();
    const dead = { ...thisProcess, started: '1' };
    await (await log(out, 'a')).append(0, running('a', dead, longAgo, 2, 5));
    assert.equal((await runTest({ out, slides: [slides[0]!] })).code, 0);
  });

  for (const [when, heartbeat] of [
    ['at its next heartbeat', 20],
    ['at the end', 1e6],
  ] as const)
    it(`but wakes up again sees ${when} that another one has taken over, and leaves the slide to it`, async () => {
      const out = newOut();
      const lateStates = await log(out, 'a');
      // Another run appends behind ours while the slide is at work: our word does not count any more.
      const { events, code } = await runTest({
        out,
        slides: [slides[0]!],
        pace: { ...quick, heartbeat },
        begin: (_, why) => void (why === undefined && takeOver()),
      });
      async function takeOver(): Promise<void> {
        const seen = (await lateStates.last())!;
        await lateStates.append(seen.number, running('a', { ...elsewhere }, longAgo));
      }
      assert.equal(code, 0);
      assert.equal(events[0], 'begin a');
      assert.equal(events.filter((event) => event === 'done a').length, 1);
      assert.ok(events.includes('begin a: taken over: its run on node7 has died'), basename(out));
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
