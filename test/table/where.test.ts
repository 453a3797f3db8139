import assert from 'node:assert/strict';
import { test } from 'vitest';
import { rowsOf } from '../../src/table/rows.js';
import { parseCondition } from '../../src/table/where.js';
import { context, squares } from './fixtures.js';

const block = squares([
  { x: 0, y: 0, side: 4, type: 1 }, // 1 um2
  { x: 10, y: 0, side: 8, type: 2 }, // 4
  { x: 20, y: 0, side: 12, type: 0 }, // 9
  { x: 40, y: 0, side: 16, type: 1 }, // 16
]);
const rows = rowsOf(block, context);
const known = { class: context.classes.map(({ name }) => name), quality: ['ok', 'faint', 'odd'] };

function chosen(condition: string): number[] {
  const { holds } = parseCondition(condition, known);
  return Array.from({ length: rows.count }, (_, k) => k).filter((k) => holds(rows, k));
}

test('conditions choose rows as SQL does', () => {
  const cases: [string, number[]][] = [
    ['area_um2 > 4', [2, 3]],
    ['area_um2>=4 and area_um2 <= 9.0', [1, 2]],
    ["class = 'neoplastic'", [0, 3]],
    ['class != "neoplastic"', [1, 2]],
    ["class in ('neoplastic', 'unclassified')", [0, 2, 3]],
    ["class not in ('neoplastic', 'unclassified')", [1]],
    ["not class = 'neoplastic' and area_um2 > 4", [2]],
    ["class = 'inflammatory' or class = 'neoplastic' and area_um2 > 4", [1, 3]],
    ["(class = 'inflammatory' or class = 'neoplastic') and area_um2 > 4", [3]],
    ['not (area_um2 < 4 OR Area_um2 in (9, 16))', [1]],
    ['bbox_xmin_px == 20 and orientation_rad = -.5', [1]],
    ['area_um2 <> 1e0', [1, 2, 3]],
    [`id = '${rows.id[2]}'`, [2]],
    ["quality = 'ok'", [0, 1, 2, 3]],
  ];
  for (const [condition, expected] of cases) assert.deepEqual(chosen(condition), expected, condition);
  assert.deepEqual(parseCondition("class = 'x' and area_um2 > 1 and area_um2 < 9").names, [
    'class',
    'area_um2',
  ]);
});

test('what makes no sense is refused with its place and what was expected there', () => {
  const cases: [string, RegExp][] = [
    ['', /expected a column \(id, .*\) at character 1, found the end/],
    ['aera_um2 > 4', /expected a column \(area_um2\?\) at character 1, found 'aera_um2'/],
    ['area_um2 > 4 and outline = 1', /expected a column \(id, .*\) at character 18, found 'outline'/],
    ['area_um2 4', /expected a comparison .* at character 10, found '4'/],
    ["area_um2 > 'big'", /expected a number, as area_um2 is one at character 12, found 'big'/],
    ['class = neoplastic', /expected a text in quotes, as class is one at character 9, found 'neoplastic'/],
    ["class < 'n'", /expected =, != or 'in' after class, a text at character 7, found '<'/],
    [
      "class = 'neoplasic'",
      /expected a class of this table: 'unclassified', 'neoplastic', .* at character 9/,
    ],
    ['(area_um2 > 4', /expected '\)' at character 14, found the end/],
    ['area_um2 > 4 class', /expected 'and', 'or' or the end at character 14, found 'class'/],
    ['area_um2 > 4; drop', /expected a column, a number, .* at character 13, found ';'/],
    ['area_um2 > 12abc', /at character 12/],
    ["class in 'neoplastic'", /expected '\(' at character 10/],
    ["class = 'neoplastic", /at character 9, found '''/],
  ];
  for (const [condition, message] of cases) {
    assert.throws(() => chosen(condition), { kind: 'usage', option: 'where', message }, condition);
  }
});
