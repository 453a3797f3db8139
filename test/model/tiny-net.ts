import { writeFileSync } from 'node:fs';
import { onnxFile, type OnnxModel } from '../../testkit/onnx.js';

export const tinyPatch = 34;
export const tinyStride = 32;

export const tinyCard = {
  name: 'tiny',
  version: '1',
  mpp: 0.25,
  mpp_range: [0.1, 1],
  patch: tinyPatch,
  stride: tinyStride,
  classes: [
    { id: 0, name: 'unclassified', color: [128, 128, 128] },
    { id: 1, name: 'nucleus', color: [255, 0, 0] },
  ],
  seamless: { h: [-1e11, 1e11], v: [-1e11, 1e11] },
  training: 'none',
  limits: 'for tests',
  licence: 'Apache-2.0',
};

/**
 * A net of one 3 x 3 convolution without padding, 3 -> 4 channels, on a patch of 34 px: whole weights and a stride of 32 px
 * that is what remains, so that every value can be computed by hand. It has the operators of a real one: cast, transpose,
 * convolution, clip.
 */
export const tinyNet: OnnxModel = {
  inputs: [{ name: 'image', type: 'uint8', shape: ['n', tinyPatch, tinyPatch, 3] }],
  outputs: [{ name: 'maps', type: 'uint8', shape: ['n', tinyStride, tinyStride, 4] }],
  nodes: [
    { type: 'Cast', inputs: ['image'], output: 'rgb', integers: { to: 1 } },
    { type: 'Transpose', inputs: ['rgb'], output: 'planes', integers: { perm: [0, 3, 1, 2] } },
    { type: 'Conv', inputs: ['planes', 'weights'], output: 'sums' },
    { type: 'Clip', inputs: ['sums', 'low', 'high'], output: 'clipped' },
    { type: 'Transpose', inputs: ['clipped'], output: 'rows', integers: { perm: [0, 2, 3, 1] } },
    { type: 'Cast', inputs: ['rows'], output: 'maps', integers: { to: 2 } },
  ],
  constants: [
    { name: 'weights', type: 'float', shape: [4, 3, 3, 3], values: weights() },
    { name: 'low', type: 'float', shape: [], values: [0] },
    { name: 'high', type: 'float', shape: [], values: [255] },
  ],
  metadata: { 'hoverslide.card': JSON.stringify(tinyCard) },
};

/** Weight of channel `from` at (x, y) of the kernel in channel `to`: whole numbers from -2 to 2. */
export function tinyWeight(to: number, from: number, y: number, x: number): number {
  return ((to * 27 + from * 9 + y * 3 + x) % 5) - 2;
}

function weights(): number[] {
  const values: number[] = [];
  for (let to = 0; to < 4; to++)
    for (let from = 0; from < 3; from++)
      for (let y = 0; y < 3; y++) for (let x = 0; x < 3; x++) values.push(tinyWeight(to, from, y, x));
  return values;
}

/** What the tiny net gives for a patch [34, 34, 3]: maps [32, 32, 4]. */
export function tinyMaps(patch: Uint8Array): Uint8Array {
  const maps = new Uint8Array(tinyStride ** 2 * 4);
  for (let v = 0; v < tinyStride; v++)
    for (let u = 0; u < tinyStride; u++)
      for (let to = 0; to < 4; to++) {
        let sum = 0;
        for (let from = 0; from < 3; from++)
          for (let y = 0; y < 3; y++)
            for (let x = 0; x < 3; x++)
              sum += patch[((v + y) * tinyPatch + u + x) * 3 + from]! * tinyWeight(to, from, y, x);
        maps[(v * tinyStride + u) * 4 + to] = Math.min(255, Math.max(0, sum));
      }
  return maps;
}

export function writeTinyNet(path: string, changes: Partial<OnnxModel> = {}): string {
  writeFileSync(path, onnxFile({ ...tinyNet, ...changes }));
  return path;
}

/** Patches [count, 34, 34, 3] of a fixed pseudo-random pattern (Lehmer's generator), dim enough that few sums are clipped. */
export function tinyPatches(count: number, seed = 1): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: count * tinyPatch ** 2 * 3 }, () => {
    state = (state * 48271) % 2147483647;
    return state % 40;
  });
}
