import type { NucleiBlock } from './block.js';

/**
 * Paints nuclei into an instance map: row k of the block as k + `first`, by the rule of crossings along each
 * row of pixels, which is exact since outlines follow pixel edges.
 * @param map int32 [height, width], row-major; painted over
 * @param first id of the block's first nucleus
 */
export function paintInstances(block: NucleiBlock, map: Int32Array, width: number, first = 1): void {
  for (let k = 0; k < block.count; ++k) {
    const [x0, y0, w, h] = block.box.subarray(4 * k, 4 * k + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    // Crossings of the rings' vertical edges, flipped pixel by pixel from left to right.
    const flips = new Uint8Array((w + 1) * h);
    for (let ring = block.nucleusRing[k]!; ring < block.nucleusRing[k + 1]!; ++ring) {
      for (let c = block.ringStart[ring]!; c + 1 < block.ringStart[ring + 1]!; ++c) {
        const x = block.vertices[2 * c]!;
        const ya = block.vertices[2 * c + 1]!;
        const yb = block.vertices[2 * c + 3]!;
        if (block.vertices[2 * c + 2] !== x) continue;
        for (let y = Math.min(ya, yb); y < Math.max(ya, yb); ++y) flips[(y - y0) * (w + 1) + (x - x0)]! ^= 1;
      }
    }
    for (let y = 0; y < h; ++y) {
      let inside = 0;
      for (let x = 0; x < w; ++x) {
        inside ^= flips[y * (w + 1) + x]!;
        if (inside) map[(y0 + y) * width + x0 + x] = first + k;
      }
    }
  }
}
