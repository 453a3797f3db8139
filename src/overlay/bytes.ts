// Streams of small whole numbers, as the blocks of `nuclei.overlay` hold them. Knows nothing of Node, since browsers read them too.

/** Bytes that are put one after the other. */
export class ByteSink {
  #bytes: Uint8Array = new Uint8Array(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Puts a whole number from 0 to 2^32 - 1, seven bits a byte, the lowest first. */
  number(value: number): void {
    this.#reserve(5);
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.#bytes[this.#length++] = (rest % 128) | 128;
    this.#bytes[this.#length++] = rest;
  }

  /** Puts a whole number from -2^31 to 2^31 - 1, such that those near zero are short. */
  signed(value: number): void {
    this.number(((value << 1) ^ (value >> 31)) >>> 0);
  }

  float32(value: number): void {
    this.#reserve(4);
    this.#view.setFloat32(this.#length, value, true);
    this.#length += 4;
  }

  float64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  all(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** The bytes so far, shared with the sink. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  get #view(): DataView {
    return new DataView(this.#bytes.buffer);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + more));
    larger.set(this.bytes);
    this.#bytes = larger;
  }
}

/** Reads what a sink put. */
export class ByteSource {
  #at = 0;
  readonly #view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  number(): number {
    const { bytes } = this;
    let byte = bytes[this.#at++]!;
    if (byte < 128) return byte;
    let value = byte & 127;
    for (let place = 128; byte >= 128; place *= 128) {
      byte = bytes[this.#at++]!;
      value += (byte & 127) * place;
    }
    return value;
  }

  signed(): number {
    const value = this.number();
    return (value >>> 1) ^ -(value & 1);
  }

  float32(): number {
    this.#at += 4;
    return this.#view.getFloat32(this.#at - 4, true);
  }

  float64(): number {
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8, true);
  }

  /** Gives the next bytes, shared with the source. @throws Error if they are fewer */
  take(length: number): Uint8Array {
    this.#at += length;
    if (this.#at > this.bytes.length) throw damaged();
    return this.bytes.subarray(this.#at - length, this.#at);
  }

  /** @throws Error unless all bytes were read, and none beyond */
  end(): void {
    if (this.#at !== this.bytes.length) throw damaged();
  }
}

function damaged(): Error {
  return new Error('a block of nuclei.overlay is damaged: expected it to end where its numbers do');
}
