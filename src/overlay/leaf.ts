// The two blocks of a leaf of `nuclei.overlay`, before compression. Knows nothing of Node, since browsers read them too.
//
// Points: the count; x, then y, as steps from nucleus to nucleus modulo 65,536, low bytes first, then high bytes; classes;
// qualities; steps from row to row.
//
// Outlines: unit and corner (float64); numbers of nuclei, rings and vertices; four streams, each after its length: rings of
// each nucleus; of each ring twice its number of vertices, plus one if it is kept as float32; of each other ring the step
// from the first vertex of the one before (of the first one, from level 0's origin); what follows of each ring.
// The outlines of the table run along the edges of pixels: horizontally from the first vertex on, then vertically, and so on
// by turns, all by whole multiples of the unit. So one number says where the next vertex is: how far it is in the direction
// of the last step but one, negative where the outline turned back. The last two edges follow from the others.

import { ByteSink, ByteSource } from './bytes.js';
import type { LeafOutlines, LeafPoints } from './layout.js';

/** Encodes the points of a leaf, whose rows ascend. */
export function encodePoints({ count, x, y, classes, qualities, row }: LeafPoints): Uint8Array {
  const sink = new ByteSink();
  sink.number(count);
  for (const places of [x, y]) {
    const steps = new Uint8Array(2 * count);
    for (let k = 0, last = 0; k < count; last = places[k++]!) {
      const step = places[k]! - last;
      steps[k] = step;
      steps[count + k] = step >> 8;
    }
    sink.all(steps);
  }
  sink.all(classes);
  sink.all(qualities);
  for (let k = 0, last = 0; k < count; last = row[k++]!) sink.number(row[k]! - last);
  return sink.bytes;
}

/** Decodes what encodePoints encoded. @throws Error if it is anything else */
export function decodePoints(bytes: Uint8Array): LeafPoints {
  const source = new ByteSource(bytes);
  const count = source.number();
  const places = () => {
    const steps = source.take(2 * count);
    const values = new Uint16Array(count);
    for (let k = 0, last = 0; k < count; k++)
      last = values[k] = (last + steps[k]! + (steps[count + k]! << 8)) & 0xffff;
    return values;
  };
  const [x, y] = [places(), places()];
  const classes = source.take(count).slice();
  const qualities = source.take(count).slice();
  const row = new Uint32Array(count);
  for (let k = 0, last = 0; k < count; k++) last = row[k] = last + source.number();
  source.end();
  return { count, x, y, classes, qualities, row };
}

/** Encodes the outlines of a leaf, nucleus by nucleus. */
export class OutlineEncoder {
  #rings = 0;
  #vertices = 0;
  #nuclei = 0;
  readonly #ringsOf = new ByteSink();
  readonly #sizes = new ByteSink();
  readonly #starts = new ByteSink();
  readonly #shapes = new ByteSink();
  #last = { x: 0, y: 0 };
  #steps = new Int32Array(256);
  readonly #perUnit: number;

  /**
   * @param unit level-0 px of which coordinates are whole multiples: those per model pixel
   * @param corner of the leaf in level-0 px
   */
  constructor(
    private readonly unit: number,
    private readonly corner: { readonly x: number; readonly y: number },
  ) {
    this.#perUnit = 1 / unit;
  }

  /** Adds the next nucleus, of so many rings; they follow. */
  nucleus(rings: number): void {
    this.#nuclei++;
    this.#ringsOf.number(rings);
  }

  /**
   * Adds the next ring.
   * @param vertices x, y in level-0 px; the first vertex is not repeated at the end
   * @param count of vertices
   */
  ring(vertices: Float64Array, count: number): void {
    this.#rings++;
    this.#vertices += count;
    const steps = this.#stepsOf(vertices, count);
    this.#sizes.number(2 * count + (steps ? 0 : 1));
    if (steps) this.#trace(steps, count);
    else {
      for (let k = 0; k < 2 * count; k += 2) {
        this.#shapes.float32(vertices[k]! - this.corner.x);
        this.#shapes.float32(vertices[k + 1]! - this.corner.y);
      }
    }
  }

  /** Returns the block. */
  end(): Uint8Array {
    const sink = new ByteSink();
    for (const value of [this.unit, this.corner.x, this.corner.y]) sink.float64(value);
    for (const value of [this.#nuclei, this.#rings, this.#vertices]) sink.number(value);
    for (const { length, bytes } of [this.#ringsOf, this.#sizes, this.#starts, this.#shapes]) {
      sink.number(length);
      sink.all(bytes);
    }
    return sink.bytes;
  }

  #trace(steps: Int32Array, count: number): void {
    const [x, y] = [steps[0]!, steps[1]!];
    this.#starts.signed(x - this.#last.x);
    this.#starts.signed(y - this.#last.y);
    this.#last = { x, y };
    let [across, down] = [1, 1];
    for (let k = 0; k < count - 2; k += 2) {
      const dx = steps[2 * k + 2]! - steps[2 * k]!;
      this.#shapes.signed(across < 0 ? -dx : dx);
      across = dx;
      const dy = steps[2 * k + 5]! - steps[2 * k + 3]!;
      this.#shapes.signed(down < 0 ? -dy : dy);
      down = dy;
    }
  }

  /** Returns the vertices in whole units; undefined if they are not such, or do not go along both axes by turns. */
  #stepsOf(vertices: Float64Array, count: number): Int32Array | undefined {
    if (count < 4 || count % 2 === 1) return undefined;
    if (this.#steps.length < 2 * count) this.#steps = new Int32Array(4 * count);
    const steps = this.#steps;
    for (let k = 0; k < 2 * count; k++) {
      steps[k] = Math.floor(vertices[k]! * this.#perUnit + 0.5);
      if (steps[k]! * this.unit !== vertices[k]) return undefined;
    }
    for (let k = 0, previous = 2 * count - 2; k < 2 * count; previous = k, k += 2) {
      const alongX = steps[k] !== steps[previous];
      const alongY = steps[k + 1] !== steps[previous + 1];
      // The first edge of this loop is the one that closes the ring.
      if (alongX === alongY || alongX !== (k % 4 === 2)) return undefined;
    }
    return steps;
  }
}

/** Decodes what an OutlineEncoder encoded. @throws Error if it is anything else */
export function decodeOutlines(bytes: Uint8Array): LeafOutlines {
  const source = new ByteSource(bytes);
  const [unit, cornerX, cornerY] = [source.float64(), source.float64(), source.float64()];
  const [nucleiCount, ringCount, vertexCount] = [source.number(), source.number(), source.number()];
  const stream = () => new ByteSource(source.take(source.number()));
  const [ringsOf, sizes, starts, shapes] = [stream(), stream(), stream(), stream()];
  source.end();
  const nuclei = new Uint32Array(nucleiCount + 1);
  for (let k = 0; k < nucleiCount; k++) nuclei[k + 1] = nuclei[k]! + ringsOf.number();
  const rings = new Uint32Array(ringCount + 1);
  const vertices = new Float32Array(2 * vertexCount);
  let [firstX, firstY] = [0, 0];
  for (let ring = 0, at = 0; ring < ringCount; ring++) {
    const size = sizes.number();
    const end = at + (size - (size % 2));
    if (size % 2 === 1) {
      while (at < end) vertices[at++] = shapes.float32();
    } else {
      let x = (firstX += starts.signed());
      let y = (firstY += starts.signed());
      let [across, down] = [1, 1];
      vertices[at++] = x * unit - cornerX;
      vertices[at++] = y * unit - cornerY;
      while (at < end - 2) {
        across = across < 0 ? -shapes.signed() : shapes.signed();
        x += across;
        vertices[at++] = x * unit - cornerX;
        vertices[at++] = y * unit - cornerY;
        down = down < 0 ? -shapes.signed() : shapes.signed();
        y += down;
        vertices[at++] = x * unit - cornerX;
        vertices[at++] = y * unit - cornerY;
      }
      // Back below the first vertex; from there the ring closes.
      vertices[at++] = firstX * unit - cornerX;
      vertices[at++] = y * unit - cornerY;
    }
    rings[ring + 1] = at / 2;
  }
  for (const each of [ringsOf, sizes, starts, shapes]) each.end();
  return { vertices, rings, nuclei };
}
