import sharp from 'sharp';
import { HoverslideError, errorLine } from '../errors.js';
import type { Level, Rect, RgbImage } from './binding.js';
import { white, type Pyramid } from './pyramid.js';

/** Above this an image must be tiled, so that it can be read in parts: 200 megapixels are 600 MB of RGB. */
const maxPixels = 200e6;

const formats = ['tiff', 'png', 'jpeg'];

/** Pixels decoded once per process; worker threads share the memory. */
export interface DecodedImage {
  readonly width: number;
  readonly height: number;
  /** RGB, [height, width, 3]. */
  readonly pixels: SharedArrayBuffer;
  /** Pixels per inch from the file's resolution tags. */
  readonly density?: number;
}

/**
 * Decodes a TIFF, PNG or JPEG. Embedded colour profiles are left aside, as OpenSlide does; transparency shows white.
 * @throws HoverslideError `input`: not such an image, damaged, or too large to be held in memory.
 */
export async function decodeImage(path: string): Promise<DecodedImage> {
  const image = sharp(path, { ignoreIcc: true, limitInputPixels: false });
  let metadata;
  try {
    metadata = await image.metadata();
  } catch (error) {
    throw new HoverslideError(
      'input',
      `${path}: expected a slide that OpenSlide reads, or a TIFF, PNG or JPEG image; found neither (${errorLine(error)})`,
    );
  }
  const { format, width, height, density } = metadata;
  if (!formats.includes(format)) {
    throw new HoverslideError(
      'input',
      `${path}: expected a slide, or a TIFF, PNG or JPEG image; found ${format}`,
    );
  }
  if (width * height > maxPixels) {
    throw new HoverslideError(
      'input',
      `${path}: expected at most ${maxPixels / 1e6} megapixels in an image that is not a tiled slide; ` +
        `found ${width} x ${height}; convert it, for instance: vips tiffsave IN OUT.tif --tile --pyramid --compression deflate`,
    );
  }
  const pixels = new SharedArrayBuffer(width * height * 3);
  try {
    const raw = await image.flatten({ background: '#ffffff' }).toColourspace('srgb').raw().toBuffer();
    new Uint8Array(pixels).set(raw);
  } catch (error) {
    throw new HoverslideError('input', `${path}: the ${format} image cannot be decoded: ${errorLine(error)}`);
  }
  return { width, height, pixels, ...(density === undefined ? {} : { density }) };
}

/** A plain image: one level, held in memory. */
export class PlainImage implements Pyramid {
  readonly levels: readonly Level[];
  readonly background = white;
  readonly properties: Readonly<Record<string, string>>;
  readonly associatedImages = [];

  constructor(readonly image: DecodedImage) {
    this.levels = [{ width: image.width, height: image.height, downsample: 1 }];
    const density = String(image.density);
    this.properties = image.density
      ? { 'tiff.XResolution': density, 'tiff.YResolution': density, 'tiff.ResolutionUnit': 'inch' }
      : {};
  }

  read(_level: number, { x, y, width, height }: Rect): Promise<Uint8Array> {
    const region = new Uint8Array(width * height * 3).fill(255); // white
    const pixels = new Uint8Array(this.image.pixels);
    const left = Math.max(x, 0);
    const right = Math.min(x + width, this.image.width);
    for (let row = Math.max(y, 0); row < Math.min(y + height, this.image.height) && left < right; row++) {
      const start = (row * this.image.width + left) * 3;
      region.set(pixels.subarray(start, start + (right - left) * 3), ((row - y) * width + left - x) * 3);
    }
    return Promise.resolve(region);
  }

  readAssociatedImage(name: string): Promise<RgbImage> {
    return Promise.reject(new Error(`no associated image "${name}"`));
  }

  close(): void {}
}
