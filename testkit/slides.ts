import type { Rgb } from '../src/slide/pyramid.js';
import { TiffWriter } from './tiff.js';

/**
 * Function that gives the RGB pixels [height, width, 3] of a rectangle of level 0. All of the rectangle lies within the
 * slide.
 */
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
  /** Micrometres per pixel, written into the resolution tags. If left out, the file does not say. */
  mpp?: number;
  /** Of y, where it is another one than that of x. */
  mppY?: number;
  /** Downsamples of the levels below level 0, whole numbers or not. The default is 2, 4, ... down to one tile. */
  downsamples?: number[];
  tile?: number;
  /** JPEG quality, in place of lossless compression: for large slides, as scanners write them. */
  jpeg?: number;
}

/**
 * Writes a pyramidal tiled TIFF that OpenSlide opens, losslessly by default. It is written tile by tile, so it may have
 * any size if the pixel source is cheap.
 */
export async function writeSlide(path: string, slide: TestSlide): Promise<void> {
  const writer = await TiffWriter.create(path);
  await writePyramid(writer, slide, pyramid(slide));
  await writer.close();
}

interface PyramidLevel {
  downsample: number;
  width: number;
  height: number;
}

function pyramid({
  width,
  height,
  tile = 256,
  downsamples = halvings(width, height, tile),
}: TestSlide): PyramidLevel[] {
  return [1, ...downsamples].map((downsample) => ({
    downsample,
    width: Math.floor(width / downsample),
    height: Math.floor(height / downsample),
  }));
}

async function writePyramid(
  writer: TiffWriter,
  slide: TestSlide,
  levels: PyramidLevel[],
  description?: string,
) {
  const { mpp, mppY = mpp, jpeg, tile = 256 } = slide;
  for (const { downsample, width, height } of levels) {
    await writer.add({
      width,
      height,
      tile,
      reduced: downsample > 1,
      ...(jpeg === undefined ? {} : { jpeg }),
      ...(mpp === undefined ? {} : { resolution: [mpp, mppY!].map((size) => 10000 / size / downsample) }),
      ...(downsample === 1 && description !== undefined ? { description } : {}),
      pixels: (x, y) => levelTile(slide, downsample, x, y, tile),
    });
  }
}

function halvings(width: number, height: number, tile: number): number[] {
  const downsamples = [];
  for (let d = 2; Math.max(width, height) / (d / 2) > tile; d *= 2) downsamples.push(d);
  return downsamples;
}

/** Returns a tile of a level. Each pixel is the mean of the level-0 pixels that it covers. */
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
  const result = new Uint8Array(tile * tile * 3);
  const row = (right - left) * 3;
  if (downsample === 1) {
    const source = await pixels(left, top, right - left, bottom - top);
    for (let y = 0; y < bottom - top; y++) result.set(source.subarray(y * row, (y + 1) * row), y * tile * 3);
    return result;
  }
  for (let y = 0; y < tile && edge(tileY + y, height) < bottom; y++) {
    const [y0, y1] = [edge(tileY + y, height), edge(tileY + y + 1, height)];
    const source = await pixels(left, y0, right - left, y1 - y0); // row by row: a tile of a low level covers much
    for (let x = 0; x < tile && edge(tileX + x, width) < right; x++) {
      const [x0, x1] = [edge(tileX + x, width), edge(tileX + x + 1, width)];
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let v = 0; v < y1 - y0; v++) {
          for (let u = x0 - left; u < x1 - left; u++) sum += source[v * row + u * 3 + c]!;
        }
        result[(y * tile + x) * 3 + c] = Math.round(sum / ((x1 - x0) * (y1 - y0)));
      }
    }
  }
  return result;
}

/** Returns a source of pixels that are given one by one. */
export function fromFunction(color: (x: number, y: number) => Rgb): PixelSource {
  return (x, y, width, height) => {
    const rgb = new Uint8Array(width * height * 3);
    for (let v = 0; v < height; v++) {
      for (let u = 0; u < width; u++) rgb.set(color(x + u, y + v), (v * width + u) * 3);
    }
    return rgb;
  };
}

/** Returns a source of pixels from a buffer, [height, width, 3] of the whole slide. */
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
 * Returns a source of discs on a ground, with soft edges. A pixel's colour is mixed by the share of it (on a 4 x 4
 * grid) that lies inside the disc. So a disc's centroid is known to a small part of a pixel. Coordinates are
 * continuous: pixel x covers [x, x + 1).
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

/**
 * Writes a Leica SCN whose pixels fill only a part of the slide. OpenSlide states that part as its bounds. The rest is
 * transparent, as in MIRAX and Hamamatsu slides.
 * @param frame size of the whole slide in pixels, and where in it the pixels lie
 */
export async function writePaddedSlide(
  path: string,
  slide: TestSlide & { mpp: number; frame: { width: number; height: number; x: number; y: number } },
): Promise<void> {
  const { width, height, mpp, frame } = slide;
  const nanometres = (pixels: number) => Math.round(pixels * mpp * 1000);
  const levels = pyramid(slide);
  const dimensions = levels.map(
    (l, ifd) => `<dimension sizeX="${l.width}" sizeY="${l.height}" r="${ifd}" ifd="${ifd}"/>`,
  );
  const description = `<?xml version="1.0"?><scn xmlns="http://www.leica-microsystems.com/scn/2010/10/01">
<collection sizeX="${nanometres(frame.width)}" sizeY="${nanometres(frame.height)}"><image>
<view sizeX="${nanometres(width)}" sizeY="${nanometres(height)}" offsetX="${nanometres(frame.x)}" offsetY="${nanometres(frame.y)}"/>
<pixels sizeX="${width}" sizeY="${height}">${dimensions.join('')}</pixels>
<scanSettings><objectiveSettings><objective>40</objective></objectiveSettings>
<illuminationSettings><illuminationSource>brightfield</illuminationSource></illuminationSettings></scanSettings>
</image></collection></scn>`;
  const writer = await TiffWriter.create(path);
  await writePyramid(writer, slide, levels, description);
  await writer.close();
}
