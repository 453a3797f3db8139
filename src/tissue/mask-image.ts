import sharp from 'sharp';
import { HoverslideError, errorLine } from '../errors.js';
import { fits } from '../slide/level-scale.js';
import type { Slide } from '../slide/slide.js';
import type { TissueMask } from './mask.js';
import { paletteOf } from './palette.js';

/** Largest mask image in pixels. A mask is coarse: at 8 um, that of a whole slide has a few megapixels. */
const maxPixels = 50e6;

/** Formats that do not keep zero exactly. In them a pixel is tissue if it is brighter than half. */
const lossy = ['jpeg', 'webp', 'heif'];

/**
 * Reads a mask from an image of any size that covers the whole slide, nonzero where there is tissue.
 * @throws HoverslideError `input` if it is not an image, too large, not of the slide's shape, or of doubtful meaning
 */
export async function maskFromImage(path: string, bytes: Buffer, slide: Slide): Promise<TissueMask> {
  const refuse = (expected: string, found: string, cause?: unknown) => {
    throw new HoverslideError('input', `mask ${path}: expected ${expected}, found ${found}`, { cause });
  };
  const source = () => sharp(bytes, { ignoreIcc: true, limitInputPixels: false });
  const metadata = await source()
    .metadata()
    .catch((error: unknown) => refuse('GeoJSON or an image', errorLine(error), error));
  const { width, height, format, depth, pages = 1, orientation = 1 } = metadata;
  const size = `${width} x ${height}`;
  if (width * height > maxPixels) {
    refuse(`at most ${maxPixels / 1e6} megapixels`, `${size}; make it smaller, 8 um a pixel are enough`);
  }
  if (pages > 1) refuse('one picture', `${pages} pages`);
  if (orientation !== 1) refuse('an upright picture', `orientation tag ${orientation}`);
  if (!['uchar', 'ushort', 'char'].includes(depth)) refuse('samples of 8 or 16 bits', `${depth} samples`);
  checkShape({ width, height }, slide, refuse);

  // 16 bits, so that no value is rounded to zero. Transparent pixels become zero.
  const { data: raw, info } = await source()
    .flatten({ background: '#000000' })
    .toColourspace('rgb16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => refuse(`a sound ${format} image`, errorLine(error), error));
  const values = new Uint16Array(raw.buffer, raw.byteOffset, width * height * info.channels);
  const brightest = Uint16Array.from({ length: width * height }, (_, pixel) =>
    Math.max(...values.subarray(pixel * info.channels, (pixel + 1) * info.channels)),
  );
  checkPalette(bytes, brightest, refuse);
  const least = lossy.includes(format) ? 32768 : 1;
  const data = Uint8Array.from(brightest, (value) => (value >= least ? 1 : 0));
  return { width, height, data, scale: { x: slide.width / width, y: slide.height / height } };
}

type Refuse = (expected: string, found: string) => void;

/**
 * Checks that a mask has the slide's shape. Otherwise it belongs to another slide or to a part, and would lie wrong if
 * it were stretched.
 */
function checkShape(mask: { width: number; height: number }, slide: Slide, refuse: Refuse): void {
  const smallest = Math.max(slide.width / (mask.width + 1), slide.height / (mask.height + 1));
  const largest = Math.min(
    slide.width / Math.max(mask.width - 1, 0),
    slide.height / Math.max(mask.height - 1, 0),
  );
  const exact = fits(slide, mask, slide.width / mask.width);
  if (exact || smallest < largest) return;
  const height = Math.round((mask.width * slide.height) / slide.width);
  refuse(
    `the shape of the slide (${slide.width} x ${slide.height}, so ${mask.width} x ${height} or another size of the same shape)`,
    `${mask.width} x ${mask.height}`,
  );
}

/** Refuses a palette in which a number and its colour contradict each other: number 0 in white, for instance. */
function checkPalette(bytes: Buffer, brightest: Uint16Array, refuse: Refuse): void {
  const zero = paletteOf(bytes)?.[0];
  if (!zero || Math.max(...zero) === 0) return;
  if (!brightest.includes(Math.max(...zero) * 257)) return;
  refuse(
    'values of which 0 is no tissue',
    `a palette that shows number 0 as rgb(${zero.join(', ')}): is that tissue or not? Save the mask in grey, 0 where there is none`,
  );
}
