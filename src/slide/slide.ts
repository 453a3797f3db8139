import { open, stat } from 'node:fs/promises';
import { parse } from 'node:path';
import { HoverslideError, errorLine } from '../errors.js';
import type { Level, Rect, RgbImage } from './binding.js';
import { findOpenSlide } from './library.js';
import { OpenSlidePyramid } from './openslide-pyramid.js';
import { resolvePixelSize, type Notice, type PixelSize } from './pixel-size.js';
import { PlainImage, decodeImage, type DecodedImage } from './plain-image.js';
import type { Pyramid, Rgb } from './pyramid.js';
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
  const pyramid = image ? new PlainImage(image) : await openPyramid(path, library);
  try {
    const { pixelSize, notices } = resolvePixelSize(path, pyramid.properties, mpp);
    return new Slide(
      pyramid instanceof PlainImage ? { ...source, image: pyramid.image } : source,
      pyramid,
      pixelSize,
      notices,
    );
  } catch (error) {
    pyramid.close();
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
  readonly #pyramid: Pyramid;
  readonly #reads = new Set<Promise<unknown>>();
  #closed = false;

  constructor(
    readonly source: SlideSource,
    pyramid: Pyramid,
    readonly pixelSize: PixelSize,
    readonly notices: readonly Notice[],
  ) {
    const { width, height } = pyramid.levels[0]!;
    this.path = source.path;
    this.id = slideId(source.path);
    this.width = width;
    this.height = height;
    this.levels = pyramid.levels;
    this.background = pyramid.background;
    this.properties = pyramid.properties;
    this.associatedImages = pyramid.associatedImages;
    this.bounds = statedBounds(pyramid.properties) ?? { x: 0, y: 0, width, height };
    this.#pyramid = pyramid;
  }

  /**
   * RGB pixels [height, width, 3] of a rectangle in pixels of `level`, which may reach beyond the slide: there the
   * background shows.
   * @throws HoverslideError `input` with OpenSlide's text; an Error if the slide is closed.
   */
  async readLevel(level: number, rect: Rect): Promise<Uint8Array> {
    const { x, y, width, height } = rect;
    return this.#read(`${width} x ${height} at (${x}, ${y}) of level ${level}`, () =>
      this.#pyramid.read(level, rect),
    );
  }

  /** @throws HoverslideError `input` as readLevel. */
  async readAssociatedImage(name: string): Promise<RgbImage> {
    return this.#read(`associated image "${name}"`, () => this.#pyramid.readAssociatedImage(name));
  }

  /** Reads in flight end first; later ones fail. Closing twice is allowed. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#reads);
    this.#pyramid.close();
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

async function openPyramid(
  path: string,
  library: string | undefined,
): Promise<OpenSlidePyramid | PlainImage> {
  await checkFile(path);
  const { name } = findOpenSlide(library);
  let slide;
  try {
    slide = await OpenSlidePyramid.open(name, path);
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
