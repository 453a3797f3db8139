import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, it } from 'vitest';
import { watched } from '../../pipelines/cohort/watchdog.js';
import { Claim } from '../../src/cohort/claim.js';
import { thisProcess } from '../../src/cohort/owner.js';
import type { SlideState } from '../../src/cohort/state.js';
import { StateLog } from '../../src/cohort/state-log.js';
import type { NucleiBlock } from '../../src/nuclei/block.js';
import { Journal } from '../../src/nuclei/journal.js';
import { SlideFolder } from '../../src/table/slide-folder.js';
import { quick, runTest, stateOf, states, threeSlides } from './run.js';

const { folder, slides, newOut } = threeSlides();

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

  it('that hangs is told so after a heartbeat that is still being written', async () => {
    const written: boolean[] = [];
    class SlowLog extends StateLog {
      override async renew(number: number, state: SlideState): Promise<void> {
        const stalled = state.state === 'running' && state.stalled === true;
        await delay(stalled ? 0 : 200);
        await super.renew(number, state);
        written.push(stalled);
      }
    }
    const out = newOut();
    await mkdir(out);
    const { row } = running('a', thisProcess, longAgo);
    const states = new SlowLog(new SlideFolder(join(out, 'a')));
    await states.append(0, { state: 'queued', row });
    const claim = (await Claim.take(states, (await states.last())!, row, 0, { ...quick, heartbeat: 100 }))!;
    await delay(150); // the first heartbeat is being written
    await claim.reportStall();
    assert.deepEqual(written, [false, true]);
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
