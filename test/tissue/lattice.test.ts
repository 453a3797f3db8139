import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { ModelSpace } from '../../src/slide/model-space.js';
import { Lattice, tissuePatches } from '../../src/tissue/lattice.js';
import type { TissueMask } from '../../src/tissue/mask.js';

const patch = { patch: 256, stride: 192 };

function mask(width: number, height: number, scale: number, tissue: [x: number, y: number][]): TissueMask {
  const data = new Uint8Array(width * height);
  for (const [x, y] of tissue) data[y * width + x] = 1;
  return { width, height, data, scale: { x: scale, y: scale } };
}

function pairs(patches: Uint32Array): string[] {
  return Array.from({ length: patches.length / 2 }, (_, n) => `${patches[2 * n]},${patches[2 * n + 1]}`);
}

describe('the lattice of patches', () => {
  it('covers the slide with whole patches', () => {
    const lattice = new Lattice(new ModelSpace(1000, 192, 1, 0.25), patch);
    assert.deepEqual([lattice.columns, lattice.rows], [6, 1]);
  });

  it('is run in Z-order', () => {
    const lattice = new Lattice(new ModelSpace(768, 768, 1, 0.25), patch);
    const all = mask(1, 1, 768, [[0, 0]]);
    const order = [
      '0,0',
      '1,0',
      '0,1',
      '1,1',
      '2,0',
      '3,0',
      '2,1',
      '3,1',
      '0,2',
      '1,2',
      '0,3',
      '1,3',
      '2,2',
      '3,2',
      '2,3',
      '3,3',
    ];
    assert.deepEqual(pairs(tissuePatches(lattice, all)), order);
  });

  it('is run where tissue is within 64 model pixels, and nowhere else', () => {
    // mask pixels of 32 level-0 pixels; at scale 0.5 a model pixel is half a level-0 pixel: 64 model px a mask pixel
    const lattice = new Lattice(new ModelSpace(1920, 1920, 0.5, 0.5), patch);
    // mask pixel (6, 12) covers model x 384..448, y 768..832: the kept square of patch (2, 4) begins there
    assert.deepEqual(pairs(tissuePatches(lattice, mask(30, 30, 32, [[6, 12]]))), [
      '1,3',
      '2,3',
      '1,4',
      '2,4',
    ]);
    // one further along: 448..512 is 64 from patch 1's end (384) exclusive, so it does not run
    assert.deepEqual(pairs(tissuePatches(lattice, mask(30, 30, 32, [[7, 13]]))), ['2,4']);
    // the last within patch 2: 512..576 touches 576, the beginning of patch 3
    assert.deepEqual(pairs(tissuePatches(lattice, mask(30, 30, 32, [[8, 13]]))), ['2,4', '3,4']);
    assert.deepEqual(pairs(tissuePatches(lattice, mask(30, 30, 32, []))), []);
  });

  it('agrees with the definition on any mask and scale', () => {
    let seed = 5;
    const random = () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) / 2 ** 32;
    for (let round = 0; round < 20; round++) {
      const scale = 0.3 + random() * 2;
      const space = new ModelSpace(
        200 + Math.floor(random() * 1800),
        200 + Math.floor(random() * 1800),
        scale,
        0.25,
      );
      const maskScale = 10 + random() * 60;
      const [width, height] = [space.width, space.height].map((size) =>
        Math.ceil((size * scale) / maskScale),
      ) as [number, number];
      const tissue = Array.from({ length: 6 }, (): [number, number] => [
        Math.floor(random() * width),
        Math.floor(random() * height),
      ]);
      const lattice = new Lattice(space, patch);
      const expected = new Set<string>();
      for (let i = 0; i < lattice.columns; i++) {
        for (let j = 0; j < lattice.rows; j++) {
          const near = tissue.some(([x, y]) =>
            [
              [i, x],
              [j, y],
            ].every(([n, m]) => {
              const [begin, end] = [(m! * maskScale) / scale, ((m! + 1) * maskScale) / scale];
              return begin < (n! + 1) * 192 + 64 && end > n! * 192 - 64;
            }),
          );
          if (near) expected.add(`${i},${j}`);
        }
      }
      assert.deepEqual(
        new Set(pairs(tissuePatches(lattice, mask(width, height, maskScale, tissue)))),
        expected,
      );
    }
  });
});
