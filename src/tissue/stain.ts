import type { RgbImage } from '../slide/binding.js';
import { densities, minBrightness } from './glass.js';
import { isTissue, type TissueMask } from './mask.js';

/** Smallest density, in the channel that absorbs most, of a pixel that is not glass. */
const minDensity = 0.05;
/** How many times green's density that of red or blue is in a pixel that is not haematoxylin and eosin. */
const minRatio = 1.05;
/** Pixels below which there is too little to say anything: 0.0032 mm2. */
const fewest = 50;

/**
 * Measures how much of the tissue is not stained with haematoxylin and eosin. Both absorb green most, as their mixtures
 * do. DAB (brown) absorbs blue most, the dyes of trichromes red; inverted pictures and fluorescence absorb what they do not
 * show, and shades of grey absorb all alike. Haematoxylin alone cannot be told from H&E by this.
 * @param picture of the whole slide
 * @param scale level-0 px per pixel of the picture
 * @param mask of the tissue; where there is none, all that is not glass or padding is measured
 * @returns share of the tissue, 0 to 1; undefined if there is too little
 */
export function otherStainShare(picture: RgbImage, scale: number, mask: TissueMask): number | undefined {
  const anywhere = !mask.data.some((value) => value !== 0);
  const [redDensity, greenDensity, blueDensity] = densities(picture);
  const { width, data } = picture;
  let [all, other] = [0, 0];
  for (let i = 0, pixel = 0; i < data.length; i += 3, pixel++) {
    const [r, g, b] = [data[i]!, data[i + 1]!, data[i + 2]!];
    const most = Math.max(redDensity[r]!, blueDensity[b]!);
    const green = greenDensity[g]!;
    if (Math.max(most, green) < minDensity || Math.max(r, g, b) < minBrightness) continue;
    const [x, y] = [((pixel % width) + 0.5) * scale, (Math.floor(pixel / width) + 0.5) * scale];
    if (!anywhere && !isTissue(mask, x, y)) continue;
    all++;
    if (most > minRatio * green) other++;
  }
  return all < fewest ? undefined : other / all;
}
