import type { FileHandle } from 'node:fs/promises';

/** Reads `length` bytes at `offset`, or fewer if the file or buffer ends before. */
export type ReadAt = (offset: number, length: number) => Promise<Buffer>;

export function fileBytes(file: FileHandle): ReadAt {
  return async (offset, length) => {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, (await file.read(bytes, 0, length, offset)).bytesRead);
  };
}

export function bufferBytes(buffer: Buffer): ReadAt {
  return (offset, length) => Promise.resolve(buffer.subarray(offset, offset + length));
}

/** Number format of a TIFF: its byte order, and 4 bytes per offset or, in a BigTIFF, 8. */
export class TiffNumbers {
  constructor(
    readonly little: boolean,
    readonly big: boolean,
  ) {}

  /**
   * Returns the number format of a TIFF; undefined for a file that is no TIFF.
   * @param head the first 8 bytes, or more
   */
  static of(head: Buffer): TiffNumbers | undefined {
    const order = head.toString('latin1', 0, 2);
    if (head.length < 8 || (order !== 'II' && order !== 'MM')) return undefined;
    const version = order === 'II' ? head.readUInt16LE(2) : head.readUInt16BE(2);
    return version === 42 || version === 43 ? new TiffNumbers(order === 'II', version === 43) : undefined;
  }

  short(bytes: Buffer, at: number): number {
    return this.little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
  }

  long(bytes: Buffer, at: number): number {
    return this.little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  }

  offset(bytes: Buffer, at: number): number {
    if (!this.big) return this.long(bytes, at);
    return Number(this.little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
  }

  /** Returns the values of a tag as numbers; empty for types that hold none. */
  values(type: number, bytes: Buffer): number[] {
    const size = typeSizes[type];
    if (size === undefined) return [];
    return Array.from({ length: Math.floor(bytes.length / size) }, (_, k) =>
      this.#value(type, bytes, k * size),
    );
  }

  #value(type: number, bytes: Buffer, at: number): number {
    const { little } = this;
    if (type === 3) return this.short(bytes, at);
    if (type === 4 || type === 13) return this.long(bytes, at);
    if (type === 5) return this.long(bytes, at) / this.long(bytes, at + 4);
    if (type === 11) return little ? bytes.readFloatLE(at) : bytes.readFloatBE(at);
    if (type === 12) return little ? bytes.readDoubleLE(at) : bytes.readDoubleBE(at);
    if (type === 16 || type === 18)
      return Number(little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
    return bytes[at]!;
  }
}

/** Bytes of one value, for each TIFF type that is read: bytes, text, 16, 32 and 64 bits, fractions, floats. */
export const typeSizes: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  11: 4,
  12: 8,
  13: 4,
  16: 8,
  18: 8,
};
