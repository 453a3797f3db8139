import type { Ring } from '../geometry/polygon.js';
import type { NucleiBlock } from './block.js';

/**
 * Gives the outline of nucleus k in model px, as a copy. The shell comes first, then holes. Rings are closed: the first
 * vertex is repeated.
 */
export function outlineOf({ nucleusRing, ringStart, vertices }: NucleiBlock, k: number): Ring[] {
  const rings: Ring[] = [];
  for (let ring = nucleusRing[k]!; ring < nucleusRing[k + 1]!; ring++) {
    rings.push(new Float64Array(vertices.subarray(2 * ringStart[ring]!, 2 * ringStart[ring + 1]!)));
  }
  return rings;
}
