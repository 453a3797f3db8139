import { binding, type Rect, type RgbImage } from './binding.js';
import { coarsestLevel, type ModelSpace } from './model-space.js';
import type { Slide } from './slide.js';

/**
 * Reads the pixels that the net sees: RGB, [height, width, 3], of a rectangle in model pixels, which may reach beyond
 * the slide. A pixel depends only on its coordinates, never on the rectangle it was read with. Read large rectangles,
 * because every read decodes the slide's tiles again.
 * @throws HoverslideError `input` as Slide.readLevel.
 */
export async function readRegion(
  slide: Slide,
  space: Pick<ModelSpace, 'scale'>,
  rect: Rect,
): Promise<Uint8Array> {
  const level = coarsestLevel(slide, space.scale);
  return readScaled(slide, level.index, space.scale / level.downsample, rect);
}

/** Largest number of source pixels in memory at a time for a thumbnail. */
const bandPixels = 16e6;

/** Reads the whole slide, [ceil(height / scale), ceil(width / scale), 3], at `scale` level-0 pixels per pixel. */
export async function readThumbnail(slide: Slide, scale: number): Promise<RgbImage> {
  const width = Math.ceil(slide.width / scale);
  const height = Math.ceil(slide.height / scale);
  return { width, height, data: await readArea(slide, scale, { x: 0, y: 0, width, height }, bandPixels) };
}

/**
 * Reads a part of the slide to look at, [height, width, 3], from the coarsest level that is fine enough.
 * @param scale level-0 px per px of the result
 * @param rect in px of the result, which may reach beyond the slide
 * @param most source pixels in memory at a time, unless a single row needs more
 */
export async function readArea(slide: Slide, scale: number, rect: Rect, most: number): Promise<Uint8Array> {
  const fine = slide.levels.map((level) =>
    level.scale !== undefined && level.scale <= Math.max(scale, 1) ? level.scale : 0,
  );
  const index = fine.indexOf(Math.max(...fine));
  const step = scale / fine[index]!;
  const { x, y, width, height } = rect;
  const data = new Uint8Array(width * height * 3);
  const rows = Math.max(1, Math.floor(most / (width * step * step)));
  for (let row = 0; row < height; row += rows) {
    const band = { x, y: y + row, width, height: Math.min(rows, height - row) };
    data.set(await readScaled(slide, index, step, band), row * width * 3);
  }
  return data;
}

/** Reads `rect` on a grid whose pixels are `step` pixels of `level`. */
async function readScaled(slide: Slide, level: number, step: number, rect: Rect): Promise<Uint8Array> {
  if (step === 1 || rect.width === 0 || rect.height === 0) return slide.readLevel(level, rect);
  const { x, y, width, height } = rect;
  const native = binding();
  const [left, right] = native.sourceRange(step, x, x + width);
  const [top, bottom] = native.sourceRange(step, y, y + height);
  const source = { x: left, y: top, width: right - left, height: bottom - top };
  const pixels = await slide.readLevel(level, source);
  return native.resample(step, pixels, source.x, source.y, source.width, source.height, x, y, width, height);
}
