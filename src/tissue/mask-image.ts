import sharp from 'sharp';
import { HoverslideError, errorLine } from '../errors.js';
import { bufferBytes } from '../slide/identity/tiff-bytes.js';
import { readTiff } from '../slide/identity/tiff-directories.js';
import { fits } from '../slide/level-scale.js';
import type { TissueMask, SlideFrame } from './mask.js';
import { paletteOf } from './palette.js';

/** Largest mask image in pixels. A mask is coarse: at 8 um, that of a whole slide has a few megapixels. */
const maxPixels = 50e6;

/** Of samples of 16 bits. */
const half = 32768;

const wayOut = 'Save the mask in grey, 0 where there is none';

/** Formats that do not keep zero exactly. In them a pixel is tissue if it is brighter than half. */
const lossy = ['jpeg', 'webp', 'heif'];
/** Numbers of such compressions within a TIFF: JPEG, JPEG 2000, LERC, WebP, JPEG XL. */
const lossyTiff = [6, 7, 33003, 33004, 33005, 34712, 34887, 50001, 50002, 52546];

/** A mask as its image has it. */
export interface MaskImage {
  readonly width: number;
  readonly height: number;
  /** [height, width], 1 where there is tissue. */
  readonly data: Uint8Array;
}

/**
 * Reads a mask from an image in any format that sharp reads, nonzero where there is tissue.
 * @param source what errors call it
 * @throws HoverslideError `input` if it is not an image, too large, or of doubtful meaning
 */
export async function decodeMask(source: string, bytes: Buffer): Promise<MaskImage> {
  const refuse = (expected: string, found: string, cause?: unknown) => {
    throw new HoverslideError('input', `${source}: expected ${expected}, found ${found}`, { cause });
  };
  const open = () => sharp(bytes, { ignoreIcc: true, limitInputPixels: false });
  const metadata = await open()
    .metadata()
    .catch((error: unknown) => refuse('GeoJSON or an image', errorLine(error), error));
  const { width, height, format, depth, pages = 1, orientation = 1 } = metadata;
  if (width * height > maxPixels) {
    refuse(
      `at most ${maxPixels / 1e6} megapixels`,
      `${width} x ${height}; make it smaller, 8 um a pixel are enough`,
    );
  }
  if (pages > 1) refuse('one picture', `${pages} pages`);
  if (orientation !== 1) refuse('an upright picture', `orientation tag ${orientation}`);
  if (!['uchar', 'ushort', 'char'].includes(depth)) refuse('samples of 8 or 16 bits', `${depth} samples`);
  const [tiff] = (await readTiff(bufferBytes(bytes)))?.directories ?? [];
  if (tiff?.photometric === 0) {
    const found = 'a TIFF that shows 0 in white (MinIsWhite)';
    refuse('values of which 0 is no tissue', `${found}: is that tissue or not? ${wayOut}`);
  }

  // 16 bits, so that no value is rounded to zero. Transparent pixels become zero.
  const { data: raw, info } = await open()
    .flatten({ background: '#000000' })
    .toColourspace('rgb16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => refuse(`a sound ${format} image`, errorLine(error), error));
  const { channels } = info;
  const values = new Uint16Array(raw.buffer, raw.byteOffset, width * height * channels);
  const brightest = new Uint16Array(width * height);
  values.forEach((value, k) => {
    const pixel = Math.floor(k / channels);
    if (value > brightest[pixel]!) brightest[pixel] = value;
  });
  checkPalette(bytes, brightest, refuse);
  const exact = tiff ? !lossyTiff.includes(tiff.compression) : !lossy.includes(format);
  const least = exact ? 1 : half;
  const most = brightest.reduce((a, b) => Math.max(a, b), 0);
  if (!exact && most > 0 && most < half) {
    const found = `values up to ${Math.round(most / 257)} in lossy compression, which does not keep small ones`;
    refuse('tissue brighter than half', `${found}; save it as PNG`);
  }
  return { width, height, data: Uint8Array.from(brightest, (value) => (value >= least ? 1 : 0)) };
}

/**
 * Lays a mask over the whole slide.
 * @throws HoverslideError `input` if it has not the slide's shape
 */
export function laidOver(source: string, mask: MaskImage, slide: SlideFrame): TissueMask {
  checkShape(source, mask, slide);
  return { ...mask, scale: { x: slide.width / mask.width, y: slide.height / mask.height } };
}

type Refuse = (expected: string, found: string) => void;

/**
 * Checks that a mask has the slide's shape. Otherwise it belongs to another slide or to a part, and would lie wrong if
 * it were stretched.
 */
function checkShape(source: string, mask: MaskImage, slide: SlideFrame): void {
  const smallest = Math.max(slide.width / (mask.width + 1), slide.height / (mask.height + 1));
  const largest = Math.min(
    slide.width / Math.max(mask.width - 1, 0),
    slide.height / Math.max(mask.height - 1, 0),
  );
  const exact = fits(slide, mask, slide.width / mask.width);
  if (exact || smallest < largest) return;
  const height = Math.round((mask.width * slide.height) / slide.width);
  throw new HoverslideError(
    'input',
    `${source}: expected the shape of the slide (${slide.width} x ${slide.height}, so ${mask.width} x ${height} or another size of the same shape), ` +
      `found ${mask.width} x ${mask.height}`,
  );
}

/** Refuses a palette in which a number and its colour contradict each other: number 0 in white, for instance. */
function checkPalette(bytes: Buffer, brightest: Uint16Array, refuse: Refuse): void {
  const zero = paletteOf(bytes)?.[0];
  if (!zero || Math.max(...zero) === 0) return;
  if (!brightest.includes(Math.max(...zero) * 257)) return;
  refuse(
    'values of which 0 is no tissue',
    `a palette that shows number 0 as rgb(${zero.join(', ')}): is that tissue or not? ${wayOut}`,
  );
}
