import type { LeafPoints } from './layout.js';
import { encodePoints, OutlineEncoder } from './leaf.js';
import type { Leaf } from './quadtree.js';
import type { WkbOutlines } from './wkb-outlines.js';

/** What the outlines of a leaf cover, in whole level-0 px. */
export interface Reach {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

interface Nucleus {
  readonly x: number;
  readonly y: number;
  readonly row: number;
  /** Places in the directory's lists. */
  readonly place: number;
  readonly quality: number;
}

/** The nuclei of a leaf that is not whole yet, encoded as they come. */
export class LeafBuffer {
  readonly #corner: { readonly x: number; readonly y: number };
  readonly #points;
  readonly #outlines: OutlineEncoder;
  readonly #reach = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  #count = 0;

  constructor(
    private readonly leaf: Leaf,
    unit: number,
  ) {
    const { i, j, side, count } = leaf;
    this.#corner = { x: i * side, y: j * side };
    this.#outlines = new OutlineEncoder(unit, this.#corner);
    this.#points = {
      count,
      x: new Uint16Array(count),
      y: new Uint16Array(count),
      classes: new Uint8Array(count),
      qualities: new Uint8Array(count),
      row: new Uint32Array(count),
    } satisfies LeafPoints;
  }

  get isFull(): boolean {
    return this.#count === this.leaf.count;
  }

  /** Adds a nucleus and the next of the outlines. */
  add({ x, y, row, place, quality }: Nucleus, outlines: WkbOutlines): void {
    const k = this.#count++;
    const scale = 65_536 / this.leaf.side; // a power of two, as the corner is a multiple of one: nothing is rounded but down
    this.#points.x[k] = (x - this.#corner.x) * scale;
    this.#points.y[k] = (y - this.#corner.y) * scale;
    this.#points.classes[k] = place;
    this.#points.qualities[k] = quality;
    this.#points.row[k] = row;
    this.#reachTo(x, y);
    const rings = outlines.next();
    this.#outlines.nucleus(rings);
    for (let ring = 0; ring < rings; ring++) {
      const count = outlines.ring();
      const { vertices } = outlines;
      this.#outlines.ring(vertices, count);
      for (let v = 0; v < 2 * count; v += 2) this.#reachTo(vertices[v]!, vertices[v + 1]!);
    }
  }

  /** Returns both blocks. */
  end(): { points: Uint8Array; outlines: Uint8Array; reach: Reach } {
    const { left, top, right, bottom } = this.#reach;
    const reach = {
      left: Math.floor(left),
      top: Math.floor(top),
      right: Math.ceil(right),
      bottom: Math.ceil(bottom),
    };
    return { points: encodePoints(this.#points), outlines: this.#outlines.end(), reach };
  }

  #reachTo(x: number, y: number): void {
    const reach = this.#reach;
    if (x < reach.left) reach.left = x;
    if (x > reach.right) reach.right = x;
    if (y < reach.top) reach.top = y;
    if (y > reach.bottom) reach.bottom = y;
  }
}
