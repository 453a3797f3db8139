import sharp, { type Sharp } from 'sharp';
import { HoverslideError, errorLine } from '../errors.js';
import type { Rect, RgbImage } from './binding.js';
import { checkLook } from './identity/look.js';
import { plainFacts, type PlainFacts } from './identity/plain-facts.js';
import type { ScaledLevel } from './level-scale.js';
import { white, type Pyramid } from './pyramid.js';

/** Largest image that need not be tiled to be read in parts: 200 megapixels are 600 MB of RGB. */
const maxPixels = 200e6;

/** Pixels that are decoded once per process; worker threads share the memory. */
export interface DecodedImage {
  readonly width: number;
  readonly height: number;
  /** RGB, [height, width, 3]. */
  readonly pixels: SharedArrayBuffer;
  /** What the file states about its pixel size, under OpenSlide's names, or `ome.PhysicalSize*` in um. */
  readonly properties: Readonly<Record<string, string>>;
}

/**
 * Decodes a TIFF, PNG or JPEG. Embedded colour profiles are ignored, as OpenSlide does. Transparent pixels become
 * white. A picture that is stored turned or mirrored is set upright.
 * @throws HoverslideError `input` if it is not such an image, damaged, too large for memory, or of a form that would
 *   not be read as it was meant
 */
export async function decodeImage(path: string): Promise<DecodedImage> {
  const facts = await plainFacts(path);
  const { format, width, height, compression } = facts;
  if (width * height > maxPixels) {
    throw new HoverslideError(
      'input',
      `${path}: expected at most ${maxPixels / 1e6} megapixels in an image that is not a tiled slide; ` +
        `found ${width} x ${height}; convert it, for instance: vips tiffsave IN OUT.tif --tile --pyramid --compression deflate`,
    );
  }
  const turned = facts.orientation >= 5;
  const size = turned ? { width: height, height: width } : { width, height };
  const pixels = new SharedArrayBuffer(width * height * 3);
  try {
    await decodePages(path, facts, new Uint8Array(pixels));
  } catch (error) {
    const how = compression === undefined ? '' : ` (compression: ${compression})`;
    throw new HoverslideError(
      'input',
      `${path}: the ${format} image${how} cannot be decoded: ${errorLine(error)}`,
    );
  }
  const image = { ...size, pixels, properties: pixelSizeProperties(facts) };
  await checkLook(path, new PlainImage(image), facts.form.bits);
  return image;
}

async function decodePages(path: string, { pages }: PlainFacts, pixels: Uint8Array): Promise<void> {
  const open = (page: number) =>
    sharp(path, { ignoreIcc: true, limitInputPixels: false, page })
      .autoOrient()
      .flatten({ background: '#ffffff' });
  const raw = async (image: Sharp, channels: number) => {
    const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
    if (info.channels !== channels) throw new Error(`expected ${channels} channels, found ${info.channels}`);
    return data;
  };
  if (pages.length === 1) {
    pixels.set(await raw(open(pages[0]!).toColourspace('srgb'), 3));
    return;
  }
  for (const [channel, page] of pages.entries()) {
    const plane = await raw(open(page).toColourspace('b-w'), 1);
    for (let i = 0; i < plane.length; i++) pixels[3 * i + channel] = plane[i]!;
  }
}

/** Returns what an image states about its pixel size, upright, under OpenSlide's names, or `ome.PhysicalSize*` in um. */
export function pixelSizeProperties({ resolution, ome, orientation }: PlainFacts): Record<string, string> {
  const turned = orientation >= 5;
  const across = <Axes extends { x: number; y: number }>(axes: Axes) =>
    turned ? { x: String(axes.y), y: String(axes.x) } : { x: String(axes.x), y: String(axes.y) };
  const properties: Record<string, string> = {};
  if (resolution) {
    const { x, y } = across(resolution);
    properties['tiff.XResolution'] = x;
    properties['tiff.YResolution'] = y;
    properties['tiff.ResolutionUnit'] = resolution.unit;
  }
  if (ome) {
    const { x, y } = across(ome);
    properties['ome.PhysicalSizeX'] = x;
    properties['ome.PhysicalSizeY'] = y;
  }
  return properties;
}

/**
 * Mirrors the places begin .. begin + count - 1 into 0 .. size - 1. The outermost place is not repeated, as in NumPy's
 * `reflect`.
 */
function mirrored(begin: number, count: number, size: number): Int32Array {
  const period = Math.max(2 * size - 2, 1);
  return Int32Array.from({ length: count }, (_, k) => {
    const place = (((begin + k) % period) + period) % period;
    return Math.min(place, period - place);
  });
}

/**
 * A plain image: a field cut out of tissue, with one level, in memory. Beyond its border there was more tissue, not
 * glass.
 */
export class PlainImage implements Pyramid {
  readonly levels: readonly ScaledLevel[];
  readonly background = white;
  readonly properties: Readonly<Record<string, string>>;
  readonly associatedImages = [];

  constructor(readonly image: DecodedImage) {
    this.levels = [{ width: image.width, height: image.height, downsample: 1, scale: 1 }];
    this.properties = image.properties;
  }

  get source() {
    return { image: this.image };
  }

  /** Reads a rectangle. Beyond the border the image is mirrored, as fields were when the net was trained. */
  read(_level: number, { x, y, width, height }: Rect): Promise<Uint8Array> {
    const { image } = this;
    const pixels = new Uint8Array(image.pixels);
    const region = new Uint8Array(width * height * 3);
    const columns = mirrored(x, width, image.width);
    let to = 0;
    for (const row of mirrored(y, height, image.height)) {
      for (const column of columns) {
        let from = (row * image.width + column) * 3;
        region[to++] = pixels[from++]!;
        region[to++] = pixels[from++]!;
        region[to++] = pixels[from]!;
      }
    }
    return Promise.resolve(region);
  }

  readAssociatedImage(name: string): Promise<RgbImage> {
    return Promise.reject(new Error(`no associated image "${name}"`));
  }

  close(): void {}
}
