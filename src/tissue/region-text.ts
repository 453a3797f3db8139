import { resolve } from 'node:path';
import { HoverslideError } from '../errors.js';
import type { Rect } from '../slide/binding.js';

/** A region of interest as its text gives it: a rectangle in level-0 px, or a GeoJSON file. */
export type RegionText = Rect | { readonly file: string };

/**
 * Reads the text of a region of interest. This is the one place that tells numbers from a file name.
 * @throws HoverslideError `usage` if numbers are not a rectangle
 */
export function parseRegion(text: string): RegionText {
  if (!/^[\d.,\s+-]+$/.test(text)) return { file: text };
  const numbers = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  const [x, y, width, height] = numbers as [number, number, number, number];
  if (numbers.length !== 4 || numbers.some(Number.isNaN) || width <= 0 || height <= 0) {
    throw new HoverslideError(
      'usage',
      `option roi: expected x,y,w,h in level-0 pixels or a GeoJSON file, found '${text}'`,
      { option: 'roi' },
    );
  }
  return { x, y, width, height };
}

/**
 * Checks the text of a region of interest. If it names a file, makes the name absolute.
 * @param folder to which the file's name is relative
 * @throws HoverslideError as parseRegion
 */
export function resolveRegion(text: string, folder: string): string {
  const region = parseRegion(text);
  return 'file' in region ? resolve(folder, region.file) : text;
}
