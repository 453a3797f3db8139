import type { Rgb } from '../src/slide/pyramid.js';
import { fromBuffer, writeSlide } from './slides.js';
import { stubGround } from './stub.js';

/** The colour of a pixel, or a function that gives it. */
export type Paint = Rgb | ((x: number, y: number) => Rgb);

/** A canvas of pixels. A test paints the stub's maps into it and writes it as a slide of one level. */
export class Canvas {
  readonly data: Uint8Array;

  constructor(
    readonly width: number,
    readonly height: number,
    ground: Rgb = stubGround,
  ) {
    this.data = new Uint8Array(width * height * 3);
    for (let i = 0; i < this.data.length; i += 3) this.data.set(ground, i);
  }

  /** Paints those pixels of [x0, x1) by [y0, y1) for which `where` is true. What lies beyond the canvas is cut off. */
  fill(
    x0: number,
    y0: number,
    x1: number,
    y1: number,
    paint: Paint,
    where: (x: number, y: number) => boolean = () => true,
  ): void {
    for (let y = Math.max(0, y0); y < Math.min(this.height, y1); y++) {
      for (let x = Math.max(0, x0); x < Math.min(this.width, x1); x++) {
        if (!where(x, y)) continue;
        this.data.set(typeof paint === 'function' ? paint(x, y) : paint, (y * this.width + x) * 3);
      }
    }
  }

  /** Paints the pixels whose centres lie at least `inner` and less than `radius` from (x, y). */
  ring(x: number, y: number, radius: number, inner: number, paint: Paint): void {
    const [r, s] = [radius ** 2, inner ** 2];
    this.fill(
      Math.floor(x - radius),
      Math.floor(y - radius),
      Math.ceil(x + radius),
      Math.ceil(y + radius),
      paint,
      (u, v) => {
        const square = (u + 0.5 - x) ** 2 + (v + 0.5 - y) ** 2;
        return square >= s && square < r;
      },
    );
  }

  disc(x: number, y: number, radius: number, paint: Paint): void {
    this.ring(x, y, radius, 0, paint);
  }

  async write(path: string, mpp = 0.25): Promise<void> {
    const { width, height, data } = this;
    await writeSlide(path, { width, height, mpp, downsamples: [], pixels: fromBuffer(data, width) });
  }
}
