import { blockColumns, type NucleiBlock } from './block.js';

/** Returns the rows of a block for which `keep` holds, in their order. */
export function selectRows(block: NucleiBlock, keep: (row: number) => boolean): NucleiBlock {
  const rows = Array.from({ length: block.count }, (_, row) => row).filter(keep);
  if (rows.length === block.count) return block;
  const pick = <Column extends Float64Array | Int32Array | Uint8Array>(column: Column, width = 1): Column => {
    const picked = column.slice(0, rows.length * width) as Column;
    rows.forEach((row, k) => picked.set(column.subarray(row * width, (row + 1) * width), k * width));
    return picked;
  };
  const measured = Object.fromEntries(
    blockColumns.map(([name, , width]) => [name, pick(block[name], width)]),
  );
  const rings = rows.flatMap((row) => {
    const [first, end] = [block.nucleusRing[row]!, block.nucleusRing[row + 1]!];
    return Array.from({ length: end - first }, (_, k) => first + k);
  });
  const nucleusRing = new Uint32Array(rows.length + 1);
  rows.forEach((row, k) => {
    nucleusRing[k + 1] = nucleusRing[k]! + block.nucleusRing[row + 1]! - block.nucleusRing[row]!;
  });
  const ringStart = new Uint32Array(rings.length + 1);
  rings.forEach((ring, k) => {
    ringStart[k + 1] = ringStart[k]! + block.ringStart[ring + 1]! - block.ringStart[ring]!;
  });
  const vertices = new Int32Array(2 * ringStart[rings.length]!);
  rings.forEach((ring, k) => {
    vertices.set(
      block.vertices.subarray(2 * block.ringStart[ring]!, 2 * block.ringStart[ring + 1]!),
      2 * ringStart[k]!,
    );
  });
  return {
    count: rows.length,
    ...(measured as Pick<NucleiBlock, (typeof blockColumns)[number][0]>),
    type: pick(block.type),
    vertices,
    ringStart,
    nucleusRing,
  };
}
