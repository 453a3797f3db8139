// Tiles of a slide's picture, as in Deep Zoom (DZI): the last level is level 0, each one before it has half its size,
// the first is one pixel. Tiles overlap their neighbours by a pixel on each side that has any.

export const tileSize = 512;
export const overlap = 1;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The pixels of a tile. */
export interface Tile {
  /** Level-0 px per px of the tile, a power of two: its pixel x covers level 0 from x times this to (x + 1) times this. */
  readonly scale: number;
  /** What it covers, in px of its own level. */
  readonly rect: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

/** Returns the number of the last level. */
export function lastLevel({ width, height }: Size): number {
  return Math.ceil(Math.log2(Math.max(width, height)));
}

/** Returns the tile in a column and row of a level; undefined where there is none. */
export function tileAt(slide: Size, level: number, column: number, row: number): Tile | undefined {
  const last = lastLevel(slide);
  if (!Number.isInteger(level) || level < 0 || level > last) return undefined;
  const scale = 2 ** (last - level);
  const across = span(column, Math.ceil(slide.width / scale));
  const down = span(row, Math.ceil(slide.height / scale));
  if (!across || !down) return undefined;
  const rect = { x: across.from, y: down.from, width: across.length, height: down.length };
  return { scale, rect };
}

function span(index: number, length: number): { from: number; length: number } | undefined {
  if (!Number.isInteger(index) || index < 0 || index * tileSize >= length) return undefined;
  const from = Math.max(0, index * tileSize - overlap);
  const to = Math.min(length, (index + 1) * tileSize + overlap);
  return { from, length: to - from };
}
