import type { RgbImage } from '../slide/binding.js';
import { drawText, textHeight, textWidth } from './lettering.js';
import { paint } from './picture.js';

/** A length that is easy to compare with. */
export interface ScaleBar {
  readonly um: number;
  /** As it is written: `200 um`, `1 mm`. */
  readonly text: string;
}

/** Chooses the longest of 1, 2, 5, 10, ... um that takes at most a fifth of a width in um. */
export function scaleBar(width: number): ScaleBar {
  const decade = 10 ** Math.floor(Math.log10(width / 5));
  const um = [5, 2, 1].map((step) => step * decade).find((length) => length <= width / 5) ?? decade;
  return { um, text: um < 1000 ? `${um} um` : `${um / 1000} mm` };
}

/**
 * Draws a scale bar with its length above it, black on white, into the lower left corner of a rectangle of an image.
 * @param mpp um per pixel
 * @param size of the letters, as drawText has it
 */
export function drawScaleBar(
  image: RgbImage,
  rect: { readonly width: number; readonly bottom: number },
  mpp: number,
  size: number,
): void {
  const { um, text } = scaleBar(rect.width * mpp);
  const length = Math.round(um / mpp);
  const gap = 2 * size;
  const ink = (x: number, y: number) => paint(image, x, y, [0, 0, 0], 1);
  const width = Math.max(length, textWidth(text, size)) + 2 * gap;
  const height = textHeight(size) + 2 * size + 3 * gap;
  const top = rect.bottom - height;
  for (let y = top; y < rect.bottom; y++) {
    for (let x = 0; x < width; x++) paint(image, x, y, [255, 255, 255], 0.85);
  }
  drawText(text, size, gap, top + gap, ink);
  for (let y = rect.bottom - gap - 2 * size; y < rect.bottom - gap; y++) {
    for (let x = gap; x < gap + length; x++) ink(x, y);
  }
}
