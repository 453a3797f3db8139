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
  const fine = slide.levels.map((level) =>
    level.scale !== undefined && level.scale <= Math.max(scale, 1) ? level.scale : 0,
  );
  const index = fine.indexOf(Math.max(...fine));
  const level = slide.levels[index]!;
  const step = scale / fine[index]!;
  const width = Math.ceil(slide.width / scale);
  const height = Math.ceil(slide.height / scale);
  const data = new Uint8Array(width * height * 3);
  const rows = Math.max(1, Math.floor(bandPixels / (level.width * step)));
  for (let y = 0; y < height; y += rows) {
    const band = { x: 0, y, width, height: Math.min(rows, height - y) };
    data.set(await readScaled(slide, index, step, band), y * width * 3);
  }
  return { width, height, data };
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
