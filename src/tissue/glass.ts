import type { RgbImage } from '../slide/binding.js';
import type { Rgb } from '../slide/pyramid.js';

/** A pixel below this in every channel is black padding or a hole in the scan. Stain is never that dark over 8 um. */
export const minBrightness = 32;

/**
 * Returns the optical density of each value of red, green and blue, against the glass of the picture:
 * -log10(value / glass), at least 0. One is added to both to avoid log 0.
 */
export function densities(
  picture: RgbImage,
): readonly [red: Float64Array, green: Float64Array, blue: Float64Array] {
  return glassColor(picture).map((white) =>
    Float64Array.from({ length: 256 }, (_, value) => Math.max(0, Math.log10((white + 1) / (value + 1)))),
  ) as [Float64Array, Float64Array, Float64Array];
}

/**
 * Finds the colour of empty glass: per channel the median of bright, nearly grey pixels, without padding (pure white).
 * Returns pure white if there are too few such pixels: then there is no glass in the picture.
 */
function glassColor({ data, width, height }: RgbImage): Rgb {
  const counts = [0, 1, 2].map(() => new Uint32Array(256));
  let total = 0;
  for (let i = 0; i < data.length; i += 3) {
    const r = data[i]!;
    const g = data[i + 1]!;
    const b = data[i + 2]!;
    const low = Math.min(r, g, b);
    if (low < 215 || low === 255 || Math.max(r, g, b) - low > 16) continue;
    total++;
    counts[0]![r]!++;
    counts[1]![g]!++;
    counts[2]![b]!++;
  }
  if (total < 0.02 * width * height) return [255, 255, 255];
  return counts.map((histogram) => {
    let below = 0;
    return histogram.findIndex((count) => (below += count) * 2 >= total);
  }) as [number, number, number];
}
