import { paintInstances } from '../../src/nuclei/paint.js';
import { classOf } from '../../src/table/context.js';
import { type Quality, qualityOf } from '../../src/table/quality.js';
import type { Engine } from '../engine/engine.js';
import { onOwnPixels } from './field-maps.js';
import { nucleiOf } from '../slide/nuclei.js';
import { withField } from './with-field.js';

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
 * result is brought back to its own pixels.
 * @param mpp micrometres per pixel, in place of what the file says
 * @throws HoverslideError as withField
 */
export function predictField(path: string, engine: Engine, mpp?: number): Promise<FieldPrediction> {
  return withField(path, engine, mpp, async (field) => {
    const { space } = field.lattice;
    const { classes, quality } = engine.model.card;
    const map = new Int32Array(space.width * space.height);
    const types: number[] = [];
    const qualities: Quality[] = [];
    const seconds = { read: 0, net: 0, stitch: 0, segment: 0 };
    for await (const { block } of nucleiOf(field, engine, seconds, () => false)) {
      paintInstances(block, map, space.width, types.length + 1);
      for (let k = 0; k < block.count; k++) {
        types.push(classOf(classes, block.type[k]!).id);
        qualities.push(qualityOf(block, k, { space, quality }));
      }
    }
    const { width, height } = field.slide;
    const instances = onOwnPixels(map, space, { width, height });
    return { width, height, instances, types: Uint8Array.from(types), qualities };
  });
}
