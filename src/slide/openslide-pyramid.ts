import { binding, type Level, type OpenedSlide, type Rect, type RgbImage } from './binding.js';
import { white, type Pyramid, type Rgb } from './pyramid.js';

/** A slide that OpenSlide reads. Errors carry OpenSlide's own text. */
export class OpenSlidePyramid implements Pyramid {
  readonly levels: readonly Level[];
  readonly background: Rgb;
  readonly properties: Readonly<Record<string, string>>;
  readonly associatedImages: readonly string[];
  readonly #handle: object;
  readonly #color: number;

  private constructor(opened: OpenedSlide) {
    this.levels = opened.levels;
    this.properties = opened.properties;
    this.associatedImages = opened.associatedImages;
    this.background = parseColor(opened.properties['openslide.background-color']) ?? white;
    this.#handle = opened.handle;
    this.#color = (this.background[0] << 16) | (this.background[1] << 8) | this.background[2];
  }

  /** Null if OpenSlide does not take the file for a slide. */
  static async open(library: string, path: string): Promise<OpenSlidePyramid | null> {
    const opened = await binding().openSlideOpen(library, path);
    return opened && new OpenSlidePyramid(opened);
  }

  read(level: number, { x, y, width, height }: Rect): Promise<Uint8Array> {
    return binding().openSlideReadRegion(this.#handle, level, x, y, width, height, this.#color);
  }

  readAssociatedImage(name: string): Promise<RgbImage> {
    return binding().openSlideReadAssociatedImage(this.#handle, name, this.#color);
  }

  close(): void {
    binding().openSlideClose(this.#handle);
  }
}

function parseColor(text: string | undefined): Rgb | undefined {
  if (!text || !/^[0-9a-f]{6}$/i.test(text)) return undefined;
  const value = parseInt(text, 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
