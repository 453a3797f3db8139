import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { boxesTouch, boxOf } from '../../src/geometry/box.js';
import { edgeTouches, polygonTouches } from '../../src/geometry/clip.js';
import { contains } from '../../src/geometry/contains.js';
import { randomPolygons, rectangle, ring } from './polygons.js';

const box = (left: number, top: number, right: number, bottom: number) => ({ left, top, right, bottom });

describe('the box of a polygon', () => {
  it('holds all rings', () => {
    assert.deepEqual(boxOf([ring([3, 1], [5, -2]), ring([0, 4])]), box(0, -2, 5, 4));
  });
  it('touches no other where there is no vertex', () => {
    assert.ok(!boxesTouch(boxOf([]), box(-1e9, -1e9, 1e9, 1e9)));
  });
  it('touches another with its border, too', () => {
    assert.ok(boxesTouch(box(0, 0, 2, 2), box(2, 2, 3, 3)));
    assert.ok(!boxesTouch(box(0, 0, 2, 2), box(2.1, 0, 3, 2)));
    assert.ok(!boxesTouch(box(0, 0, 2, 2), box(0, -3, 2, -0.1)));
  });
});

describe('a point', () => {
  const [left, right] = [[rectangle(0, 0, 2, 2)], [rectangle(2, 0, 4, 2)]];
  it('on a border lies in the polygon right of it or below', () => {
    assert.deepEqual([contains(left, 2, 1), contains(right, 2, 1)], [false, true]);
    assert.deepEqual([contains(left, 0, 1), contains(left, 1, 0), contains(left, 1, 2)], [true, true, false]);
  });
  it('in a hole lies outside', () => {
    const holed = [rectangle(0, 0, 9, 9), rectangle(3, 3, 6, 6)];
    assert.deepEqual(
      [contains(holed, 1, 1), contains(holed, 4, 4), contains(holed, 7, 4)],
      [true, false, true],
    );
  });
});

describe('an edge', () => {
  const square = box(0, 0, 2, 2);
  const cases: [string, [number, number, number, number], boolean][] = [
    ['within', [0.5, 0.5, 1, 1], true],
    ['across, with no end inside', [-1, 1, 3, 1], true],
    ['past a corner', [1.5, -1, 3.5, 1], false],
    ['through a corner', [1, -1, 3, 1], true],
    ['along the border', [2, -5, 2, 5], true],
    ['beside, level', [-1, 2.1, 3, 2.1], false],
    ['that ends before', [-3, 1, -1, 1], false],
    ['of no length inside', [1, 1, 1, 1], true],
    ['of no length outside', [3, 1, 3, 1], false],
  ];
  for (const [what, edge, touches] of cases) {
    it(`${what} ${touches ? 'touches' : 'does not touch'} a box`, () => {
      assert.equal(edgeTouches(...edge, square), touches);
    });
  }
});

describe('a polygon', () => {
  it('touches a box that it holds, not one in its hole', () => {
    const holed = [rectangle(0, 0, 9, 9), rectangle(2, 2, 7, 7)];
    assert.ok(polygonTouches(holed, box(0.5, 0.5, 1, 1)));
    assert.ok(!polygonTouches(holed, box(3, 3, 6, 6)));
    assert.ok(polygonTouches(holed, box(-5, -5, 20, 20)));
  });

  it('touches every box that has one of its points', () => {
    for (const polygon of randomPolygons(300, 12, 5)) {
      for (let y = 0; y < 12; y += 3) {
        for (let x = 0; x < 12; x += 3) {
          const inside = [0.1, 1, 1.9].some((dx) =>
            [0.1, 1, 1.9].some((dy) => contains(polygon, x + dx, y + dy)),
          );
          if (inside) assert.ok(polygonTouches(polygon, box(x, y, x + 2, y + 2)));
        }
      }
    }
  });
});
