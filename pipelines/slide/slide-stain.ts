import { macenko, type StainVectors } from '../../src/nuclei/macenko.js';
import { readRegion } from '../../src/slide/region.js';
import type { PatchSource } from './maps.js';

/** Patches of the sample, evenly spread over the list of all patches on tissue. */
const samplePatches = 64;

/** Of the sample's patches every so many-th pixel counts, each way. */
const step = 2;

/**
 * Finds a slide's own stain vectors in a fixed sample of its tissue, at the net's resolution, in which a pixel is nucleus
 * or not. The sample depends on the slide and its tissue alone: not on a region of interest, nor on how the work is cut.
 * @param source with the patches of all tissue
 * @returns undefined if there is no tissue, and so nothing to measure
 * @throws HoverslideError `input` as macenko and readRegion do
 */
export async function slideStain({
  slide,
  lattice,
  patchIndices,
}: PatchSource): Promise<StainVectors | undefined> {
  const { stride, space } = lattice;
  const total = patchIndices.length / 2;
  if (total === 0) return undefined;
  const count = Math.min(total, samplePatches);
  const side = Math.floor(stride / step);
  const sample = new Uint8Array(count * side * side * 3);
  let size = 0;
  for (let k = 0; k < count; k++) {
    const place = Math.floor(((k + 0.5) * total) / count);
    const [x, y] = [patchIndices[2 * place]! * stride, patchIndices[2 * place + 1]! * stride];
    const pixels = await readRegion(slide, space, { x, y, width: stride, height: stride });
    for (let v = 0; v < side; v++) {
      for (let u = 0; u < side; u++) {
        const at = 3 * (v * step * stride + u * step);
        sample.set(pixels.subarray(at, at + 3), size);
        size += 3;
      }
    }
  }
  return macenko(sample, slide.path);
}
