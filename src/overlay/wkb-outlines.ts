const polygonType = 3;
const littleEndian = 1;

/**
 * Goes through the outlines of a row group as the table stores them, without making an object of each: of every row a
 * length, then a polygon in little-endian well-known binary (src/table/outline.ts).
 */
export class WkbOutlines {
  readonly #pieces: Iterator<Uint8Array>;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;
  #vertices = new Float64Array(256);

  /** @param pieces of whole outlines */
  constructor(pieces: readonly Uint8Array[]) {
    this.#pieces = pieces.values();
  }

  /** Goes to the next outline; returns the number of its rings. @throws Error if it is anything but a polygon */
  next(): number {
    if (this.#at === this.#view.byteLength) {
      const { buffer, byteOffset, byteLength } = this.#pieces.next().value as Uint8Array;
      this.#view = new DataView(buffer, byteOffset, byteLength);
      this.#at = 0;
    }
    const at = this.#at + 4;
    const view = this.#view;
    if (view.getUint8(at) !== littleEndian || view.getUint32(at + 1, true) !== polygonType) {
      throw new Error('expected a polygon in little-endian well-known binary');
    }
    this.#at = at + 9;
    return view.getUint32(at + 5, true);
  }

  /** Reads the next ring of the outline; returns the number of its vertices. A first one that is repeated at the end is left out. */
  ring(): number {
    const view = this.#view;
    let count = view.getUint32(this.#at, true);
    let at = this.#at + 4;
    if (this.#vertices.length < 2 * count) this.#vertices = new Float64Array(4 * count);
    const vertices = this.#vertices;
    for (let k = 0; k < 2 * count; k++, at += 8) vertices[k] = view.getFloat64(at, true);
    this.#at = at;
    const last = 2 * count - 2;
    if (count > 1 && vertices[0] === vertices[last] && vertices[1] === vertices[last + 1]) count--;
    return count;
  }

  /** x, y of the ring's vertices; those behind their number mean nothing. */
  get vertices(): Float64Array {
    return this.#vertices;
  }
}
