import { open, stat } from 'node:fs/promises';
import { parse } from 'node:path';
import { HoverslideError, errorLine } from '../errors.js';
import type { Level, Rect, RgbImage } from './binding.js';
import { findOpenSlide } from './library.js';
import { OpenSlideRaster } from './openslide-raster.js';
import { resolvePixelSize, type Notice, type PixelSize } from './pixel-size.js';
import { PlainImage, decodeImage, type DecodedImage } from './plain-image.js';
import type { Raster, Rgb } from './raster.js';
import { checkTiffDirectories } from './tiff-directories.js';

export interface OpenOptions {
  /** Micrometres per level-0 pixel, in place of what the file says. */
  readonly mpp?: number | undefined;
  /** A libopenslide to use, in place of the one that is found. */
  readonly library?: string | undefined;
}

/** What another thread needs to open the same slide again: plain data, for postMessage and workerData. */
export interface SlideSource extends OpenOptions {
  readonly path: string;
  /** The pixels of a plain image, shared between threads. */
  readonly image?: DecodedImage;
}

/**
 * Opens a whole slide (anything OpenSlide reads) or a plain TIFF, PNG or JPEG.
 * @throws HoverslideError `missing`, `input`, `pixelSize`, or `unavailable` if there is no OpenSlide.
 */
export async function openSlide(path: string, options: OpenOptions = {}): Promise<Slide> {
  return openSource({ path, ...options });
}

/** Opens a slide that another thread has opened; a plain image is not decoded again. */
export async function openSource(source: SlideSource): Promise<Slide> {
  const { path, image, library, mpp } = source;
  const raster = image ? new PlainImage(image) : await openRaster(path, library);
  try {
    const { pixelSize, notices } = resolvePixelSize(path, raster.properties, mpp);
    return new Slide(
      raster instanceof PlainImage ? { ...source, image: raster.image } : source,
      raster,
      pixelSize,
      notices,
    );
  } catch (error) {
    raster.close();
    throw error;
  }
}

/** What a slide is called: its file's name without the ending. */
export function slideId(path: string): string {
  return parse(path).name;
}

/** An open slide. Coordinates are level-0 pixels as OpenSlide counts them, unless said otherwise. */
export class Slide {
  readonly path: string;
  /** The file's name without its ending. */
  readonly id: string;
  readonly width: number;
  readonly height: number;
  readonly levels: readonly Level[];
  /** What shows where the slide has no pixels. */
  readonly background: Rgb;
  readonly properties: Readonly<Record<string, string>>;
  /** Names of label, macro and the like. They can show patient data: never write them out. */
  readonly associatedImages: readonly string[];
  /**
   * The part that holds pixels (`openslide.bounds-*`), or all of it. QuPath crops to it where the slide states it: its
   * coordinates, and ours in GeoJSON, count from this rectangle's corner.
   */
  readonly bounds: Rect;
  readonly #raster: Raster;
  readonly #reads = new Set<Promise<unknown>>();
  #closed = false;

  constructor(
    readonly source: SlideSource,
    raster: Raster,
    readonly pixelSize: PixelSize,
    readonly notices: readonly Notice[],
  ) {
    const { width, height } = raster.levels[0]!;
    this.path = source.path;
    this.id = slideId(source.path);
    this.width = width;
    this.height = height;
    this.levels = raster.levels;
    this.background = raster.background;
    this.properties = raster.properties;
    this.associatedImages = raster.associatedImages;
    this.bounds = statedBounds(raster.properties) ?? { x: 0, y: 0, width, height };
    this.#raster = raster;
  }

  /**
   * RGB pixels [height, width, 3] of a rectangle in pixels of `level`, which may reach beyond the slide: there the
   * background shows.
   * @throws HoverslideError `input` with OpenSlide's text; an Error if the slide is closed.
   */
  async readLevel(level: number, rect: Rect): Promise<Uint8Array> {
    const { x, y, width, height } = rect;
    return this.#read(`${width} x ${height} at (${x}, ${y}) of level ${level}`, () =>
      this.#raster.read(level, rect),
    );
  }

  /** @throws HoverslideError `input` as readLevel. */
  async readAssociatedImage(name: string): Promise<RgbImage> {
    return this.#read(`associated image "${name}"`, () => this.#raster.readAssociatedImage(name));
  }

  /** Reads in flight end first; later ones fail. Closing twice is allowed. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#reads);
    this.#raster.close();
  }

  async #read<Pixels>(what: string, read: () => Promise<Pixels>): Promise<Pixels> {
    if (this.#closed) throw new Error(`${this.path}: the slide is closed`);
    const pixels = read();
    this.#reads.add(pixels);
    try {
      return await pixels;
    } catch (error) {
      throw new HoverslideError('input', `${this.path}: cannot read ${what}: ${errorLine(error)}`, {
        cause: error,
      });
    } finally {
      this.#reads.delete(pixels);
    }
  }
}

async function openRaster(path: string, library: string | undefined): Promise<OpenSlideRaster | PlainImage> {
  await checkFile(path);
  const { name } = findOpenSlide(library);
  let slide;
  try {
    slide = await OpenSlideRaster.open(name, path);
  } catch (error) {
    throw new HoverslideError('input', `${path}: damaged slide: OpenSlide says: ${errorLine(error)}`, {
      cause: error,
    });
  }
  if (slide) return slide;
  await checkTiffDirectories(path);
  return new PlainImage(await decodeImage(path));
}

async function checkFile(path: string): Promise<void> {
  let found;
  try {
    found = await stat(path);
    if (found.isFile()) await (await open(path)).close();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'no such file' : code === 'EACCES' ? 'may not be read' : errorLine(error);
    throw new HoverslideError('missing', `${path}: ${why}`, { cause: error });
  }
  const wrong = found.isDirectory()
    ? 'a folder'
    : !found.isFile()
      ? 'no regular file'
      : found.size === 0
        ? 'an empty file'
        : '';
  if (wrong) throw new HoverslideError('input', `${path}: expected a slide, found ${wrong}`);
}

function statedBounds(properties: Readonly<Record<string, string>>): Rect | undefined {
  const [x, y, width, height] = ['x', 'y', 'width', 'height'].map((name) =>
    Number.parseInt(properties[`openslide.bounds-${name}`] ?? '', 10),
  ) as [number, number, number, number];
  return Number.isInteger(x + y + width + height) ? { x, y, width, height } : undefined;
}
