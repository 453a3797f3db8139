import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, it } from 'vitest';
import { overlapped, type Side } from '../../pipelines/cohort/overlap.js';

/** Work that is told from outside when it is nearly done and when it ends. */
class Bench {
  readonly begun: string[] = [];
  readonly sides = new Map<string, Side>();
  readonly #ends = new Map<string, { resolve: (value: string) => void; reject: (error: Error) => void }>();

  readonly work = (item: string, side: Side) => {
    this.begun.push(item);
    this.sides.set(item, side);
    return new Promise<string>((resolve, reject) => this.#ends.set(item, { resolve, reject }));
  };
  async near(item: string): Promise<void> {
    this.sides.get(item)!.nearlyDone();
    await settle();
  }
  async end(item: string, error?: Error): Promise<void> {
    if (error) this.#ends.get(item)!.reject(error);
    else this.#ends.get(item)!.resolve(`${item} done`);
    await settle();
  }
}

async function settle(): Promise<void> {
  for (let k = 0; k < 5; k++) await turn();
}

const always = () => true;

describe('slides one after the other', () => {
  it('begin when the one before is nearly done, and never more than two are at work', async () => {
    const bench = new Bench();
    const all = overlapped(['a', 'b', 'c', 'd'], always, bench.work);
    await settle();
    assert.deepEqual(bench.begun, ['a']);
    await bench.near('a');
    assert.deepEqual(bench.begun, ['a', 'b']);
    await bench.near('b');
    assert.deepEqual(bench.begun, ['a', 'b'], 'a is still at work');
    await bench.end('a');
    assert.deepEqual(bench.begun, ['a', 'b', 'c']);
    await bench.end('c');
    assert.deepEqual(bench.begun, ['a', 'b', 'c'], 'b is, and so c must not be followed');
    await bench.end('b');
    assert.deepEqual(bench.begun, ['a', 'b', 'c', 'd']);
    await bench.end('d');
    assert.deepEqual(await all, ['a done', 'b done', 'c done', 'd done']);
  });

  it('wait for the end of the one before where they cannot run together', async () => {
    const bench = new Bench();
    const all = overlapped(['a', 'b'], () => false, bench.work);
    await settle();
    await bench.near('a');
    assert.deepEqual(bench.begun, ['a']);
    await bench.end('a');
    await bench.end('b');
    assert.deepEqual(await all, ['a done', 'b done']);
  });

  it('can wait until they are alone', async () => {
    const bench = new Bench();
    const all = overlapped(['a', 'b'], always, bench.work);
    await settle();
    await bench.near('a');
    let alone = false;
    void bench.sides
      .get('b')!
      .alone()
      .then(() => (alone = true));
    await settle();
    assert.equal(alone, false);
    await bench.end('a');
    assert.equal(alone, true);
    await bench.end('b');
    await all;
  });

  it('stop beside one that fails: the error is its own, after the others have ended', async () => {
    const bench = new Bench();
    const all = overlapped(['a', 'b', 'c'], always, bench.work);
    let ended = false;
    all.catch(() => (ended = true));
    await settle();
    await bench.near('a');
    await bench.end('b', new Error('b is broken'));
    assert.ok(bench.sides.get('a')!.stop.aborted);
    assert.equal(ended, false, 'a is still at work');
    await bench.end('a', new Error('stopped'));
    await assert.rejects(all, /b is broken/);
    assert.deepEqual(bench.begun, ['a', 'b']);
  });
});
