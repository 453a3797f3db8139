import { boxOf } from '../geometry/box.js';
import { fill, pixelSquares } from '../geometry/fill.js';
import type { Polygon } from '../geometry/polygon.js';
import type { NucleiBlock } from '../nuclei/block.js';
import { classOf, type NucleusClass, type TableContext } from '../table/context.js';
import { outline } from '../table/outline.js';
import { paint, type Picture } from './picture.js';

/** Opacity of the colour inside a filled nucleus, over the tissue. */
const fillOpacity = 0.4;

/** Draws nuclei in the colours of their classes, as drawOutline does. If two share a pixel, the later one shows. */
export function drawNuclei(
  picture: Picture,
  block: NucleiBlock,
  context: TableContext,
  filled: boolean,
): void {
  for (let k = 0; k < block.count; k++) {
    const { color } = classOf(context.classes, block.type[k]!);
    drawOutline(picture, outline(block, k, context.space), color, filled);
  }
}

/**
 * Draws one nucleus. Pixels along the inside of its outline are opaque. If `filled`, the pixels within are translucent.
 * A nucleus smaller than a pixel is drawn as a dot.
 * @param rings in level-0 px, along pixel edges, shell first
 */
export function drawOutline(
  picture: Picture,
  rings: Polygon,
  color: NucleusClass['color'],
  filled: boolean,
): void {
  const mask = maskOf(rings.map((ring) => onto(picture, ring)));
  for (let y = 0; y < mask.height; y++) {
    for (let x = 0; x < mask.width; x++) {
      if (!mask.has(x, y)) continue;
      if (mask.isEdge(x, y)) paint(picture, mask.left + x, mask.top + y, color, 1);
      else if (filled) paint(picture, mask.left + x, mask.top + y, color, fillOpacity);
    }
  }
}

function onto({ x, y, scale }: Picture, ring: Polygon[number]): Polygon[number] {
  const scaled = new Float64Array(ring.length);
  for (let i = 0; i < ring.length; i += 2) {
    scaled[i] = (ring[i]! - x) / scale;
    scaled[i + 1] = (ring[i + 1]! - y) / scale;
  }
  return scaled;
}

/** Takes the pixels whose centre lies in a polygon. If there are none, takes the pixel in the middle of its box. */
function maskOf(polygon: Polygon): Mask {
  const box = boxOf(polygon);
  const left = Math.floor(box.left);
  const top = Math.floor(box.top);
  const right = Math.max(left + 1, Math.ceil(box.right));
  const bottom = Math.max(top + 1, Math.ceil(box.bottom));
  const mask = new Mask(left, top, right - left, bottom - top);
  let empty = true;
  fill(polygon, pixelSquares, { left, top, right, bottom }, (y, from, to) => {
    mask.add(y - top, from - left, to - left);
    empty = false;
  });
  if (empty) {
    const x = Math.floor((box.left + box.right) / 2) - left;
    mask.add(Math.floor((box.top + box.bottom) / 2) - top, x, x + 1);
  }
  return mask;
}

/** The pixels of one nucleus, in a box of the picture. */
class Mask {
  private readonly pixels: Uint8Array;

  constructor(
    readonly left: number,
    readonly top: number,
    readonly width: number,
    readonly height: number,
  ) {
    this.pixels = new Uint8Array(width * height);
  }

  has(x: number, y: number): boolean {
    const inside = x >= 0 && y >= 0 && x < this.width && y < this.height;
    return inside && this.pixels[y * this.width + x] === 1;
  }

  /** Adds the pixels from `from` up to, not including, `to` of row y. */
  add(y: number, from: number, to: number): void {
    this.pixels.fill(1, y * this.width + from, y * this.width + to);
  }

  isEdge(x: number, y: number): boolean {
    return !(this.has(x - 1, y) && this.has(x + 1, y) && this.has(x, y - 1) && this.has(x, y + 1));
  }
}
