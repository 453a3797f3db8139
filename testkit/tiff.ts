import { open, type FileHandle } from 'node:fs/promises';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';

/** One image of a TIFF file: tiled RGB, deflated, or in JPEG where a quality is given. */
export interface TiffImage {
  width: number;
  height: number;
  /** Side of a tile, a multiple of 16. */
  tile: number;
  /** JPEG quality, as scanners write it: small and quick to read, but not lossless. */
  jpeg?: number;
  /** Pixels per centimetre of x and y, for the resolution tags. */
  resolution?: readonly number[];
  description?: string;
  /** Whether it is a smaller version of another image of the file. */
  reduced?: boolean;
  /** Size in whole tiles after which the picture repeats. Each tile is written once and used again and again. */
  period?: { width: number; height: number };
  /** Returns the RGB pixels [tile, tile, 3] of the tile whose corner is at (x, y). */
  pixels(x: number, y: number): Uint8Array | Promise<Uint8Array>;
}

const short = 3;
const long = 4;
const rational = 5;
const ascii = 2;
const long8 = 16;
const sizes: Record<number, number> = { [ascii]: 1, [short]: 2, [long]: 4, [rational]: 8, [long8]: 8 };

/** Writer of BigTIFF files, image by image and tile by tile, so that no image is ever held as a whole. */
export class TiffWriter {
  #position = 16;
  /** Position at which the offset of the next directory has to be written. */
  #link = 8;

  private constructor(readonly file: FileHandle) {}

  static async create(path: string): Promise<TiffWriter> {
    const file = await open(path, 'w');
    const header = Buffer.alloc(16);
    header.write('II');
    header.writeUInt16LE(43, 2);
    header.writeUInt16LE(8, 4);
    await file.write(header, 0, 16, 0);
    return new TiffWriter(file);
  }

  async add(image: TiffImage): Promise<void> {
    const { width, height, tile, period = image } = image;
    const columns = Math.ceil(width / tile);
    const offsets: number[] = [];
    const lengths: number[] = [];
    for (let y = 0; y < height; y += tile) {
      for (let x = 0; x < width; x += tile) {
        const same = ((y % period.height) / tile) * columns + (x % period.width) / tile;
        if (same < offsets.length) {
          offsets.push(offsets[same]!);
          lengths.push(lengths[same]!);
          continue;
        }
        const data = await compress(await image.pixels(x, y), image);
        offsets.push(await this.#append(data));
        lengths.push(data.length);
      }
    }
    const entries: [tag: number, type: number, values: number[] | string][] = [
      [254, long, [image.reduced ? 1 : 0]],
      [256, long, [width]],
      [257, long, [height]],
      [258, short, [8, 8, 8]],
      [259, short, [image.jpeg ? 7 : 8]],
      [262, short, [image.jpeg ? 6 : 2]], // YCbCr or RGB
      [277, short, [3]],
      [284, short, [1]],
      [322, long, [tile]],
      [323, long, [tile]],
      [324, long8, offsets],
      [325, long8, lengths],
    ];
    if (image.jpeg) entries.push([530, short, [2, 2]]); // chroma at half resolution
    if (image.description !== undefined) entries.push([270, ascii, image.description]);
    if (image.resolution !== undefined) {
      entries.push(
        [282, rational, image.resolution.slice(0, 1)],
        [283, rational, image.resolution.slice(1)],
        [296, short, [3]],
      );
    }
    await this.#directory(entries.sort((a, b) => a[0] - b[0]));
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  async #directory(entries: [tag: number, type: number, values: number[] | string][]): Promise<void> {
    const directory = Buffer.alloc(8 + entries.length * 20 + 8);
    directory.writeBigUInt64LE(BigInt(entries.length), 0);
    for (const [index, [tag, type, values]] of entries.entries()) {
      const at = 8 + index * 20;
      const data = encode(type, values);
      directory.writeUInt16LE(tag, at);
      directory.writeUInt16LE(type, at + 2);
      directory.writeBigUInt64LE(BigInt(data.length / sizes[type]!), at + 4);
      if (data.length <= 8) data.copy(directory, at + 12);
      else directory.writeBigUInt64LE(BigInt(await this.#append(data)), at + 12);
    }
    const offset = Buffer.alloc(8);
    offset.writeBigUInt64LE(BigInt(await this.#append(directory)));
    await this.file.write(offset, 0, 8, this.#link);
    this.#link = this.#position - 8;
  }

  /** Writes at the end of the file, at an even offset as TIFF wants, and returns that offset. */
  async #append(data: Buffer): Promise<number> {
    const at = this.#position + (this.#position % 2);
    await this.file.write(data, 0, data.length, at);
    this.#position = at + data.length;
    return at;
  }
}

async function compress(pixels: Uint8Array, { tile, jpeg }: TiffImage): Promise<Buffer> {
  if (jpeg === undefined) return deflateSync(pixels, { level: 1 });
  const picture = sharp(pixels, { raw: { width: tile, height: tile, channels: 3 } });
  return picture.jpeg({ quality: jpeg, chromaSubsampling: '4:2:0' }).toBuffer();
}

function encode(type: number, values: number[] | string): Buffer {
  if (typeof values === 'string') return Buffer.from(`${values}\0`);
  const data = Buffer.alloc(values.length * sizes[type]!);
  for (const [index, value] of values.entries()) {
    const at = index * sizes[type]!;
    if (type === short) data.writeUInt16LE(value, at);
    else if (type === long) data.writeUInt32LE(value, at);
    else if (type === long8) data.writeBigUInt64LE(BigInt(value), at);
    else {
      data.writeUInt32LE(Math.round(value * 1000), at);
      data.writeUInt32LE(1000, at + 4);
    }
  }
  return data;
}
