import type { NucleiBlock } from '../nuclei/block.js';
import { classOf, type NucleusClass, type TableContext } from '../table/context.js';
import { outline, type Ring } from '../table/outline.js';
import { paint, type Picture } from './picture.js';

/** How much of the tissue's colour the inside of a filled nucleus hides. */
const fillOpacity = 0.4;

/** Draws nuclei in the colours of their classes, as drawOutline does; where two share a pixel the later one shows. */
export function drawNuclei(picture: Picture, block: NucleiBlock, context: TableContext, fill: boolean): void {
  for (let k = 0; k < block.count; k++) {
    const { color } = classOf(context.classes, block.type[k]!);
    drawOutline(picture, outline(block, k, context.space), color, fill);
  }
}

/**
 * Draws one nucleus: the pixels along the inside of its outline solid, those within, if `fill`, translucent.
 * A nucleus smaller than a pixel is a dot.
 * @param rings in level-0 px, along pixel edges, shell first
 */
export function drawOutline(
  picture: Picture,
  rings: readonly Ring[],
  color: NucleusClass['color'],
  fill: boolean,
): void {
  const mask = rasterise(rings.map((ring) => onto(picture, ring)));
  for (let y = 0; y < mask.height; y++) {
    for (let x = 0; x < mask.width; x++) {
      if (!mask.has(x, y)) continue;
      if (mask.isEdge(x, y)) paint(picture, mask.x + x, mask.y + y, color, 1);
      else if (fill) paint(picture, mask.x + x, mask.y + y, color, fillOpacity);
    }
  }
}

function onto({ x, y, scale }: Picture, ring: Ring): Ring {
  const scaled = new Float64Array(ring.length);
  for (let i = 0; i < ring.length; i += 2) {
    scaled[i] = (ring[i]! - x) / scale;
    scaled[i + 1] = (ring[i + 1]! - y) / scale;
  }
  return scaled;
}

/** The pixels of one nucleus, in a box of the picture. */
class Mask {
  private readonly pixels: Uint8Array;

  constructor(
    readonly x: number,
    readonly y: number,
    readonly width: number,
    readonly height: number,
  ) {
    this.pixels = new Uint8Array(width * height);
  }

  get isEmpty(): boolean {
    return !this.pixels.includes(1);
  }

  has(x: number, y: number): boolean {
    const inside = x >= 0 && y >= 0 && x < this.width && y < this.height;
    return inside && this.pixels[y * this.width + x] === 1;
  }

  add(x: number, y: number): void {
    this.pixels[y * this.width + x] = 1;
  }

  /** Marks a pixel from which on its row is out where it was in, and in where it was out; `fill` makes it so. */
  flip(x: number, y: number): void {
    if (x < this.width) this.pixels[y * this.width + x]! ^= 1;
  }

  fill(): void {
    for (let i = 1; i < this.pixels.length; i++) {
      if (i % this.width > 0) this.pixels[i]! ^= this.pixels[i - 1]!;
    }
  }

  isEdge(x: number, y: number): boolean {
    return !(this.has(x - 1, y) && this.has(x + 1, y) && this.has(x, y - 1) && this.has(x, y + 1));
  }
}

/**
 * Pixels whose centre lies in a polygon (even-odd rule); where there are none, the one in the middle of its box.
 * Edges run along pixel edges of level 0: only upright ones separate the centres of a row, in from out at each.
 */
function rasterise(rings: readonly Ring[]): Mask {
  const [xmin, xmax] = extent(rings[0]!, 0);
  const [ymin, ymax] = extent(rings[0]!, 1);
  const [left, top] = [Math.floor(xmin), Math.floor(ymin)];
  const mask = new Mask(left, top, Math.max(1, Math.ceil(xmax) - left), Math.max(1, Math.ceil(ymax) - top));
  for (const ring of rings) {
    for (let i = 0; i + 3 < ring.length; i += 2) {
      const [y0, y1] = [ring[i + 1]!, ring[i + 3]!];
      const last = Math.ceil(Math.max(y0, y1) - 0.5);
      for (let y = Math.ceil(Math.min(y0, y1) - 0.5); y < last; y++)
        mask.flip(Math.ceil(ring[i]! - 0.5) - left, y - top);
    }
  }
  mask.fill();
  if (mask.isEmpty) mask.add(Math.floor((xmin + xmax) / 2) - left, Math.floor((ymin + ymax) / 2) - top);
  return mask;
}

/** Least and greatest x (axis 0) or y (axis 1) of a ring. */
function extent(ring: Ring, axis: 0 | 1): [number, number] {
  let [least, greatest] = [Infinity, -Infinity];
  for (let i = axis; i < ring.length; i += 2) {
    least = Math.min(least, ring[i]!);
    greatest = Math.max(greatest, ring[i]!);
  }
  return [least, greatest];
}
