import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SlideNuclei, Surroundings } from '../../src/addon.js';
import { radii } from '../../src/context/columns.js';
import { noRole, roles } from '../../src/context/roles.js';
import { addon } from '../../src/native.js';
import { packageRoot } from '../../src/package-root.js';

interface Golden {
  width: number;
  height: number;
  points: Record<'x' | 'y' | 'role' | 'class' | 'used' | 'orientation', number[]>;
  tissue: number[];
  nearest: Record<string, number[]>;
  within: Record<string, number[]>;
  degree: number[];
  meanEdge: (number | null)[];
  sameClass: (number | null)[];
  alignment: (number | null)[];
  aggregate: number[];
  aggregates: { nuclei: number; areaUm2: number }[];
  buds: number[];
  region: number[];
  tumourDistance: number[];
  tissueDistance: number[];
  components: number[];
  /** On the tissue and on the whole rectangle. */
  crossWeights: [number, number];
}

const path = join(packageRoot, 'test', 'context', 'goldens.json');
const golden = JSON.parse(readFileSync(path, 'utf8')) as Golden;
const columns = Math.ceil(golden.width / 25);
const { x, y, role, class: type, used, orientation } = golden.points;
const nuclei = [
  Float64Array.from(x),
  Float64Array.from(y),
  Float32Array.from(orientation),
  Uint8Array.from(role),
  Uint8Array.from(type),
  Uint8Array.from(used),
] as const;
const counted = used.flatMap((counts, k) => (counts ? [k] : []));

async function prepared(tissue: Uint8Array): Promise<SlideNuclei> {
  const slide = new (addon().SlideNuclei)(golden.width, golden.height, x.length, tissue, columns);
  slide.add(...nuclei);
  await slide.prepare();
  return slide;
}

/** The values of those nuclei that count. */
function of(values: ArrayLike<number>): number[] {
  return counted.map((k) => values[k]!);
}

/** float32 values are those nearest to the golden ones, or next to them. */
function expectFloats(values: ArrayLike<number>, expected: readonly (number | null)[]): void {
  expect(values.length).toBe(expected.length);
  expected.forEach((value, k) => {
    if (value === null) expect(values[k]).toBeNaN();
    else expect(Math.abs(values[k]! - value)).toBeLessThan(1.2e-7 * Math.max(1, Math.abs(value)));
  });
}

/** A small pattern of nuclei beside what SciPy, scikit-learn and spatstat say of it (goldens.py). */
describe('what is around nuclei', () => {
  let slide: SlideNuclei;
  let found: Surroundings;
  let region: Uint8Array;
  let distance: Float32Array;

  beforeAll(async () => {
    slide = await prepared(Uint8Array.from(golden.tissue));
    region = await slide.derivedTumour();
    distance = await slide.setTumour(region);
    found = await slide.around(...nuclei);
  });

  it('finds the nearest nucleus of each role as a k-d tree does', () => {
    for (const [name, expected] of Object.entries(golden.nearest)) {
      expectFloats(of(found.nearest[roles.indexOf(name as 'tumour')]!), expected);
    }
    expect(of(found.nearest[roles.indexOf('epithelial')]!).every(Number.isNaN)).toBe(true);
  });

  it('counts exactly as a k-d tree does', () => {
    for (const [name, expected] of Object.entries(golden.within)) {
      const [its, radius] = name.split('_');
      const values = found.within[radii.indexOf(Number(radius) as 20)]![roles.indexOf(its as 'tumour')]!;
      expect(of(values)).toEqual(expected);
    }
  });

  it('has the Gabriel graph that is in the Delaunay triangulation', () => {
    expect(of(found.degree)).toEqual(golden.degree);
    expectFloats(of(found.meanEdge), golden.meanEdge);
    expectFloats(of(found.sameType), golden.sameClass);
  });

  it('measures alignment', () => {
    expectFloats(of(found.alignment), golden.alignment);
  });

  it('finds the aggregates of DBSCAN', () => {
    expect(of(found.aggregate)).toEqual(golden.aggregate);
    expect(slide.aggregates.map((each) => ({ nuclei: each.nuclei, areaUm2: each.cells * 400 }))).toEqual(
      golden.aggregates,
    );
  });

  it('finds buds', () => {
    const sizes = Array.from(slide.buds.nuclei);
    expect([1, 2, 3, 4].map((size) => sizes.filter((each) => each === size).length)).toEqual(golden.buds);
  });

  it('derives the tumour region, its parts and distances', () => {
    expect(Array.from(region)).toEqual(golden.region);
    const parts = addon().componentSums(region, columns, new Float64Array(region.length).fill(1));
    expect(Array.from(parts)).toEqual(golden.components);
    expectFloats(distance, golden.tumourDistance);
  });

  it('measures distances to the edge of the tissue at the centres of cells', async () => {
    const centres = Float64Array.from(golden.tissue, (_, k) => (k % columns) * 25 + 12.5);
    const rows = Float64Array.from(golden.tissue, (_, k) => Math.floor(k / columns) * 25 + 12.5);
    const other = new (addon().SlideNuclei)(
      golden.width,
      golden.height,
      centres.length,
      Uint8Array.from(golden.tissue),
      columns,
    );
    const points = [
      centres,
      rows,
      new Float32Array(centres.length),
      new Uint8Array(centres.length).fill(noRole),
      new Uint8Array(centres.length),
      new Uint8Array(centres.length).fill(1),
    ] as const;
    other.add(...points);
    await other.prepare();
    expectFloats((await other.around(...points)).tissueEdge, golden.tissueDistance);
  });

  it('weighs pairs by what of the tissue remains in it when it is shifted, as spatstat does', async () => {
    const sum = ({ crossWeight }: Surroundings) =>
      crossWeight.reduce((total, weight) => total + weight, 0) / 2 ** 30;
    expect(sum(found) / golden.crossWeights[0]).toBeCloseTo(1, 9);
    const rectangle = await prepared(new Uint8Array(golden.tissue.length).fill(1));
    expect(sum(await rectangle.around(...nuclei)) / golden.crossWeights[1]).toBeCloseTo(1, 9);
  });
});
