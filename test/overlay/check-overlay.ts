import assert from 'node:assert/strict';
import { decodeDensity } from '../../src/overlay/density.js';
import { densityTile, leafSize } from '../../src/overlay/layout.js';
import { decodeOutlines, decodePoints } from '../../src/overlay/leaf.js';
import { Overlay } from '../../src/overlay/read.js';
import { footerHash } from '../../src/table/footer-hash.js';
import { NucleusTable } from '../../src/table/read.js';
import type { Rows } from '../../src/table/rows.js';

type Names = 'id' | 'centroid_x_px' | 'centroid_y_px' | 'class' | 'quality' | 'outline';

/** All of a table's rows as objects: slow, and plain. */
export async function rowsOfTable(path: string): Promise<{ [N in Names]: Rows[N][number] }[]> {
  const names: Names[] = ['id', 'centroid_x_px', 'centroid_y_px', 'class', 'quality', 'outline'];
  const list = [];
  for await (const rows of (await NucleusTable.open(path)).rowGroups(names)) {
    for (let k = 0; k < rows.count; k++) {
      const entries = names.map((name) => [name, rows[name][k]]);
      list.push(Object.fromEntries(entries) as { [N in Names]: Rows[N][number] });
    }
  }
  return list;
}

/**
 * Checks all that an overlay says against its table.
 * @returns bytes of the outlines' blocks, decompressed
 */
export async function checkOverlay(table: string, path: string): Promise<number> {
  const rows = await rowsOfTable(table);
  const { facts } = await NucleusTable.open(table);
  const overlay = await Overlay.open(path);
  try {
    await overlay.check();
    const { directory } = overlay;
    assert.equal(directory.table, await footerHash(table));
    assert.equal(directory.nuclei, rows.length);
    assert.deepEqual(directory.classes, facts.classes.map(({ id }) => id)); // prettier-ignore
    assert.equal(Math.log2(directory.side) % 1, 0);
    assert.ok(directory.side >= Math.max(facts.slide.width, facts.slide.height));
    const placeOfClass = new Map(facts.classes.map(({ name }, place) => [name, place]));

    const { leaves } = directory;
    const seen = new Uint8Array(rows.length);
    let bytes = 0;
    for (const [leaf, block] of leaves.block.entries()) {
      const side = directory.side / 2 ** leaves.depth[leaf]!;
      const [left, top] = [leaves.i[leaf]! * side, leaves.j[leaf]! * side];
      const points = decodePoints(await overlay.decompressed(block));
      const encoded = await overlay.decompressed(block + 1);
      bytes += encoded.length;
      const { vertices, rings, nuclei } = decodeOutlines(encoded);
      assert.equal(points.count, leaves.count[leaf]);
      assert.ok(points.count > 0 && (points.count <= leafSize || side === directory.densities[0]!.cell));
      assert.equal(nuclei.length, points.count + 1);
      for (let k = 0; k < points.count; k++) {
        const row = rows[points.row[k]!]!;
        assert.equal(seen[points.row[k]!]!++, 0, 'a row lies in one leaf');
        assert.ok(k === 0 || points.row[k]! > points.row[k - 1]!, 'in the order of rows');
        for (const [at, corner, place] of [
          [row.centroid_x_px, left, points.x[k]!],
          [row.centroid_y_px, top, points.y[k]!],
        ] as const) {
          const from = corner + (place * side) / 65_536;
          assert.ok(from <= at && at < from + side / 65_536, `${at} is not at ${from}`);
        }
        assert.equal(points.classes[k], placeOfClass.get(row.class));
        assert.equal(directory.qualities[points.qualities[k]!], row.quality);
        const found = [];
        for (let ring = nuclei[k]!; ring < nuclei[k + 1]!; ring++) {
          found.push(vertices.subarray(2 * rings[ring]!, 2 * rings[ring + 1]!));
        }
        // The table's own doubles from the leaf's corner; the first vertex is not repeated.
        const expected = row.outline.map((ring) =>
          Float32Array.from(ring.subarray(0, -2), (value, v) => value - (v % 2 === 0 ? left : top)),
        );
        assert.deepEqual(found, expected);
        for (const ring of row.outline) {
          for (let v = 0; v < ring.length; v += 2) {
            assert.ok(ring[v]! >= leaves.left[leaf]! && ring[v]! <= leaves.right[leaf]!);
            assert.ok(ring[v + 1]! >= leaves.top[leaf]! && ring[v + 1]! <= leaves.bottom[leaf]!);
          }
        }
      }
    }
    assert.ok(seen.every((times) => times === 1), 'every row lies in a leaf'); // prettier-ignore

    const channels = facts.classes.length + 1;
    for (const [level, { cell, i, j, block }] of directory.densities.entries()) {
      assert.equal(cell, directory.densities[0]!.cell * 2 ** level);
      const expected = new Map<string, number>();
      for (const row of rows) {
        const channel = row.quality === 'ok' ? placeOfClass.get(row.class)! : channels - 1;
        const key = [channel, Math.floor(row.centroid_x_px / cell), Math.floor(row.centroid_y_px / cell)];
        expected.set(key.join(), (expected.get(key.join()) ?? 0) + 1);
      }
      const found = new Map<string, number>();
      for (const [tile, number] of block.entries()) {
        const { counts } = decodeDensity(await overlay.decompressed(number));
        assert.equal(counts.length, channels * densityTile ** 2);
        counts.forEach((count, at) => {
          if (count === 0) return;
          const x = i[tile]! * densityTile + (at % densityTile);
          const y = j[tile]! * densityTile + (Math.floor(at / densityTile) % densityTile);
          found.set([Math.floor(at / densityTile ** 2), x, y].join(), count);
        });
      }
      assert.deepEqual(new Map([...found].sort()), new Map([...expected].sort()));
    }
    const coarsest = directory.densities.at(-1)!;
    assert.ok(coarsest.cell * densityTile >= directory.side, 'the last grid is one tile');
    assert.ok(directory.densities.slice(0, -1).every(({ cell }) => cell * densityTile < directory.side));
    return bytes;
  } finally {
    await overlay.close();
  }
}
