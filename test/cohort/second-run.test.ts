import assert from 'node:assert/strict';
import { readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { doctorResults } from '../../pipelines/cli/doctor-results.js';
import { StateLog } from '../../src/cohort/state-log.js';
import type { SlideState } from '../../src/cohort/state.js';
import { readStatus } from '../../src/cohort/status.js';
import { SlideFolder } from '../../src/table/slide-folder.js';
import { packageVersion } from '../../src/version.js';
import { stubModel } from '../../testkit/stub.js';
import { quick, runTest, stateOf, states, threeSlides } from './run.js';
import { writeBrokenSlide, writeSlides, writeTinySlide } from '../../testkit/cohort-slides.js';

const { scratch, folder, slides, newOut } = threeSlides();

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
