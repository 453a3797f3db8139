import { paintInstances } from '../../src/nuclei/paint.js';
import { modelSpace } from '../../src/slide/model-space.js';
import { openSlide } from '../../src/slide/slide.js';
import { classOf } from '../../src/table/context.js';
import { type Quality, qualityOf } from '../../src/table/quality.js';
import { Lattice, tissuePatches } from '../../src/tissue/lattice.js';
import { everything } from '../../src/tissue/mask.js';
import type { Engine } from '../engine/engine.js';
import { nucleiOf } from '../slide/nuclei.js';

/** The nuclei that the net finds on a field, on the field's own pixels. */
export interface FieldPrediction {
  readonly width: number;
  readonly height: number;
  /** [height, width]; 0 is background, other values are 1 + index into `types`. */
  readonly instances: Int32Array;
  /** Class id of each nucleus; 0 where it was voted for a class that the model has not learned. */
  readonly types: Uint8Array;
  /** Quality of each nucleus. */
  readonly qualities: readonly Quality[];
}

/**
 * Predicts a whole image in memory as slides are predicted, for evaluation. If the field was resampled for the net, the
 * result is brought back to its own pixels: each pixel takes the value of the model pixel under its centre.
 * @param mpp micrometres per pixel, in place of what the file says
 * @throws HoverslideError as openSlide does
 */
export async function predictField(path: string, engine: Engine, mpp?: number): Promise<FieldPrediction> {
  const slide = await openSlide(path, { mpp });
  try {
    const { card } = engine.model;
    const space = modelSpace(slide, card.mpp);
    const lattice = new Lattice(space, card);
    const patchIndices = tissuePatches(lattice, everything(slide));
    const map = new Int32Array(space.width * space.height);
    const types: number[] = [];
    const qualities: Quality[] = [];
    const { classes, quality } = card;
    const seconds = { read: 0, net: 0, stitch: 0, segment: 0 };
    for await (const { block } of nucleiOf({ slide, lattice, patchIndices }, engine, seconds, () => false)) {
      paintInstances(block, map, space.width, types.length + 1);
      for (let k = 0; k < block.count; k++) {
        types.push(classOf(classes, block.type[k]!).id);
        qualities.push(qualityOf(block, k, { space, quality }));
      }
    }
    const { width, height } = slide;
    const instances = new Int32Array(width * height);
    for (let y = 0; y < height; y++) {
      const row = Math.floor((y + 0.5) / space.scale) * space.width;
      for (let x = 0; x < width; x++)
        instances[y * width + x] = map[row + Math.floor((x + 0.5) / space.scale)]!;
    }
    return { width, height, instances, types: Uint8Array.from(types), qualities };
  } finally {
    await slide.close();
  }
}
