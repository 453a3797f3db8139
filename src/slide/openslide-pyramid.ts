import { binding, type OpenedSlide, type Rect, type RgbImage } from './binding.js';
import { withTrueScales, type ScaledLevel } from './level-scale.js';
import { white, type Pyramid, type Rgb } from './pyramid.js';

/** A slide that OpenSlide reads. Errors carry OpenSlide's own text. */
export class OpenSlidePyramid implements Pyramid {
  readonly levels: readonly ScaledLevel[];
  readonly background: Rgb;
  readonly properties: Readonly<Record<string, string>>;
  readonly associatedImages: readonly string[];
  readonly #handle: object;
  readonly #color: number;

  private constructor(
    private readonly file: string,
    private readonly opened: OpenedSlide,
    levels: readonly ScaledLevel[],
  ) {
    this.levels = levels;
    this.properties = opened.properties;
    this.associatedImages = opened.associatedImages;
    this.background = parseColor(opened.properties['openslide.background-color']) ?? white;
    this.#handle = opened.handle;
    this.#color = (this.background[0] << 16) | (this.background[1] << 8) | this.background[2];
  }

  /** Opens a slide. Returns null if OpenSlide does not recognise the file as a slide. */
  static async open(library: string, path: string): Promise<OpenSlidePyramid | null> {
    const opened = await binding().openSlideOpen(library, path);
    return (
      opened &&
      new OpenSlidePyramid(
        path,
        opened,
        withTrueScales(opened.levels, () => undefined),
      )
    );
  }

  get source() {
    const { file, properties, levels } = this;
    return { file, properties, levels };
  }

  /** Returns the same slide with further properties and levels that its file states and OpenSlide does not. */
  with(properties: Readonly<Record<string, string>>, levels: readonly ScaledLevel[]): OpenSlidePyramid {
    return new OpenSlidePyramid(
      this.file,
      { ...this.opened, properties: { ...this.opened.properties, ...properties } },
      levels,
    );
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
