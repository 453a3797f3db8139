import { fill, pixelSquares } from '../geometry/fill.js';
import type { NucleiBlock } from './block.js';
import { outlineOf } from './outline.js';

/**
 * Paints nuclei into an instance map. Row k of the block gets the id k + `first`. The result is exact, since outlines
 * follow pixel edges.
 * @param map int32 [height, width], row-major; painted over
 * @param first id of the block's first nucleus
 */
export function paintInstances(block: NucleiBlock, map: Int32Array, width: number, first = 1): void {
  const whole = { left: 0, top: 0, right: width, bottom: map.length / width };
  for (let k = 0; k < block.count; ++k) {
    fill(outlineOf(block, k), pixelSquares, whole, (y, from, to) =>
      map.fill(first + k, y * width + from, y * width + to),
    );
  }
}
