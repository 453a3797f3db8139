import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it, onTestFinished } from 'vitest';
import { HoverslideError, type ErrorKind } from '../../src/errors.js';
import { Inference } from '../../src/model/inference.js';
import { openModel } from '../../src/model/model.js';
import { chooseProvider, traits, type Provider } from '../../src/model/provider.js';
import { planSessions } from '../../src/model/sessions.js';
import { NotInstalled } from '../../src/model/providers/cuda.js';
import { scratchFolder } from '../../testkit/folder.js';
import { tinyMaps, tinyNet, tinyPatch, tinyPatches, tinyStride, writeTinyNet } from './tiny-net.js';

const folder = scratchFolder();
const cpu = { provider: 'cpu', threads: 1, batch: 4 } as const;

function refused(kind: ErrorKind, message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof HoverslideError, String(error));
    assert.equal(error.kind, kind);
    assert.match(error.message, message);
    assert.ok(!error.message.includes('\n'));
    return true;
  };
}

describe('inference on the CPU', () => {
  it('gives the net of the file', async () => {
    const inference = await Inference.open(await openModel(writeTinyNet(join(folder, 'net.onnx'))), cpu);
    const patches = tinyPatches(4);
    const expected = [0, 1, 2, 3].map((k) =>
      tinyMaps(patches.slice(k * tinyPatch ** 2 * 3, (k + 1) * tinyPatch ** 2 * 3)),
    );
    const { maps, seconds } = await inference.run(patches);
    assert.deepEqual(maps, new Uint8Array(Buffer.concat(expected)));
    assert.ok(seconds > 0);
    await inference.close();
  });

  it('gives a patch the same maps whatever is in the batch with it, and wherever', async () => {
    const model = await openModel(writeTinyNet(join(folder, 'mates.onnx')));
    const inference = await Inference.open(model, cpu);
    const size = tinyPatch ** 2 * 3;
    const patch = tinyPatches(1, 77);
    const alone = tinyMaps(patch);
    for (let place = 0; place < 4; place++) {
      const batch = tinyPatches(4, 100 + place);
      batch.set(patch, place * size);
      const { maps } = await inference.run(batch);
      assert.deepEqual(maps.subarray(place * alone.length, (place + 1) * alone.length), alone);
    }
    await inference.close();
  });

  it('answers in order, runs one batch at a time, and counts no second twice', async () => {
    const inference = await Inference.open(await openModel(writeTinyNet(join(folder, 'order.onnx'))), cpu);
    const start = performance.now();
    const answers = await Promise.all(
      [...Array(20).keys()].map((seed) => inference.run(tinyPatches(4, seed + 1))),
    );
    const wall = (performance.now() - start) / 1000;
    answers.forEach(({ maps }, seed) => {
      const first = tinyPatches(4, seed + 1).subarray(0, tinyPatch ** 2 * 3);
      assert.deepEqual(maps.subarray(0, tinyStride ** 2 * 4), tinyMaps(first));
    });
    const busy = answers.reduce((sum, { seconds }) => sum + seconds, 0);
    assert.ok(busy <= wall, `${busy} s in the net within ${wall} s`);
    await inference.close();
  });

  it('divides its threads between sessions, which share the batches', async () => {
    const model = await openModel(writeTinyNet(join(folder, 'sessions.onnx')));
    const opened = await Inference.open(model, { ...cpu, threads: 3 });
    assert.deepEqual(opened.sessions, { threads: [1, 1, 1], reason: 'one for each thread' });
    assert.equal(opened.width, 3);
    const seeds = [...Array(12).keys()];
    const answers = await Promise.all(seeds.map((seed) => opened.run(tinyPatches(4, seed + 1))));
    answers.forEach(({ maps }, seed) => {
      const first = tinyPatches(4, seed + 1).subarray(0, tinyPatch ** 2 * 3);
      assert.deepEqual(maps.subarray(0, tinyStride ** 2 * 4), tinyMaps(first));
    });
    await opened.close();
    const asked = await Inference.open(model, { ...cpu, threads: 5, sessions: 2 });
    assert.deepEqual(asked.sessions, { threads: [3, 2], reason: 'as asked for' });
    await asked.close();
  });

  it('has fewer sessions, of more threads, where memory is short', () => {
    const mebibyte = 2 ** 20;
    const { threads, reason } = planSessions(8, 300 * mebibyte, 2048 * mebibyte);
    assert.deepEqual(threads, [3, 3, 2]);
    assert.equal(reason, 'as many as fit into half of 2.00 GiB, each taking 0.29 GiB');
    assert.deepEqual(planSessions(4, 4096 * mebibyte, 2048 * mebibyte).threads, [4]);
  });

  it('ends behind the batch that it is at when it is closed, and what waits for it with it', async () => {
    const inference = await Inference.open(await openModel(writeTinyNet(join(folder, 'closed.onnx'))), cpu);
    const batches = [...Array(300).keys()].map((seed) => tinyPatches(4, seed + 1));
    const answers = Promise.allSettled(batches.map((patches) => inference.run(patches)));
    await inference.close();
    const states = (await answers).map(({ status }) => status);
    const first = states.indexOf('rejected');
    assert.ok(first >= 0 && !states.includes('fulfilled', first), 'those that are not answered are the last');
    await assert.rejects(inference.run(tinyPatches(4)), /has ended/);
  });
});

describe('several devices', () => {
  it('share the batches, and each batch comes back with its own maps', async () => {
    const { devices } = traits.cpu;
    Object.assign(traits.cpu, { devices: true }); // two sessions on the CPU stand for two GPUs
    onTestFinished(() => void Object.assign(traits.cpu, { devices }));
    const model = await openModel(writeTinyNet(join(folder, 'devices.onnx')));
    const inference = await Inference.open(model, { ...cpu, devices: [0, 1] });
    assert.equal(inference.width, 2);
    const batches = [...Array(30).keys()].map((seed) => tinyPatches(4, seed + 1));
    const expected = batches.map((patches) => tinyMaps(patches.slice(0, tinyPatch ** 2 * 3)));
    const answers = await Promise.all(batches.map((patches) => inference.run(patches)));
    answers.forEach(({ maps }, n) => assert.deepEqual(maps.subarray(0, expected[n]!.length), expected[n]));
    await inference.close();
  });

  it('are no option of a provider that has one', async () => {
    const model = await openModel(writeTinyNet(join(folder, 'one.onnx')));
    await assert.rejects(
      Inference.open(model, { ...cpu, devices: [0] }),
      refused('usage', /^option devices: expected provider cuda or tensorrt, found cpu$/),
    );
  });
});

describe('a model that does not fit its card', () => {
  const [image] = tinyNet.inputs;
  const [maps] = tinyNet.outputs;
  const cases: [string, Parameters<typeof writeTinyNet>[1], RegExp][] = [
    [
      'another input',
      {
        inputs: [{ ...image!, name: 'x' }],
        nodes: [{ ...tinyNet.nodes[0]!, inputs: ['x'] }, ...tinyNet.nodes.slice(1)],
      },
      /expected one input 'image uint8', found 'x uint8'/,
    ],
    [
      'float input',
      { inputs: [{ ...image!, type: 'float' }] },
      /expected one input 'image uint8', found 'image float32'/,
    ],
    [
      'no maps',
      { outputs: [{ ...maps!, name: 'sums', type: 'float', shape: ['n', 4, 32, 32] }] },
      /expected an output 'maps', found 'sums'/,
    ],
    [
      'float maps',
      {
        outputs: [{ ...maps!, type: 'float' }],
        nodes: [...tinyNet.nodes.slice(0, -1), { ...tinyNet.nodes.at(-1)!, integers: { to: 1 } }],
      },
      /expected output 'maps' of uint8, found float32/,
    ],
    [
      'patches of another size',
      { inputs: [{ ...image!, shape: ['n', 40, 40, 3] }], outputs: [{ ...maps!, shape: ['n', 38, 38, 4] }] },
      /expected input \[n, 34, 34, 3\] to work, found: /,
    ],
    [
      'maps of another size',
      {
        inputs: [{ ...image!, shape: ['n', 'h', 'w', 3] }],
        outputs: [{ ...maps!, shape: ['n', 'a', 'b', 4] }],
        metadata: {
          'hoverslide.card': tinyNet.metadata['hoverslide.card']!.replace('"stride":32', '"stride":30'),
        },
      },
      /expected output 'maps' \[n, 30, 30, 4\], found 4096 values for one patch/,
    ],
    [
      'an operator that nobody knows',
      { nodes: [{ type: 'Teleport', inputs: ['image'], output: 'maps' }] },
      /ONNX Runtime cannot load the model: .*Teleport/,
    ],
  ];
  for (const [what, change, message] of cases) {
    it(`is refused: ${what}`, async () => {
      const path = writeTinyNet(join(folder, 'unfit.onnx'), change);
      await assert.rejects(Inference.open(await openModel(path), cpu), (error) => {
        assert.ok(error instanceof HoverslideError && error.message.startsWith(path));
        return refused('model', message)(error);
      });
    });
  }
});

describe('the choice of a provider', () => {
  it('is an error where the one asked for does not work', async () => {
    const model = await openModel(writeTinyNet(join(folder, 'named.onnx')));
    await assert.rejects(
      Inference.open(model, { ...cpu, provider: 'tensorrt' }),
      refused('unavailable', /^execution provider does not work here: tensorrt: \S/),
    );
  });

  it('says with auto why better ones were passed over', async () => {
    const model = await openModel(writeTinyNet(join(folder, 'auto.onnx')));
    const inference = await Inference.open(model, { ...cpu, provider: 'auto' });
    if (inference.provider === 'cpu') assert.match(inference.passedOver.join(), /^cuda: \S/);
    else assert.deepEqual(inference.passedOver, []);
    await inference.close();
  });

  it('is said aloud where one that is installed was passed over, and not where none is', async () => {
    const works = (provider: Provider) =>
      provider === 'cpu' ? Promise.resolve('session') : Promise.reject(new Error('no NVIDIA driver'));
    const { provider, notices } = await chooseProvider('auto', works);
    assert.deepEqual([provider, notices], ['cpu', ['the net does not run on cuda: no NVIDIA driver']]);
    const absent = (provider: Provider) =>
      provider === 'cpu' ? Promise.resolve('session') : Promise.reject(new NotInstalled('not installed'));
    const { passedOver, notices: none } = await chooseProvider('auto', absent);
    assert.deepEqual([passedOver, none], [['cuda: not installed'], []]);
  });

  it('blames the model, not the provider, for a model that does not fit', async () => {
    const path = writeTinyNet(join(folder, 'blame.onnx'), { nodes: [] });
    await assert.rejects(
      Inference.open(await openModel(path), { ...cpu, provider: 'auto' }),
      refused('model', /cannot load the model/),
    );
  });
});
