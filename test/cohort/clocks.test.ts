import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, it, vi } from 'vitest';
import { page } from '../../pipelines/cli/status.js';
import { thisProcess } from '../../src/cohort/owner.js';
import type { Running } from '../../src/cohort/state.js';
import { readStatus } from '../../src/cohort/status.js';
import { scratchFolder } from '../../testkit/folder.js';
import { withoutRoot } from '../../testkit/nobody.js';

const scratch = scratchFolder();
const hour = 3_600_000;

/** Writes the state of a slide that another machine works on, whose clock is `ahead` and whose last beat `age` old. */
async function otherMachine(name: string, ahead: number, age: number): Promise<string> {
  const [out, now] = [join(scratch, name), Date.now()];
  const time = (at: number) => new Date(at + ahead).toISOString();
  const state: Running = {
    state: 'running',
    row: { id: 'a', path: '/a.svs', bytes: 1, columns: {} },
    owner: { ...thisProcess, host: 'node7', machine: 'another' },
    begun: time(now - age - 60_000),
    heartbeat: time(now - age),
    progress: { stage: 'segment', done: 5, total: 10, nuclei: 3 },
    deaths: 0,
    furthest: 0,
  };
  await mkdir(join(out, 'a', 'states'), { recursive: true });
  const file = join(out, 'a', 'states', '0001.json');
  await writeFile(file, JSON.stringify(state));
  await utimes(file, new Date(now - age), new Date(now - age));
  return out;
}

describe('status, where clocks differ', () => {
  afterEach(() => vi.useRealTimers());

  for (const [name, ahead, said] of [
    ['behind', -hour, 'the clock of node7 is 60 min behind that of the file system'],
    ['ahead', hour, 'the clock of node7 is 60 min ahead of that of the file system'],
  ] as const) {
    it(`sees a run at work on a machine whose clock is ${name}, and says so`, async () => {
      const out = await otherMachine(name, ahead, 5000);
      const status = await readStatus(out);
      assert.equal(status.counts.running, 1);
      assert.deepEqual(status.notices, [said]);
      assert.ok(Math.abs(status.slides[0]!.seconds! - 65) < 5);
      assert.ok(page(status).includes(said));
      assert.doesNotMatch(page(status).join('\n'), /no run/);
      assert.deepEqual(await readdir(out), ['a'], 'nothing is left behind');
    });
    it(`and a dead run on it as dead`, async () => {
      const status = await readStatus(await otherMachine(`dead ${name}`, ahead, 600_000));
      assert.equal(status.counts.dead, 1);
      assert.match(page(status).join('\n'), /no run is at work/);
    });
  }

  it('judges by the clock of the file system where its own is wrong, and says so', async () => {
    const out = await otherMachine('own', 0, 5000);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hour });
    const { counts, notices } = await readStatus(out);
    assert.equal(counts.running, 1);
    assert.deepEqual(notices, ['the clock of this machine is 60 min ahead of that of the file system']);
  });

  it('does not say that no run is at work where it cannot know', async () => {
    const out = await otherMachine('unwritable', 0, 5000);
    await chmod(scratch, 0o755);
    await chmod(out, 0o555);
    await withoutRoot(async () => {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hour });
      const status = await readStatus(out);
      assert.deepEqual([status.counts.dead, status.clock_known], [1, false]);
      assert.match(page(status).join('\n'), /if that is wrong, one may be at work/);
    });
  });
});
