import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HoverslideError, errorLine } from '../errors.js';
import type { Rect, RgbImage } from './binding.js';
import { slideFiles, type SlideFiles } from './files/slide-files.js';
import type { ScaledLevel } from './level-scale.js';
import { openPyramid, reopenPyramid, type PyramidSource } from './open-pyramid.js';
import { resolvePixelSize, type GivenPixelSize, type Notice, type PixelSize } from './pixel-size.js';
import type { Pyramid, Rgb } from './pyramid.js';

export interface OpenOptions extends GivenPixelSize {
  /** A libopenslide to use instead of the one that would be found. */
  readonly library?: string | undefined;
}

/** What another thread needs to open the same slide again. It is plain data, for postMessage and workerData. */
export interface SlideSource extends OpenOptions {
  readonly path: string;
  readonly files: SlideFiles;
  /** What is known of its pixels. */
  readonly pyramid: PyramidSource;
}

/**
 * Opens a whole slide (anything OpenSlide reads) or a plain TIFF, PNG or JPEG, and checks that it is read as it was
 * meant.
 * @param path of any file of the slide, or of the folder of a DICOM slide
 * @throws HoverslideError `missing`, `input`, `pixelSize`, or `unavailable` if there is no OpenSlide.
 */
export async function openSlide(path: string, options: OpenOptions = {}): Promise<Slide> {
  const files = await checkFiles(path);
  const pyramid = await openPyramid(join(files.folder, files.names[0]), path, options.library);
  return slideOf({ path, files, pyramid: pyramid.source, ...options }, pyramid);
}

/** Opens a slide that another thread has opened. Nothing is checked or decoded again. */
export async function openSource(source: SlideSource): Promise<Slide> {
  return slideOf(source, await reopenPyramid(source.pyramid, source.library));
}

function slideOf(source: SlideSource, pyramid: Pyramid): Slide {
  try {
    const { pixelSize, notices } = resolvePixelSize(source.path, pyramid.properties, source);
    return new Slide(source, pyramid, pixelSize, notices);
  } catch (error) {
    pyramid.close();
    throw error;
  }
}

/** An open slide. Coordinates are OpenSlide's level-0 pixels, unless stated otherwise. */
export class Slide {
  readonly path: string;
  /** All files that its pixels come from. */
  readonly files: SlideFiles;
  /** Name of the slide: its file's name without the ending; for DICOM its folder or series. */
  readonly id: string;
  readonly width: number;
  readonly height: number;
  readonly levels: readonly ScaledLevel[];
  /** Colour where the slide has no pixels. */
  readonly background: Rgb;
  readonly properties: Readonly<Record<string, string>>;
  /** Names of the label, macro and similar images. They can show patient data: never write them out. */
  readonly associatedImages: readonly string[];
  /**
   * The part that holds pixels (`openslide.bounds-*`), or the whole slide. If the slide states it, QuPath crops to it.
   * QuPath's coordinates, and ours in GeoJSON, count from this rectangle's corner.
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
    this.files = source.files;
    this.id = source.files.id;
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
   * Reads RGB pixels [height, width, 3] of a rectangle in pixels of `level`. The rectangle may reach beyond the slide:
   * there the background shows, or a plain image's mirror image.
   * @throws HoverslideError `input` with OpenSlide's text; an Error if the slide is closed.
   */
  async readLevel(level: number, rect: Rect): Promise<Uint8Array> {
    const { x, y, width, height } = rect;
    return this.#read(`${width} x ${height} at (${x}, ${y}) of level ${level}`, () =>
      this.#pyramid.read(level, rect),
    );
  }

  /** Reads an associated image by name. @throws HoverslideError `input` as readLevel. */
  async readAssociatedImage(name: string): Promise<RgbImage> {
    return this.#read(`associated image "${name}"`, () => this.#pyramid.readAssociatedImage(name));
  }

  /** Closes the slide after the reads in progress have ended. Later reads fail. Closing twice is allowed. */
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

/**
 * Checks that the files of a slide can be read.
 * @throws HoverslideError `missing` if a file does not exist or may not be read, `input` if it is not a file
 */
async function checkFiles(path: string): Promise<SlideFiles> {
  let files;
  let found;
  try {
    files = await slideFiles(path);
    const main = join(files.folder, files.names[0]);
    found = await stat(main);
    if (found.isFile()) await (await open(main)).close();
  } catch (error) {
    if (error instanceof HoverslideError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'no such file' : code === 'EACCES' ? 'may not be read' : errorLine(error);
    throw new HoverslideError('missing', `${path}: ${why}`, { cause: error });
  }
  const wrong = !found.isFile() ? 'no regular file' : found.size === 0 ? 'an empty file' : '';
  if (wrong) throw new HoverslideError('input', `${path}: expected a slide, found ${wrong}`);
  if (files.lacking !== undefined) throw new HoverslideError('missing', `${path}: ${files.lacking}`);
  return files;
}

function statedBounds(properties: Readonly<Record<string, string>>): Rect | undefined {
  const [x, y, width, height] = ['x', 'y', 'width', 'height'].map((name) =>
    Number.parseInt(properties[`openslide.bounds-${name}`] ?? '', 10),
  ) as [number, number, number, number];
  return Number.isInteger(x + y + width + height) ? { x, y, width, height } : undefined;
}
