import { join } from 'node:path';
import { packageRoot } from '../src/package-root.js';
import type { Rgb } from '../src/slide/pyramid.js';

/** The net that reads np, h, v and class from the colours of the picture; stub_model.py says how. */
export const stubModel = join(packageRoot, 'testkit', 'stub.onnx');

/** Colour of the ground, for which the stub gives background and flat maps. */
export const stubGround: Rgb = [255, 128, 128];

/** Returns the colour that the stub reads as a pixel of a nucleus of class 1..5, with h and v packed (128 is 0). */
export function stubColor(type: number, h = 128, v = 128): Rgb {
  return [255 - (128 + 16 * type), h, v];
}
