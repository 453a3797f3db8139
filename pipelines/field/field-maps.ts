import type { ModelSpace } from '../../src/slide/model-space.js';
import { release } from '../../src/memory.js';
import type { Engine } from '../engine/engine.js';
import { mapsOf, type Batch } from '../slide/maps.js';
import { withField } from './with-field.js';

/** What the net says of a whole field. */
export interface FieldMaps {
  readonly space: ModelSpace;
  /** Packed maps in model space, uint8 [space.height, space.width, 4]. */
  readonly packed: Uint8Array;
  /** Size of the field in its own pixels. */
  readonly width: number;
  readonly height: number;
}

/**
 * Runs the net on a whole image in memory.
 * @param mpp micrometres per pixel, in place of what the file says
 * @throws HoverslideError as withField
 */
export function fieldMaps(path: string, engine: Engine, mpp?: number): Promise<FieldMaps> {
  return withField(path, engine, mpp, async (field) => {
    const { slide, lattice, patchIndices } = field;
    const { space, stride } = lattice;
    const packed = new Uint8Array(space.width * space.height * 4);
    const whole = { from: 0, to: patchIndices.length / 2 };
    for await (const batch of mapsOf(field, [whole], engine, { read: 0, net: 0 })) {
      copyKept(batch, patchIndices, stride, { x: 0, y: 0, ...space, packed });
      release(batch.patches);
      release(batch.maps);
    }
    return { space, packed, width: slide.width, height: slide.height };
  });
}

/** A rectangle of model space with room for its packed maps, uint8 [height, width, 4]. */
export interface MapWindow {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly packed: Uint8Array;
}

/** Copies what the patches of a batch keep into a window, as far as it lies there. */
export function copyKept(
  { from, to, maps }: Batch,
  patchIndices: Uint32Array,
  stride: number,
  { x, y, width, height, packed }: MapWindow,
): void {
  for (let place = from; place < to; place++) {
    const left = patchIndices[2 * place]! * stride - x;
    const top = patchIndices[2 * place + 1]! * stride - y;
    const columns = Math.min(stride, width - left);
    if (left < 0 || top < 0 || columns <= 0) continue;
    for (let row = 0; row < Math.min(stride, height - top); row++) {
      const source = ((place - from) * stride + row) * stride * 4;
      packed.set(maps.subarray(source, source + 4 * columns), ((top + row) * width + left) * 4);
    }
  }
}

/** Brings labels from model space to a field's own pixels: each takes the value of the model pixel under its centre. */
export function onOwnPixels(
  labels: Int32Array,
  space: ModelSpace,
  { width, height }: { readonly width: number; readonly height: number },
): Int32Array {
  const own = new Int32Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y + 0.5) / space.scale) * space.width;
    for (let x = 0; x < width; x++) own[y * width + x] = labels[row + Math.floor((x + 0.5) / space.scale)]!;
  }
  return own;
}
