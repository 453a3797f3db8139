// Devices that fail in mid-run, end to end. They are played by the CPU and a net with a fault (testkit/failing-net.ts).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, it, onTestFinished } from 'vitest';
import { openEngine } from '../../pipelines/engine/engine.js';
import { Engines } from '../../pipelines/engine/engines.js';
import { runSlide } from '../../pipelines/slide/run-slide.js';
import { HoverslideError } from '../../src/errors.js';
import { Inference } from '../../src/model/inference.js';
import { openModel } from '../../src/model/model.js';
import { traits } from '../../src/model/provider.js';
import { packageRoot } from '../../src/package-root.js';
import { states } from '../cohort/run.js';
import { writeTinySlide } from '../../testkit/cohort-slides.js';
import { writeFailingNet } from '../../testkit/failing-net.js';
import { scratchFolder } from '../../testkit/folder.js';
import { Canvas } from '../../testkit/paint.js';
import { assertSameBytes, fixedBytes } from '../../testkit/product.js';
import { stubColor, stubModel } from '../../testkit/stub.js';

const lost =
  'CUDA failure 719: unspecified launch failure ; GPU=0 ; hostname=n1 ; expr=cudaStreamSynchronize(...)';
const noMemory =
  'bfc_arena.cc:376 AllocateRawInternal Failed to allocate memory for requested buffer of size 134217728';

const scratch = scratchFolder();
const folder = join(scratch, 'slides');
let outs = 0;

beforeAll(async () => {
  await mkdir(folder);
  const canvas = new Canvas(2112, 384); // 11 x 2 patches
  for (let k = 0; k < 400; k++) {
    canvas.disc(12 + ((k * 97) % 2080), 12 + ((k * 61) % 360), 6, stubColor(1 + (k % 5)));
  }
  await canvas.write(join(folder, 'a.tif'));
  await writeTinySlide(join(folder, 'b.tif'), 1);
});

/** `hoverslide run` on both slides. */
function run(out: string, model: string, batch: number, ...more: string[]) {
  const program = join(packageRoot, 'bin', 'hoverslide.cjs');
  const engine = ['--provider', 'cpu', '--threads', '1', '--workers', '1', '--batch', `${batch}`];
  const flags = ['-o', out, '--model', model, '--no-tissue-mask', ...engine, ...more];
  return spawnSync(process.execPath, [program, 'run', folder, ...flags], { encoding: 'utf8' });
}
const newOut = () => join(scratch, `out-${outs++}`);
const batchOf = (out: string, id: string) =>
  (JSON.parse(readFileSync(join(out, id, 'run.json'), 'utf8')) as { options: { batch: number } }).options
    .batch;

describe('a device that is lost in mid-run', () => {
  it('ends the run with its exit code; the slide goes on from its journal and ends in the same bytes', async () => {
    const model = writeFailingNet(join(scratch, 'lost.onnx'), { says: lost, atRun: 10 });
    const undisturbed = newOut();
    assert.equal(run(undisturbed, model, 22).status, 0); // too few runs to fail

    const out = newOut();
    const first = run(out, model, 2, '--json');
    assert.equal(first.status, 71, first.stderr);
    // The next slide, of a few patches, may have joined it, and may even have been done before the loss.
    const lines = first.stdout.trim().split('\n');
    const ended = lines.map((line) => JSON.parse(line) as Record<string, string>);
    const lostSlide = ended.find(({ slide }) => slide === 'a')!;
    assert.deepEqual([lostSlide['state'], lostSlide['kind']], ['queued', 'device']);
    const other = ended.find(({ slide }) => slide === 'b')?.['state'] ?? 'queued';
    assert.match(other, /^(queued|done)$/);
    assert.deepEqual(
      first.stderr.split('\n').filter((line) => line.includes('CUDA')),
      ['hoverslide: cpu was lost: CUDA failure 719: unspecified launch failure'],
    );
    assert.deepEqual(await states(out), ['a queued', `b ${other}`]);
    assert.ok(existsSync(join(out, 'a', 'journal', 'state')));
    assert.ok(!existsSync(join(out, 'a', 'nuclei.parquet')));

    let later = run(out, model, 2);
    assert.match(later.stderr, /a\.tif: going on at patch ([2-9]|1[0-6]) of 22/);
    // What was done behind the last checkpoint is done again, and that may be enough for another loss.
    for (let k = 0; later.status === 71 && k < 3; k++) later = run(out, model, 2);
    assert.equal(later.status, 0, later.stderr);
    assert.deepEqual(await states(out), ['a done', 'b done']);
    for (const id of ['a', 'b'])
      await assertSameBytes(join(out, id), await fixedBytes(join(undisturbed, id)), `${id} after the loss`);
  });

  it('is no fault of the net: with that the slide fails, and the next one is run', async () => {
    const model = writeFailingNet(join(scratch, 'fault.onnx'), { says: 'a fault of the net', atRun: 10 });
    const out = newOut();
    const { status, stderr } = run(out, model, 2);
    assert.equal(status, 1, stderr);
    assert.match(stderr, /a\.tif: internal error: .*a fault of the net/);
    assert.deepEqual(await states(out), ['a failed', 'b done']);
  });
});

describe('a device that runs out of memory in mid-run', () => {
  it('has smaller batches from there on: the slide begins anew, and ends as if they had been from the start', async () => {
    const model = writeFailingNet(join(scratch, 'memory.onnx'), { says: noMemory, atRun: 5, aboveBatch: 2 });
    const out = newOut();
    const { status, stderr } = run(out, model, 5);
    assert.equal(status, 0, stderr);
    const anew =
      'starting anew with batches of 2 patches: cpu ran out of memory with batches of 5 patches: ' +
      'Failed to allocate memory for requested buffer of size 134217728';
    const [first, next, ...more] = ['a', 'b'].map((id) => `${join(folder, `${id}.tif`)}: ${anew}`);
    const told = stderr.split('\n').filter((line) => line.includes('memory'));
    assert.ok(told.includes(first!), stderr);
    assert.deepEqual(
      told.filter((line) => line !== first && line !== next), // the next slide may have joined it
      more,
    );
    const small = newOut();
    assert.equal(run(small, model, 2).status, 0);
    for (const id of ['a', 'b']) {
      assert.equal(batchOf(out, id), 2);
      await assertSameBytes(join(out, id), await fixedBytes(join(small, id)), `${id} with the smaller batch`);
    }
  });

  it('is one that cannot be used where not even one patch fits', async () => {
    const model = writeFailingNet(join(scratch, 'none.onnx'), { says: noMemory, atRun: 5 });
    const out = newOut();
    const { status, stderr } = run(out, model, 2);
    assert.equal(status, 71, stderr);
    assert.match(stderr, /starting anew with batches of 1 patches/);
    assert.match(stderr, /^hoverslide: cpu ran out of memory with batches of 1 patches: Failed to allocate/m);
    const [first, next, ...more] = await states(out);
    assert.deepEqual([first, ...more], ['a queued']);
    assert.match(next!, /^b (queued|done)$/);
  });
});

describe('of several devices', () => {
  const options = {
    provider: 'cpu',
    devices: [0, 1],
    threads: 1,
    workers: 1,
    batch: 2,
    readBlock: 8,
  } as const;
  const asked = { tissueMask: false, formats: ['parquet'] } as const;
  const patches = (seed: number) =>
    Uint8Array.from({ length: 2 * 256 * 256 * 3 }, (_, k) => (k * seed) % 251);

  beforeAll(() => Object.assign(traits.cpu, { devices: true })); // two sessions on the CPU stand for two GPUs

  it('one that is lost leaves its batches to the others, until none is left', async () => {
    const sound = await Inference.open(await openModel(stubModel), { ...options, devices: [0] });
    const model = await openModel(writeFailingNet(join(scratch, 'one.onnx'), { says: lost, atRun: 5 }));
    const inference = await Inference.open(model, options);
    onTestFinished(async () => {
      await Promise.all([inference.close(), sound.close()]);
    });
    // One at a time they all go to the first device: the check and three of these are its runs up to the loss.
    for (let seed = 1; seed <= 6; seed++) {
      const { maps } = await inference.run(patches(seed));
      assert.deepEqual(maps, (await sound.run(patches(seed))).maps);
      assert.equal(inference.width, seed < 4 ? 2 : 1);
    }
    assert.deepEqual(inference.devices, [1]);
    assert.deepEqual(inference.notices, [
      'device 0 is left out from here on: cpu was lost: CUDA failure 719: unspecified launch failure',
    ]);
    await assert.rejects(
      inference.run(patches(7)),
      (error) => error instanceof HoverslideError && error.kind === 'device',
    );
  });

  it('one that is lost in mid-slide changes no byte, and is left out of what is opened after it', async () => {
    const model = await openModel(writeFailingNet(join(scratch, 'two.onnx'), { says: lost, atRun: 10 }));
    const slide = join(folder, 'a.tif');
    const undisturbed = await openEngine(model, { ...options, batch: 22 });
    const { folder: expected } = await runSlide(slide, newOut(), undisturbed, asked);
    await undisturbed.close();

    const engines = new Engines({ ...options, batch: 4 });
    onTestFinished(() => engines.close());
    const engine = await engines.take(model);
    for (let seed = 1; seed <= 8; seed++) await engine.inference.run(patches(seed)); // all on the first device
    const { folder: found } = await runSlide(slide, newOut(), engine, asked);
    assert.deepEqual(engine.inference.devices, [1]);
    await assertSameBytes(found, await fixedBytes(expected), 'one of two devices was lost');

    const next = await engines.take(await openModel(stubModel));
    assert.deepEqual(next.inference.devices, [1]);
  });
});
