// Saved maps that are unusual or unusable, and the kernel's own refusals.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { postprocessFolder, type PostprocessMode } from '../../pipelines/field/postprocess.js';
import { HoverslideError } from '../../src/errors.js';
import { referenceInstances, segmentBlobs } from '../../src/nuclei/kernel.js';
import { packMaps, type FloatMaps } from '../../src/nuclei/maps.js';
import { npyBytes, readNpy } from '../../src/npy.js';
import { packageRoot } from '../../src/package-root.js';
import { scratchFolder } from '../../testkit/folder.js';
import { blobBuffer, findBlobs } from '../../testkit/blobs.js';
import { constants } from '../../testkit/constants.js';

const scratch = scratchFolder();
const modes: PostprocessMode[] = [{ mode: 'reference' }, { mode: 'seamless', constants }];

/** A disc of radius 0.4 of the shorter side, with the distances to its centre. */
function disc(width: number, height: number): FloatMaps {
  const maps: FloatMaps = {
    width,
    height,
    np: new Float32Array(width * height),
    h: new Float32Array(width * height),
    v: new Float32Array(width * height),
    type: new Uint8Array(width * height).fill(2),
  };
  const radius = 0.4 * Math.min(width, height);
  for (let i = 0; i < width * height; ++i) {
    const [dx, dy] = [(i % width) - width / 2, Math.floor(i / width) - height / 2];
    if (Math.hypot(dx, dy) > radius) continue;
    maps.np[i] = 0.9;
    maps.h[i] = dx / radius;
    maps.v[i] = dy / radius;
  }
  return maps;
}

let folders = 0;
function save({ width, height, ...planes }: FloatMaps): string {
  const folder = join(scratch, `maps-${++folders}`);
  mkdirSync(folder);
  for (const [name, data] of Object.entries(planes)) {
    writeFileSync(join(folder, `${name}.npy`), npyBytes({ shape: [height, width], data: data }));
  }
  return folder;
}

/** What each mode finds: ids in instances.npy and entries of nuclei.json. */
async function results(maps: FloatMaps, mode: PostprocessMode) {
  const out = join(scratch, `out-${++folders}`);
  await postprocessFolder(save(maps), out, mode);
  const { nuclei } = JSON.parse(readFileSync(join(out, 'nuclei.json'), 'utf8')) as { nuclei: object[] };
  const { shape, data } = readNpy(join(out, 'instances.npy'));
  return { shape, ids: new Set(data as Int32Array), nuclei, files: readdirSync(out).sort() };
}

async function refusal(work: () => Promise<unknown>): Promise<HoverslideError> {
  try {
    await work();
  } catch (error) {
    assert.ok(error instanceof HoverslideError, String(error));
    return error;
  }
  return assert.fail('nothing was refused');
}

for (const mode of modes) {
  describe(`${mode.mode} mode`, () => {
    it('finds a disc, and leaves nothing but the results', async () => {
      const { shape, ids, nuclei, files } = await results(disc(61, 47), mode);
      assert.deepEqual(shape, [47, 61]);
      assert.deepEqual([...ids].sort(), [0, 1]);
      assert.equal(nuclei.length, 1);
      assert.deepEqual(files, ['instances.npy', 'nuclei.json']);
    });

    for (const [width, height] of [
      [1, 1],
      [1, 40],
      [40, 1],
      [2, 3],
      [21, 9],
    ] as const) {
      it(`takes a map of ${width} x ${height}, all foreground and constant`, async () => {
        const n = width * height;
        const maps = {
          width,
          height,
          np: new Float32Array(n).fill(1),
          h: new Float32Array(n),
          v: new Float32Array(n),
          type: new Uint8Array(n),
        };
        const { shape, nuclei } = await results(maps, mode);
        assert.deepEqual(shape, [height, width]);
        assert.deepEqual(nuclei, [], 'a flat map has no marker');
      });
    }

    for (const [name, value] of [
      ['np', NaN],
      ['h', Infinity],
      ['v', -Infinity],
    ] as const) {
      it(`refuses ${value} in ${name}.npy and says where`, async () => {
        const maps = disc(30, 20);
        maps[name][5 * 30 + 7] = value;
        const folder = save(maps);
        const error = await refusal(() => postprocessFolder(folder, join(scratch, 'never'), mode));
        assert.equal(error.kind, 'input');
        assert.equal(
          error.message,
          `${join(folder, `${name}.npy`)}: expected a finite number at row 5, column 7, found ${value}`,
        );
      });
    }
  });
}

describe('maps that do not fit', () => {
  it('are refused by name: another shape, another type, a missing file', async () => {
    const folder = save(disc(30, 20));
    const out = join(scratch, 'never');
    writeFileSync(join(folder, 'v.npy'), npyBytes({ shape: [30, 20], data: new Float32Array(600) }));
    let error = await refusal(() => postprocessFolder(folder, out, modes[0]!));
    assert.match(error.message, /v\.npy: expected shape \(20, 30\) as of .*np\.npy, found \(30, 20\)$/);
    writeFileSync(join(folder, 'v.npy'), npyBytes({ shape: [20, 30], data: new Int32Array(600) }));
    error = await refusal(() => postprocessFolder(folder, out, modes[0]!));
    assert.match(error.message, /v\.npy: expected floats, found integers$/);
    error = await refusal(() => postprocessFolder(scratch, out, modes[0]!));
    assert.equal(error.kind, 'missing');
  });

  it('a class beyond a byte is refused', async () => {
    const folder = save(disc(30, 20));
    writeFileSync(
      join(folder, 'type.npy'),
      npyBytes({ shape: [20, 30], data: new Int32Array(600).fill(256) }),
    );
    const error = await refusal(() => postprocessFolder(folder, join(scratch, 'never'), modes[0]!));
    assert.match(error.message, /type\.npy: expected a class from 0 to 255 at row 0, column 0, found 256$/);
  });
});

describe('hoverslide postprocess', () => {
  const hoverslide = (...args: string[]) =>
    spawnSync(process.execPath, [join(packageRoot, 'bin', 'hoverslide.cjs'), 'postprocess', ...args], {
      encoding: 'utf8',
    });
  const range = [...constants.h, ...constants.v].join(',');

  it('says how many nuclei it wrote, and where', () => {
    const out = join(scratch, 'command');
    const { status, stdout } = hoverslide(
      save(disc(61, 47)),
      '--mode=seamless',
      `--constants=${range}`,
      '-o',
      out,
    );
    assert.equal(status, 0);
    assert.equal(stdout, `1 nuclei -> ${out}\n`);
    assert.deepEqual(readdirSync(out).sort(), ['instances.npy', 'nuclei.json']);
  });

  it('ends with the exit code of what went wrong', () => {
    const folder = save(disc(61, 47));
    const out = join(scratch, 'never');
    const { status, stderr } = hoverslide(join(scratch, 'none'), '--mode', 'reference', '-o', out);
    assert.equal(status, 66);
    assert.match(stderr, /^hoverslide: .*none\/np\.npy: cannot be read \(ENOENT\)\n$/);
    assert.equal(hoverslide(folder, '--mode', 'watershed', '-o', out).status, 64);
    assert.equal(hoverslide(folder, '--mode', 'seamless', '--constants=2,1,0,1', '-o', out).status, 64);
    writeFileSync(join(folder, 'h.npy'), 'not an array of any kind');
    assert.equal(hoverslide(folder, '--mode', 'reference', '-o', out).status, 65);
  });
});

describe('the kernel', () => {
  const maps = disc(61, 47);
  const packed = { width: 61, height: 47, packed: packMaps(maps) };
  const buffer = blobBuffer(packed, findBlobs(packed));

  it('gives no nuclei for no blobs', () => {
    const block = segmentBlobs(new Uint8Array(0), constants);
    assert.equal(block.count, 0);
    assert.deepEqual([block.ringStart, block.nucleusRing], [Uint32Array.of(0), Uint32Array.of(0)]);
  });

  it('keeps only nuclei whose marker starts in the owner of the window', () => {
    assert.equal(segmentBlobs(buffer, constants).count, 1);
    const elsewhere = buffer.slice();
    new Int32Array(elsewhere.buffer, 0, 8).set([1000, 1000, 2024, 2024], 4);
    assert.equal(segmentBlobs(elsewhere, constants).count, 0);
  });

  it('refuses buffers that end early, windows that make no sense, blobs in their own margin', () => {
    const changed = (change: (header: Int32Array, bytes: Uint8Array) => void) => {
      const copy = buffer.slice();
      change(new Int32Array(copy.buffer, 0, 12), copy);
      return copy;
    };
    const refuses = (bytes: Uint8Array, message: RegExp) =>
      assert.throws(() => segmentBlobs(bytes, constants), message);
    refuses(buffer.slice(0, 20), /ends within a header/);
    refuses(buffer.slice(0, -1), /ends within a blob/);
    refuses(
      changed((header) => header.set([0], 2)),
      /window/,
    );
    refuses(
      changed((header) => header.set([-(2 ** 31), 0, 2 ** 31 - 1], 0)),
      /larger/,
    );
    refuses(
      changed((header) => header.set([-1], 8)), // as many runs as 32 bits can say
      /ends within a blob/,
    );
    refuses(
      changed((header, bytes) => {
        const runs = 48 + 8 * header[9]!;
        new Uint16Array(bytes.buffer, runs, 1)[0]! -= 1;
      }),
      /margin/,
    );
  });

  it('refuses constants that are no range', () => {
    const refused: [number, number][] = [
      [1, 1],
      [2, 1],
      [NaN, 1],
      [0, Infinity],
    ];
    for (const h of refused) {
      assert.throws(() => segmentBlobs(buffer, { ...constants, h }), /below its maximum/);
    }
  });

  it('refuses arguments of the wrong type by their name', () => {
    assert.throws(
      () => segmentBlobs('blobs' as unknown as Uint8Array, constants),
      /segmentBlobs: buffer: expected a Uint8Array, found a string/,
    );
  });

  it('reference mode refuses sizes that do not fit and values that are not finite', async () => {
    await assert.rejects(referenceInstances({ ...maps, width: 60 }), /np has 2867 values, expected 2820/);
    await assert.rejects(referenceInstances({ ...maps, height: 0 }), /at least one pixel/);
    await assert.rejects(referenceInstances({ ...maps, width: 70000, height: 70000 }), /fewer than 2\^31/);
    const np = maps.np.slice().fill(NaN, 100, 101);
    await assert.rejects(referenceInstances({ ...maps, np }), /np is not finite at row 1, column 39/);
  });

  it('reference mode can be cancelled', async () => {
    const large = disc(3000, 3000);
    const controller = new AbortController();
    const work = referenceInstances(large, controller.signal);
    const start = performance.now();
    controller.abort(new Error('enough'));
    await assert.rejects(work, /enough/);
    assert.ok(performance.now() - start < 1000);
  });
});
