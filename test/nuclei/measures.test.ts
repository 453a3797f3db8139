// Every measure of the kernel beside a plain computation from the pixels, and outlines before a geometry library.
import assert from 'node:assert/strict';
import GeoJSONReader from 'jsts/org/locationtech/jts/io/GeoJSONReader.js';
import GeometryFactory from 'jsts/org/locationtech/jts/geom/GeometryFactory.js';
import type LinearRing from 'jsts/org/locationtech/jts/geom/LinearRing.js';
import type Polygon from 'jsts/org/locationtech/jts/geom/Polygon.js';
import Orientation from 'jsts/org/locationtech/jts/algorithm/Orientation.js';
import IsValidOp from 'jsts/org/locationtech/jts/operation/valid/IsValidOp.js';
import { describe, it } from 'vitest';
import type { NucleiBlock } from '../../src/nuclei/block.js';
import { segmentBlobs } from '../../src/nuclei/kernel.js';
import { paintInstances } from '../../src/nuclei/paint.js';
import { noiseMaps, tissueMaps, type TestMaps } from '../../testkit/maps.js';
import { blobBuffer, findBlobs } from '../../testkit/blobs.js';
import { constants } from '../../testkit/constants.js';

const reader = new GeoJSONReader(new GeometryFactory());

interface Case {
  readonly maps: TestMaps;
  readonly block: NucleiBlock;
  /** Pixels of each nucleus as [x, y]. */
  readonly pixels: [number, number][][];
}

function segment(maps: TestMaps): Case {
  const block = segmentBlobs(blobBuffer(maps, findBlobs(maps)), constants);
  const instances = new Int32Array(maps.width * maps.height);
  paintInstances(block, instances, maps.width);
  const pixels: [number, number][][] = Array.from({ length: block.count }, () => []);
  for (const [i, id] of instances.entries()) {
    if (id > 0) pixels[id - 1]!.push([i % maps.width, Math.floor(i / maps.width)]);
  }
  return { maps, block, pixels };
}

function polygonOf({ vertices, ringStart, nucleusRing }: NucleiBlock, k: number): Polygon {
  const coordinates: number[][][] = [];
  for (let ring = nucleusRing[k]!; ring < nucleusRing[k + 1]!; ++ring) {
    const points: number[][] = [];
    for (let c = ringStart[ring]!; c < ringStart[ring + 1]!; ++c) {
      points.push([vertices[2 * c]!, vertices[2 * c + 1]!]);
    }
    coordinates.push(points);
  }
  return reader.read({ type: 'Polygon', coordinates }) as Polygon;
}

function close(given: number, expected: number, what: string, tolerance = 1e-9): void {
  assert.ok(Math.abs(given - expected) <= tolerance, `${what}: ${given}, expected ${expected}`);
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

const cases = [
  segment(tissueMaps(400, 300, 9000, 1)),
  ...[2, 3, 4, 5].map((seed) => segment(noiseMaps(220, 180, seed))),
];

describe('measures of nuclei', () => {
  it('are of enough nuclei, some with holes', () => {
    const nuclei = cases.reduce((sum, { block }) => sum + block.count, 0);
    const holes = cases.reduce((sum, { block }) => sum + block.ringStart.length - 1 - block.count, 0);
    assert.ok(nuclei > 150, `${nuclei} nuclei`);
    assert.ok(holes > 3, `${holes} holes`);
  });

  it('outlines are valid polygons that cover just the pixels, shells counter-clockwise in x and y', () => {
    for (const { block } of cases) {
      for (let k = 0; k < block.count; ++k) {
        const polygon = polygonOf(block, k);
        assert.ok(IsValidOp.isValid(polygon), `nucleus ${k}`);
        assert.equal(polygon.getArea(), block.area[k]);
        const shell = polygon.getExteriorRing() as LinearRing;
        assert.ok(Orientation.isCCW(shell.getCoordinates()));
      }
    }
  });

  it('outlines have no vertex between two edges in line', () => {
    for (const { block } of cases) {
      for (let ring = 0; ring + 1 < block.ringStart.length; ++ring) {
        const [from, to] = [block.ringStart[ring]!, block.ringStart[ring + 1]!];
        const point = (c: number) => block.vertices.subarray(2 * c, 2 * c + 2);
        assert.deepEqual(point(from), point(to - 1));
        for (let c = from; c < to - 1; ++c) {
          const before = point(c === from ? to - 2 : c - 1);
          const after = point(c + 1);
          assert.ok(before[0] !== after[0] && before[1] !== after[1], `vertex ${c}`);
        }
      }
    }
  });

  it('box, first pixel, area and centroid', () => {
    for (const { block, pixels } of cases) {
      for (const [k, list] of pixels.entries()) {
        const xs = list.map(([x]) => x);
        const ys = list.map(([, y]) => y);
        const [x0, y0] = [Math.min(...xs), Math.min(...ys)];
        assert.deepEqual(
          [...block.box.subarray(4 * k, 4 * k + 4)],
          [x0, y0, Math.max(...xs) + 1 - x0, Math.max(...ys) + 1 - y0],
        );
        assert.deepEqual([...block.firstPixel.subarray(2 * k, 2 * k + 2)], list[0]);
        assert.equal(block.area[k], list.length);
        close(block.centroid[2 * k]!, mean(xs) + 0.5, 'x');
        close(block.centroid[2 * k + 1]!, mean(ys) + 0.5, 'y');
      }
    }
  });

  it('nuclei come blob by blob, those of a blob by their first pixels', () => {
    for (const { maps, block } of cases) {
      let place = 0;
      for (const blob of findBlobs(maps)) {
        const own = new Set(blob.pixels);
        let last = -1;
        for (; place < block.count; ++place) {
          const first = block.firstPixel[2 * place + 1]! * maps.width + block.firstPixel[2 * place]!;
          if (!own.has(first)) break;
          assert.ok(first > last);
          last = first;
        }
      }
      assert.equal(place, block.count);
    }
  });

  it('ellipse of the same second moments', () => {
    for (const { block, pixels } of cases) {
      for (const [k, list] of pixels.entries()) {
        const [mx, my] = [mean(list.map(([x]) => x)), mean(list.map(([, y]) => y))];
        const xx = mean(list.map(([x]) => (x - mx) ** 2));
        const yy = mean(list.map(([, y]) => (y - my) ** 2));
        const xy = mean(list.map(([x, y]) => (x - mx) * (y - my)));
        const angle = block.orientation[k]!;
        assert.ok(angle > -Math.PI / 2 && angle <= Math.PI / 2);
        const along = xx * Math.cos(angle) ** 2 + yy * Math.sin(angle) ** 2 + xy * Math.sin(2 * angle);
        const across = xx + yy - along;
        close(block.majorAxis[k]!, 4 * Math.sqrt(along), 'major axis', 1e-8);
        close(block.minorAxis[k]!, 4 * Math.sqrt(across), 'minor axis', 1e-8);
        assert.ok(along >= across - 1e-9);
        close(block.eccentricity[k]!, Math.sqrt(1 - across / along), 'eccentricity', 1e-7);
      }
    }
  });

  it("solidity by the pixels of the convex hull, as scikit-image's regionprops", () => {
    for (const { block, pixels } of cases) {
      for (const [k, list] of pixels.entries())
        assert.equal(block.solidity[k], list.length / hullPixels(list));
    }
  });

  it("perimeter by Crofton's formula from chords in four directions", () => {
    for (const { block, pixels } of cases) {
      for (const [k, list] of pixels.entries()) {
        const own = new Set(list.map(([x, y]) => `${x},${y}`));
        const chords = (dx: number, dy: number) =>
          list.filter(([x, y]) => !own.has(`${x + dx},${y + dy}`)).length;
        const expected =
          (Math.PI / 4) * (chords(1, 0) + chords(0, 1) + (chords(1, 1) + chords(1, -1)) / Math.SQRT2);
        close(block.perimeter[k]!, expected, 'perimeter', 1e-10);
      }
    }
  });

  it('class by vote, background only without another', () => {
    for (const { maps, block, pixels } of cases) {
      for (const [k, list] of pixels.entries()) {
        const votes = new Array<number>(256).fill(0);
        for (const [x, y] of list) ++votes[maps.packed[4 * (y * maps.width + x) + 3]!]!;
        const most = Math.max(...votes.slice(1));
        const type = most === 0 ? 0 : votes.indexOf(most, 1);
        assert.equal(block.type[k], type);
        assert.equal(block.share[k], votes[type]! / list.length);
        const np = list.map(([x, y]) => (maps.packed[4 * (y * maps.width + x)]! + 0.5) / 256);
        close(block.probability[k]!, mean(np), 'probability');
      }
    }
  });

  it('haematoxylin and eosin by colour deconvolution', () => {
    // Inverse of Ruifrok and Johnston's vectors at length 1, as in scikit-image's hed_from_rgb and elsewhere.
    const unit = (vector: number[]) => vector.map((part) => part / Math.hypot(...vector));
    const inverse = invert([unit([0.65, 0.7, 0.29]), unit([0.07, 0.99, 0.11]), unit([0.27, 0.57, 0.78])]);
    for (const { maps, block, pixels } of cases) {
      for (const [k, list] of pixels.entries()) {
        const stains = list.map(([x, y]) => {
          const density = [...maps.rgb.subarray(3 * (y * maps.width + x), 3 * (y * maps.width + x) + 3)].map(
            (value) => -Math.log10(Math.max(1, value) / 255),
          );
          return [0, 1].map((stain) => density.reduce((sum, d, c) => sum + d * inverse[c]![stain]!, 0));
        });
        for (const stain of [0, 1]) {
          const values = stains.map((pair) => pair[stain]!);
          const average = mean(values);
          close(block.stain[4 * k + 2 * stain]!, average, 'mean', 3e-5);
          const deviation = Math.sqrt(mean(values.map((value) => (value - average) ** 2)));
          close(block.stain[4 * k + 2 * stain + 1]!, deviation, 'deviation', 3e-5);
        }
      }
    }
  });
});

/** Pixels whose centres lie in the convex hull of the middles of all pixel edges, or on its border. */
function hullPixels(pixels: readonly [number, number][]): number {
  // In halves of a pixel, by Andrew's monotone chain over the sorted points.
  const middles = pixels.flatMap(([x, y]): [number, number][] => [
    [2 * x - 1, 2 * y],
    [2 * x + 1, 2 * y],
    [2 * x, 2 * y - 1],
    [2 * x, 2 * y + 1],
  ]);
  const sorted = middles.sort(([ax, ay], [bx, by]) => ax - bx || ay - by);
  const turn = ([ax, ay]: number[], [bx, by]: number[], [cx, cy]: number[]) =>
    (bx! - ax!) * (cy! - ay!) - (by! - ay!) * (cx! - ax!);
  const chain = (list: [number, number][]) => {
    const hull: [number, number][] = [];
    for (const point of list) {
      while (hull.length > 1 && turn(hull.at(-2)!, hull.at(-1)!, point) <= 0) hull.pop();
      hull.push(point);
    }
    return hull.slice(0, -1);
  };
  const hull = [...chain(sorted), ...chain(sorted.toReversed())];
  const [xs, ys] = [pixels.map(([x]) => x), pixels.map(([, y]) => y)];
  let count = 0;
  for (let y = Math.min(...ys); y <= Math.max(...ys); ++y) {
    for (let x = Math.min(...xs); x <= Math.max(...xs); ++x) {
      if (hull.every((point, k) => turn(point, hull[(k + 1) % hull.length]!, [2 * x, 2 * y]) >= 0)) ++count;
    }
  }
  return count;
}

/** Inverse of a 3 x 3 matrix, by cofactors. */
function invert(m: number[][]): number[][] {
  const at = (i: number, j: number) => m[i % 3]![j % 3]!;
  const cofactor = (i: number, j: number) =>
    at(i + 1, j + 1) * at(i + 2, j + 2) - at(i + 1, j + 2) * at(i + 2, j + 1);
  const determinant = [0, 1, 2].reduce((sum, j) => sum + at(0, j) * cofactor(0, j), 0);
  return [0, 1, 2].map((i) => [0, 1, 2].map((j) => cofactor(j, i) / determinant));
}
