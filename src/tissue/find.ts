import { readThumbnail } from '../slide/region.js';
import type { Slide } from '../slide/slide.js';
import type { RgbImage } from '../slide/binding.js';
import { removeSmall } from './components.js';
import { densities, minBrightness } from './glass.js';
import { maskGrid, type TissueMask } from './mask.js';

/** Smallest difference in optical density between a pixel's channels, after subtraction of the glass's own colour. */
const minChroma = 0.03;
/**
 * Smallest share of that difference in the strongest channel's density. Stains have over 0.5, black ink almost none.
 */
const minSaturation = 0.15;
/**
 * Islands below 50 x 50 um are dust. Gaps below 300 x 300 um (vessels, glands, tears) belong to the tissue around them.
 */
const speckPixels = 6 * 6;
const holePixels = 38 * 38;

/** Reads the picture of a slide on which tissue is found. */
export function maskPicture(slide: Slide): Promise<RgbImage> {
  return readThumbnail(slide, maskGrid(slide).scale.x);
}

/**
 * Finds the tissue of a stained slide on a low level: the pixels that are more coloured than glass. Haematoxylin and
 * eosin, however pale, absorb green most and differ between channels. Glass, shadows, dust, and black and transparent
 * padding are grey. Blue or green ink absorbs red most.
 * @param given the slide's picture, if it has been read
 */
export async function findTissue(slide: Slide, given?: RgbImage): Promise<TissueMask> {
  const grid = maskGrid(slide);
  const picture = given ?? (await maskPicture(slide));
  const data = stained(picture);
  repeatEdge(data, grid.width, grid.height);
  removeSmall(data, grid.width, 1, speckPixels);
  removeSmall(data, grid.width, 0, holePixels, true);
  return { ...grid, data, found: true };
}

/** Marks with 1 the pixels coloured like stain whose neighbours are coloured too. A single such pixel may be noise. */
function stained(picture: RgbImage): Uint8Array {
  const { width, height } = picture;
  const [redDensity, greenDensity, blueDensity] = densities(picture);
  const chroma = new Float64Array(width * height);
  for (let pixel = 0; pixel < chroma.length; pixel++) {
    const r = picture.data[pixel * 3]!;
    const g = picture.data[pixel * 3 + 1]!;
    const b = picture.data[pixel * 3 + 2]!;
    if (Math.max(r, g, b) < minBrightness) continue;
    const red = redDensity[r]!;
    const green = greenDensity[g]!;
    const blue = blueDensity[b]!;
    const strongest = Math.max(red, green, blue);
    const difference = strongest - Math.min(red, green, blue);
    const grey = difference < minSaturation * strongest;
    const ink = red > 1.25 * green + minChroma;
    if (!grey && !ink) chroma[pixel] = difference;
  }
  return meanAbove(chroma, width, height, minChroma).map((coloured, pixel) =>
    coloured && chroma[pixel]! >= minChroma / 2 ? 1 : 0,
  );
}

/** Copies the second last column and row over the last ones, which are mixed with what lies beyond the slide. */
function repeatEdge(data: Uint8Array, width: number, height: number): void {
  for (let y = 0; y < height && width > 1; y++) data[(y + 1) * width - 1] = data[(y + 1) * width - 2]!;
  if (height > 1) data.copyWithin((height - 1) * width, (height - 2) * width, (height - 1) * width);
}

/** Marks with 1 the pixels where the mean over the surrounding 3 x 3 pixels is at least `threshold`. */
function meanAbove(values: Float64Array, width: number, height: number, threshold: number): Uint8Array {
  const result = new Uint8Array(values.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      let count = 0;
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          sum += values[v * width + u]!;
          count++;
        }
      }
      result[y * width + x] = sum >= threshold * count ? 1 : 0;
    }
  }
  return result;
}
