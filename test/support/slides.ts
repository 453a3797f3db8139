import type { Rgb } from '../../src/slide/raster.js';
import { TiffWriter } from './tiff.js';

/** RGB pixels [height, width, 3] of a rectangle of level 0, all of it within the slide. */
export type PixelSource = (
  x: number,
  y: number,
  width: number,
  height: number,
) => Uint8Array | Promise<Uint8Array>;

export interface TestSlide {
  width: number;
  height: number;
  pixels: PixelSource;
  /** Micrometres per pixel, written into the resolution tags; left out, the file does not say. */
  mpp?: number;
  /** Downsamples of the levels below level 0, whole numbers or not; 2, 4, ... down to one tile by default. */
  downsamples?: number[];
  tile?: number;
}

/**
 * Writes a pyramidal tiled TIFF, losslessly, that OpenSlide opens. It is written tile by tile: of any size, if the
 * pixel source is cheap.
 */
export async function writeSlide(path: string, slide: TestSlide): Promise<void> {
  const { width, height, mpp, tile = 256, downsamples = halvings(width, height, tile) } = slide;
  const writer = await TiffWriter.create(path);
  for (const downsample of [1, ...downsamples]) {
    await writer.add({
      width: Math.floor(width / downsample),
      height: Math.floor(height / downsample),
      tile,
      reduced: downsample > 1,
      ...(mpp === undefined ? {} : { resolution: 10000 / mpp / downsample }),
      pixels: (x, y) => levelTile(slide, downsample, x, y, tile),
    });
  }
  await writer.close();
}

function halvings(width: number, height: number, tile: number): number[] {
  const downsamples = [];
  for (let d = 2; Math.max(width, height) / (d / 2) > tile; d *= 2) downsamples.push(d);
  return downsamples;
}

/** A tile of a level: each pixel is the mean of the level-0 pixels that it covers. */
export async function levelTile(
  { width, height, pixels }: Pick<TestSlide, 'width' | 'height' | 'pixels'>,
  downsample: number,
  tileX: number,
  tileY: number,
  tile: number,
): Promise<Uint8Array> {
  const edge = (index: number, size: number) => Math.min(Math.floor(index * downsample), size);
  const [left, top] = [edge(tileX, width), edge(tileY, height)];
  const [right, bottom] = [edge(tileX + tile, width), edge(tileY + tile, height)];
  const source = await pixels(left, top, right - left, bottom - top);
  const result = new Uint8Array(tile * tile * 3);
  for (let y = 0; y < tile; y++) {
    const [y0, y1] = [edge(tileY + y, height), edge(tileY + y + 1, height)];
    for (let x = 0; x < tile; x++) {
      const [x0, x1] = [edge(tileX + x, width), edge(tileX + x + 1, width)];
      const count = (x1 - x0) * (y1 - y0);
      for (let c = 0; c < 3 && count > 0; c++) {
        let sum = 0;
        for (let v = y0; v < y1; v++) {
          for (let u = x0; u < x1; u++) sum += source[((v - top) * (right - left) + u - left) * 3 + c]!;
        }
        result[(y * tile + x) * 3 + c] = Math.round(sum / count);
      }
    }
  }
  return result;
}

/** Pixels given one by one. */
export function fromFunction(color: (x: number, y: number) => Rgb): PixelSource {
  return (x, y, width, height) => {
    const rgb = new Uint8Array(width * height * 3);
    for (let v = 0; v < height; v++) {
      for (let u = 0; u < width; u++) rgb.set(color(x + u, y + v), (v * width + u) * 3);
    }
    return rgb;
  };
}

/** Pixels from a buffer, [height, width, 3] of the whole slide. */
export function fromBuffer(data: Uint8Array, slideWidth: number): PixelSource {
  return (x, y, width, height) => {
    const rgb = new Uint8Array(width * height * 3);
    for (let v = 0; v < height; v++) {
      const start = ((y + v) * slideWidth + x) * 3;
      rgb.set(data.subarray(start, start + width * 3), v * width * 3);
    }
    return rgb;
  };
}

export interface Disc {
  x: number;
  y: number;
  radius: number;
  color: Rgb;
}

/**
 * Discs on a ground, with soft edges: a pixel's colour is mixed by the share of it (on a 4 x 4 grid) that lies inside
 * the disc, so that a disc's centroid is known to a small part of a pixel. Coordinates are continuous: pixel x covers
 * [x, x + 1).
 */
export function discs(list: readonly Disc[], ground: Rgb): PixelSource {
  const cell = 64;
  const near = new Map<string, Disc[]>();
  for (const disc of list) {
    for (let v = Math.floor((disc.y - disc.radius) / cell); v <= (disc.y + disc.radius) / cell; v++) {
      for (let u = Math.floor((disc.x - disc.radius) / cell); u <= (disc.x + disc.radius) / cell; u++) {
        const key = `${u} ${v}`;
        near.set(key, [...(near.get(key) ?? []), disc]);
      }
    }
  }
  const steps = [0.125, 0.375, 0.625, 0.875];
  return fromFunction((x, y) => {
    for (const disc of near.get(`${Math.floor(x / cell)} ${Math.floor(y / cell)}`) ?? []) {
      let inside = 0;
      for (const dy of steps) {
        for (const dx of steps) inside += Math.hypot(x + dx - disc.x, y + dy - disc.y) < disc.radius ? 1 : 0;
      }
      if (inside > 0) {
        const mix = (c: 0 | 1 | 2) => Math.round(ground[c] + ((disc.color[c] - ground[c]) * inside) / 16);
        return [mix(0), mix(1), mix(2)];
      }
    }
    return ground;
  });
}
