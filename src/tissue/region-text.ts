import { resolve } from 'node:path';
import { HoverslideError } from '../errors.js';
import type { Rect } from '../slide/binding.js';

/** A region of interest as its text names it: a rectangle in level-0 px, or a GeoJSON file. */
export type RegionText = Rect | { readonly file: string };

/**
 * Reads the text of a region of interest: the one place that tells numbers from the name of a file.
 * @throws HoverslideError `usage` for numbers that are no rectangle
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
 * Checks the text of a region of interest and makes the name of its file, if it is one, absolute.
 * @param folder that the file's name counts from
 * @throws HoverslideError as parseRegion
 */
export function resolveRegion(text: string, folder: string): string {
  const region = parseRegion(text);
  return 'file' in region ? resolve(folder, region.file) : text;
}
