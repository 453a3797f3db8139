import { HoverslideError } from '../../errors.js';
import type { Rect } from '../binding.js';
import type { Pyramid } from '../pyramid.js';

/**
 * Largest number of pixels of the smallest level for which all are looked at. In a larger level, windows spread evenly
 * are looked at.
 */
const most = 16e6;
const windows = 5;
const side = 512;

/**
 * A pixel below this range in every channel is padding, and one above it is glass. Neither says whether a picture has
 * colours.
 */
const middle = { from: 32, to: 215 };

/**
 * Looks at some of the pixels for what no tag says: samples of 12 bits stored in 16, or a grey picture stored as RGB.
 * @param bits of a sample, as stored
 * @throws HoverslideError `input`
 */
export async function checkLook(path: string, pyramid: Pyramid, bits: number): Promise<void> {
  let brightest = 0;
  let toned = 0;
  let coloured = 0;
  let seen = 0;
  const level = pyramid.levels.length - 1;
  for (const rect of windowsOf(pyramid.levels[level]!)) {
    const pixels = await pyramid.read(level, rect);
    for (let i = 0; i < pixels.length; i += 3) {
      const [r, g, b] = [pixels[i]!, pixels[i + 1]!, pixels[i + 2]!];
      const high = Math.max(r, g, b);
      if (high > brightest) brightest = high;
      if (high < middle.from || high >= middle.to) continue;
      toned++;
      if (high - Math.min(r, g, b) > 3) coloured++;
    }
    seen += pixels.length / 3;
  }
  if (bits === 16 && brightest < 128) {
    const reached = brightest * 257; // approximate, since readers round or cut off
    const used = Math.max(8, Math.round(Math.log2(Math.max(1, reached))));
    throw new HoverslideError(
      'input',
      `${path}: expected 8 bits a sample, or 16 that are used in full, found 16 of which about ${used} are used ` +
        `(the brightest is about ${reached} of 65535); convert it to 8 bits, for instance: ` +
        `vips linear IN OUT.tif ${1 / 2 ** (used - 8)} 0 --uchar`,
    );
  }
  if (toned > 0.01 * seen && coloured < 0.001 * toned) {
    throw new HoverslideError(
      'input',
      `${path}: expected a stained slide in colour, found a picture in grey, stored as RGB; stains cannot be told apart in it`,
    );
  }
}

function windowsOf({ width, height }: { readonly width: number; readonly height: number }): Rect[] {
  if (width * height <= most) return [{ x: 0, y: 0, width, height }];
  const [w, h] = [Math.min(side, width), Math.min(side, height)];
  return Array.from({ length: windows ** 2 }, (_, k) => ({
    x: Math.round(((width - w) * (k % windows)) / (windows - 1)),
    y: Math.round(((height - h) * Math.floor(k / windows)) / (windows - 1)),
    width: w,
    height: h,
  }));
}
