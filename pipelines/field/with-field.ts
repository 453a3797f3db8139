import { openSlide } from '../../src/slide/slide.js';
import { modelSpace } from '../../src/slide/model-space.js';
import { Lattice, tissuePatches } from '../../src/tissue/lattice.js';
import { everything } from '../../src/tissue/mask.js';
import type { Engine } from '../engine/engine.js';
import type { PatchSource } from '../slide/maps.js';

/**
 * Opens a field, all of whose patches run, for as long as `work` takes.
 * @param mpp micrometres per pixel, in place of what the file says
 * @throws HoverslideError as openSlide does, and what `work` throws
 */
export async function withField<Result>(
  path: string,
  { model: { card } }: Engine,
  mpp: number | undefined,
  work: (field: PatchSource) => Promise<Result>,
): Promise<Result> {
  const slide = await openSlide(path, { mpp });
  try {
    const lattice = new Lattice(modelSpace(slide, card.mpp), card);
    return await work({ slide, lattice, patchIndices: tissuePatches(lattice, everything(slide)) });
  } finally {
    await slide.close();
  }
}
