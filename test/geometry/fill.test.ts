import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { eachBorderPoint } from '../../src/geometry/border.js';
import { contains } from '../../src/geometry/contains.js';
import { fill, pixelPoints, pixelSquares, type PixelGrid } from '../../src/geometry/fill.js';
import { seeded } from '../../testkit/maps.js';
import { picture, randomPolygons, rectangle, ring } from './polygons.js';

describe('the pixels of a polygon', () => {
  it('are those that an outline along pixel edges goes around, without its holes', () => {
    const shell = ring([1, 0], [5, 0], [5, 3], [3, 3], [3, 4], [1, 4]);
    const hole = rectangle(2, 1, 4, 2);
    assert.deepEqual(picture([shell, hole], pixelSquares, 6, 5), [
      '.####.', //
      '.#..#.',
      '.####.',
      '.##...',
      '......',
    ]);
  });

  it('are those whose centre lies inside; of edges through centres, left and upper ones count', () => {
    assert.deepEqual(picture([rectangle(0.5, 0.5, 2.5, 2.5)], pixelSquares, 4, 4), [
      '##..', //
      '##..',
      '....',
      '....',
    ]);
    // The slope passes through (0.5, 2.5), (1.5, 1.5), (2.5, 0.5): centres on a right edge are out.
    assert.deepEqual(picture([ring([0, 0], [3, 0], [0, 3])], pixelSquares, 3, 3), ['##.', '#..', '...']);
    assert.deepEqual(picture([ring([3, 0], [3, 3], [0, 3])], pixelSquares, 3, 3), ['..#', '.##', '###']);
  });

  it('follow the even-odd rule where a ring crosses itself and where rings overlap', () => {
    const bow = ring([0, 0], [4, 4], [4, 0], [0, 4]);
    assert.deepEqual(picture([bow], pixelSquares, 4, 4), ['...#', '#.##', '#.##', '...#']);
    assert.deepEqual(picture([rectangle(0, 0, 3, 1), rectangle(2, 0, 5, 1)], pixelSquares, 5, 1), ['##.##']);
  });

  it("of OpenCV's contours, drawn through pixels, are the contour's too", () => {
    const contour = [ring([1, 1], [1, 3], [3, 3], [3, 1])]; // of a square of 3 x 3 pixels
    assert.deepEqual(picture(contour, pixelPoints, 5, 5), [
      '.....', //
      '.##..',
      '.##..',
      '.....',
      '.....',
    ]);
    const border: string[] = [];
    eachBorderPoint(contour, (x, y) => border.push(`${x},${y}`));
    assert.deepEqual(border.sort(), ['1,1', '1,2', '1,3', '2,1', '2,3', '3,1', '3,2', '3,3']);
  });

  it('are pixels of any size', () => {
    const grid: PixelGrid = { centre: 0.5, scale: { x: 10, y: 20 } };
    assert.deepEqual(picture([rectangle(5, 11, 26, 50)], grid, 4, 4), ['....', '###.', '....', '....']);
  });

  it('are none of no ring, a point, a line', () => {
    for (const polygon of [[], [ring([1, 1])], [ring([0, 0], [3, 3])], [ring()]]) {
      assert.deepEqual(picture(polygon, pixelSquares, 3, 1), ['...']);
    }
  });

  it('far outside cost nothing', () => {
    assert.deepEqual(picture([rectangle(-1e300, -1e300, 1e300, 1e300)], pixelSquares, 2, 2), ['##', '##']);
    assert.deepEqual(picture([rectangle(1e20, 0, 1e21, 1e9)], pixelSquares, 2, 1), ['..']);
  });
});

describe('whatever the polygon', () => {
  const size = 16;
  const grids: PixelGrid[] = [
    pixelSquares,
    pixelPoints,
    { centre: 0.5, scale: { x: 2.004008016032064, y: 0.7 } }, // 0.499 um/px
  ];

  it('a pixel is filled if the polygon contains its point, and once', () => {
    for (const [k, grid] of grids.entries()) {
      for (const polygon of randomPolygons(400, size, k + 1)) {
        const counts = new Uint8Array(size * size);
        fill(polygon, grid, { left: 0, top: 0, right: size, bottom: size }, (y, from, to) => {
          for (let x = from; x < to; x++) counts[y * size + x]!++;
        });
        const { centre, scale } = grid;
        const wanted = counts.map((_, i) => {
          const [x, y] = [i % size, Math.floor(i / size)];
          return contains(polygon, (x + centre) * scale.x, (y + centre) * scale.y) ? 1 : 0;
        });
        assert.deepEqual(counts, wanted, JSON.stringify(polygon.map((each) => [...each])));
      }
    }
  });

  it('a part of the picture shows what the whole shows there', () => {
    for (const polygon of randomPolygons(200, size, 9)) {
      const whole = picture(polygon, pixelSquares, size, size);
      const part = Array.from({ length: size }, () => Array.from({ length: size }, () => '.'));
      const within = { left: 5, top: 3, right: 12, bottom: 9 };
      fill(polygon, pixelSquares, within, (y, from, to) => part[y]!.fill('#', from, to));
      const expected = whole.map((row, y) =>
        [...row].map((pixel, x) => (x >= 5 && x < 12 && y >= 3 && y < 9 ? pixel : '.')).join(''),
      );
      assert.deepEqual(
        part.map((row) => row.join('')),
        expected,
      );
    }
  });

  it('the same rings in another order and from another vertex fill the same', () => {
    for (const polygon of randomPolygons(200, size, 10)) {
      const changed = polygon.toReversed().map((each) => {
        const vertices = Array.from({ length: each.length / 2 }, (_, i) => [each[2 * i]!, each[2 * i + 1]!]);
        return Float64Array.from([...vertices.slice(1), vertices[0]!].flat());
      });
      assert.deepEqual(
        picture(changed, pixelSquares, size, size),
        picture(polygon, pixelSquares, size, size),
      );
    }
  });

  it('a polygon along pixel edges has as many pixels as its area', () => {
    const random = seeded(11);
    for (let k = 0; k < 100; k++) {
      // A row of bars, each from y = 0 to its height, as one ring.
      const heights = Array.from({ length: 8 }, () => 1 + Math.floor(random() * 12));
      const skyline = heights.flatMap((y, x): [number, number][] => [
        [x, y],
        [x + 1, y],
      ]);
      const polygon = [ring([0, 0], ...skyline, [8, 0])];
      let pixels = 0;
      fill(
        polygon,
        pixelSquares,
        { left: 0, top: 0, right: 8, bottom: 13 },
        (_, from, to) => (pixels += to - from),
      );
      const area = heights.reduce((sum, height) => sum + height, 0);
      assert.equal(pixels, area);
    }
  });
});
