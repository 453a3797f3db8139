import { crc32 } from 'node:zlib';
import { AtomicFile } from '../files.js';
import { zstd } from '../table/zstd.js';
import { magic, trailerBytes, type OverlayDirectory } from './layout.js';

/** `nuclei.overlay` on its way to disk. It appears under its name when it is closed, or never. */
export class OverlayFile {
  readonly #blocks = { offset: [] as number[], length: [] as number[], crc: [] as number[] };
  #offset = 0;

  private constructor(
    private readonly file: AtomicFile,
    private readonly compress: (bytes: Uint8Array) => Uint8Array,
  ) {}

  /** @throws HoverslideError `output`; so do the methods */
  static async open(path: string): Promise<OverlayFile> {
    const { compress } = await zstd();
    const file = new OverlayFile(await AtomicFile.open(path), compress);
    await file.#write(Uint8Array.from(magic));
    return file;
  }

  /** Compresses and writes a block; returns its number. */
  async block(bytes: Uint8Array): Promise<number> {
    const frame = this.compress(bytes);
    const { offset, length, crc } = this.#blocks;
    offset.push(this.#offset);
    crc.push(crc32(frame));
    await this.#write(frame);
    return length.push(frame.length) - 1;
  }

  /** Writes the directory and gives the file its name. */
  async close(directory: Omit<OverlayDirectory, 'blocks'>): Promise<void> {
    const frame = this.compress(Buffer.from(JSON.stringify({ ...directory, blocks: this.#blocks })));
    const trailer = Buffer.alloc(trailerBytes);
    trailer.writeDoubleLE(this.#offset, 0);
    trailer.writeUInt32LE(frame.length, 8);
    trailer.writeUInt32LE(crc32(frame), 12);
    trailer.set(magic, 16);
    await this.#write(frame);
    await this.#write(trailer);
    await this.file.commit();
  }

  async abort(): Promise<void> {
    await this.file.discard();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await this.file.write(bytes);
    this.#offset += bytes.length;
  }
}
