import sharp from 'sharp';
import { writeAtomically } from '../files.js';
import type { RgbImage } from '../slide/binding.js';
import { unclassified } from './classes.js';
import { type LabelMap, strips } from './label-map.js';

/** Longest side of a panel in px; larger fields are drawn smaller. */
const maxSide = 2048;
const gap = 8;
const white = 255;
const unclassifiedColor = [230, 230, 230] as const;

/** Colours of classes 1, 2, ...: for PanNuke's five those of HoVer-Net, as in the model's card. */
const palette = [
  [255, 0, 0],
  [34, 221, 77],
  [35, 92, 236],
  [254, 255, 0],
  [255, 159, 68],
  [145, 30, 180],
  [0, 220, 220],
  [240, 50, 230],
  [150, 90, 40],
  [0, 0, 0],
] as const;

/**
 * Draws a field as three panels side by side: the image, the true nuclei on it, the predicted ones on it, outlined in the
 * colour of their class.
 */
export async function drawField(
  file: string,
  image: RgbImage,
  truth: LabelMap,
  prediction: LabelMap,
): Promise<void> {
  const step = Math.ceil(Math.max(image.width, image.height) / maxSide);
  const width = Math.ceil(image.width / step);
  const height = Math.ceil(image.height / step);
  const total = 3 * width + 2 * gap;
  const canvas = Buffer.alloc(total * height * 3, white);
  const maps = [undefined, truth, prediction];
  for (const [panel, map] of maps.entries()) {
    const left = panel * (width + gap);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const from = 3 * (y * step * image.width + x * step);
        canvas.set(image.data.subarray(from, from + 3), 3 * (y * total + left + x));
      }
    }
    if (map) await outlineNuclei(canvas, total, left, map, step);
  }
  const png = await sharp(canvas, { raw: { width: total, height, channels: 3 } })
    .png({ compressionLevel: 9 })
    .toBuffer();
  await writeAtomically(file, png);
}

/** Colours every pixel of a nucleus that has a neighbour outside of it. */
async function outlineNuclei(
  canvas: Buffer,
  canvasWidth: number,
  left: number,
  map: LabelMap,
  step: number,
): Promise<void> {
  const width = Math.ceil(map.width / step);
  const labels = await everyNth(map, step);
  labels.forEach((label, i) => {
    const x = i % width;
    const beside = [x > 0 ? labels[i - 1] : 0, x < width - 1 ? labels[i + 1] : 0];
    const outside = (other: number | undefined) => other !== label;
    if (label === 0 || ![...beside, labels[i - width], labels[i + width]].some(outside)) return;
    const y = Math.floor(i / width);
    canvas.set(colorOf(map.classes?.get(label) ?? unclassified), 3 * (y * canvasWidth + left + x));
  });
}

/** Every step-th label of every step-th row. */
async function everyNth(map: LabelMap, step: number): Promise<Int32Array> {
  const width = Math.ceil(map.width / step);
  const sampled = new Int32Array(width * Math.ceil(map.height / step));
  for (const { top, count } of strips(map)) {
    const rows = await map.rows(top, count);
    for (let y = Math.ceil(top / step) * step; y < top + count; y += step) {
      for (let x = 0; x < width; x++) {
        sampled[(y / step) * width + x] = rows[(y - top) * map.width + x * step]!;
      }
    }
  }
  return sampled;
}

function colorOf(id: number): readonly number[] {
  return id === unclassified ? unclassifiedColor : palette[(id - 1) % palette.length]!;
}
