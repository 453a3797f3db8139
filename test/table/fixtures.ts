import type { NucleiBlock } from '../../src/nuclei/block.js';
import { ModelSpace } from '../../src/slide/model-space.js';
import { tableClasses, type TableContext, type TableFacts } from '../../src/table/context.js';

export const context: TableContext = {
  slideHash: 'a'.repeat(64),
  space: new ModelSpace(4000, 3000, 2, 0.125),
  classes: [
    { id: 0, name: 'unclassified', color: [128, 128, 128] },
    { id: 1, name: 'neoplastic', color: [230, 60, 40] },
    { id: 2, name: 'inflammatory', color: [60, 160, 60] },
  ],
};

export const facts: TableFacts = {
  slide: {
    id: 'sample',
    hash: context.slideHash,
    width: 4000,
    height: 3000,
    mpp: 0.125,
    mpp_source: 'openslide',
    origin: { x: 100, y: 40 },
  },
  model: { name: 'tiny', version: '1', sha256: 'b'.repeat(64), licence: 'CC0' },
  version: '1.2.3',
  classes: tableClasses(context.classes),
};

interface Square {
  x: number;
  y: number;
  side: number;
  type: number;
  /** Side of a square hole in the middle. */
  hole?: number;
}

/** Square nuclei in model pixels, in the order given, with measures that a square has. */
export function squares(list: readonly Square[]): NucleiBlock {
  const count = list.length;
  const vertices: number[] = [];
  const ringStart = [0];
  const nucleusRing = [0];
  const ring = (x: number, y: number, side: number) => {
    vertices.push(x, y, x + side, y, x + side, y + side, x, y + side, x, y);
    ringStart.push(vertices.length / 2);
  };
  for (const { x, y, side, hole } of list) {
    ring(x, y, side);
    if (hole) ring(x + (side - hole) / 2, y + (side - hole) / 2, hole);
    nucleusRing.push(ringStart.length - 1);
  }
  const each = (values: (square: Square) => number[]) => list.flatMap(values);
  return {
    count,
    firstPixel: Int32Array.from(each(({ x, y }) => [x, y])),
    box: Int32Array.from(each(({ x, y, side }) => [x, y, side, side])),
    area: Int32Array.from(each(({ side, hole = 0 }) => [side ** 2 - hole ** 2])),
    centroid: Float64Array.from(each(({ x, y, side }) => [x + side / 2, y + side / 2])),
    perimeter: Float64Array.from(each(({ side }) => [4 * side])),
    majorAxis: Float64Array.from(each(({ side }) => [side * 1.25])),
    minorAxis: Float64Array.from(each(({ side }) => [side])),
    eccentricity: Float64Array.from(each(() => [0.6])),
    solidity: Float64Array.from(each(() => [1])),
    orientation: Float64Array.from(each(() => [-0.5])),
    type: Uint8Array.from(each(({ type }) => [type])),
    share: Float64Array.from(each(() => [0.75])),
    probability: Float64Array.from(each(() => [0.875])),
    stain: Float64Array.from(each(() => [0.5, 0.125, 0.25, 0.0625])),
    vertices: Int32Array.from(vertices),
    ringStart: Uint32Array.from(ringStart),
    nucleusRing: Uint32Array.from(nucleusRing),
  };
}

/** `count` nuclei that do not touch, of pseudo-random sizes and classes, in raster order. */
export function manySquares(count: number): Square[] {
  let state = 12345;
  const random = (below: number) => (state = (state * 1103515245 + 12345) % 2147483648) % below;
  return Array.from({ length: count }, (_, i) => ({
    x: 20 * (i % 500),
    y: 20 * Math.floor(i / 500),
    side: 4 + random(14),
    type: random(3),
  }));
}

/** The same nuclei in blocks of the given sizes, the last size repeated until all are there. */
export function* inBlocks(list: readonly Square[], sizes: readonly number[]): Generator<NucleiBlock> {
  for (let start = 0, i = 0; start < list.length; i++) {
    const size = sizes[Math.min(i, sizes.length - 1)]!;
    yield squares(list.slice(start, start + size));
    start += size;
  }
}
