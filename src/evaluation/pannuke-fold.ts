import { existsSync, openSync, readSync, closeSync, readFileSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { HoverslideError } from '../errors.js';
import { npyHeader, npyTypes } from '../npy.js';
import { listFiles } from './folder.js';
import { type LabelMap, labelMap, overlap } from './label-map.js';
import { matchAll, type Matches } from './measures/segmentation.js';

/** Number of channels of masks.npy that hold nuclei: classes 1 to 5. The sixth channel is background. */
const classChannels = 5;

/** An array [items, ...] in a .npy file. Only one item is in memory at a time. */
class NpyStack {
  private constructor(
    readonly file: string,
    readonly shape: readonly number[],
    private readonly Values: (typeof npyTypes)[keyof typeof npyTypes],
    private readonly offset: number,
  ) {}

  static open(file: string): NpyStack {
    const { descr, shape, offset } = headerOf(file);
    if (!(descr in npyTypes)) {
      throw new HoverslideError('input', `${file}: expected numbers, little endian; found '${descr}'`);
    }
    const Values = npyTypes[descr as keyof typeof npyTypes];
    const expected = offset + shape.reduce((product, side) => product * side, 1) * Values.BYTES_PER_ELEMENT;
    const found = statSync(file).size;
    if (found !== expected) {
      throw new HoverslideError(
        'input',
        `${file}: expected ${expected} bytes for [${shape.join(', ')}]; found ${found}`,
      );
    }
    return new NpyStack(file, shape, Values, offset);
  }

  /** Reads the numbers of item k. */
  async item(k: number): Promise<ArrayLike<number | bigint>> {
    const count = this.shape.slice(1).reduce((product, side) => product * side, 1);
    const bytes = new Uint8Array(count * this.Values.BYTES_PER_ELEMENT);
    const handle = await open(this.file);
    try {
      await handle.read(bytes, 0, bytes.length, this.offset + k * bytes.length);
    } finally {
      await handle.close();
    }
    return new this.Values(bytes.buffer);
  }
}

/** One fold of PanNuke as published: masks.npy [tiles, height, width, 6], images.npy [.., 3], types.npy. */
export class PannukeFold {
  readonly count: number;
  readonly height: number;
  readonly width: number;

  private constructor(
    /** 1, 2 or 3, from the folder's name; absent if the name does not state it. */
    readonly number: number | undefined,
    private readonly masks: NpyStack,
    private readonly images: NpyStack | undefined,
    /** Tissue of each tile; absent in a folder of predictions. */
    readonly tissues: readonly string[] | undefined,
  ) {
    [this.count, this.height, this.width] = masks.shape as [number, number, number];
  }

  /** Finds the folds in a folder, in the order of their numbers; none if there is no masks.npy. */
  static find(folder: string): PannukeFold[] {
    return listFiles(folder)
      .filter((file) => basename(file) === 'masks.npy')
      .map((file) => PannukeFold.open(file, folder))
      .sort((a, b) => (a.number ?? 0) - (b.number ?? 0));
  }

  private static open(masksFile: string, root: string): PannukeFold {
    const masks = NpyStack.open(masksFile);
    const [count, height, width, channels] = masks.shape;
    if (masks.shape.length !== 4 || (channels !== classChannels && channels !== classChannels + 1)) {
      throw new HoverslideError(
        'input',
        `${masksFile}: expected masks [tiles, height, width, 6]; found [${masks.shape.join(', ')}]`,
      );
    }
    const imagesFile = companion(masksFile, 'images.npy');
    const images = imagesFile === undefined ? undefined : NpyStack.open(imagesFile);
    if (images && images.shape.join() !== [count, height, width, 3].join()) {
      throw new HoverslideError(
        'input',
        `${images.file}: expected images [${count}, ${height}, ${width}, 3] as in ${masksFile}; found [${images.shape.join(', ')}]`,
      );
    }
    const typesFile = companion(masksFile, 'types.npy');
    const tissues = typesFile === undefined ? undefined : readStrings(typesFile);
    if (tissues && tissues.length !== count) {
      throw new HoverslideError(
        'input',
        `${typesFile}: expected a tissue for each of ${count} tiles; found ${tissues.length}`,
      );
    }
    const place = masksFile.slice(dirname(root).length);
    const number = /fold[ _-]?([123])/i.exec(place)?.[1];
    return new PannukeFold(number === undefined ? undefined : Number(number), masks, images, tissues);
  }

  get file(): string {
    return this.masks.file;
  }

  get hasImages(): boolean {
    return this.images !== undefined;
  }

  /** Reads the instance maps of tile k, one per class. */
  async channels(k: number): Promise<Int32Array[]> {
    const values = await this.masks.item(k);
    const depth = this.masks.shape[3]!;
    return Array.from({ length: classChannels }, (_, c) => {
      const channel = new Int32Array(this.width * this.height);
      for (let i = 0; i < channel.length; i++) channel[i] = Number(values[i * depth + c]);
      return channel;
    });
  }

  /**
   * Reads the image of tile k, RGB [height, width, 3].
   * @throws HoverslideError `missing` if the fold has no images.npy.
   */
  async image(k: number): Promise<Uint8Array> {
    if (!this.images) {
      throw new HoverslideError('missing', `${this.file}: expected images.npy for it; there is none`);
    }
    return Uint8Array.from(await this.images.item(k), Number);
  }
}

/**
 * Merges PanNuke's channels into one instance map with classes, as PanNuke-metrics' `binarize` does. Nuclei are
 * numbered channel by channel. Where channels overlap, the later one gets the pixel.
 */
export function mergeChannels(file: string, width: number, channels: readonly Int32Array[]): LabelMap {
  const merged = new Int32Array(channels[0]!.length);
  const classes = new Map<number, number>();
  channels.forEach((channel, c) => {
    const own = [...new Set(channel)].filter((label) => label > 0).sort((a, b) => a - b);
    const numbers = new Map<number, number>();
    for (const label of own) {
      numbers.set(label, classes.size + 1);
      classes.set(classes.size + 1, c + 1);
    }
    channel.forEach((label, i) => {
      if (label > 0) merged[i] = numbers.get(label)!;
    });
  });
  return labelMap(file, width, merged, classes);
}

/** Splits a map into one instance map per class. */
export async function splitChannels(map: LabelMap): Promise<Int32Array[]> {
  const labels = await map.rows(0, map.height);
  return Array.from({ length: classChannels }, (_, c) =>
    labels.map((label) => (map.classes?.get(label) === c + 1 ? label : 0)),
  );
}

/** Matches each class on its own channel, so that a pixel in two channels counts in both. */
export async function matchChannels(
  width: number,
  truth: readonly Int32Array[],
  prediction: readonly Int32Array[],
): Promise<Matches[]> {
  const matches: Matches[] = [];
  for (const [c, channel] of truth.entries()) {
    matches.push(
      matchAll(
        await overlap(labelMap('truth', width, channel), labelMap('prediction', width, prediction[c]!)),
      ),
    );
  }
  return matches;
}

/** Finds a file beside masks.npy, or in the parallel folder of images: .../masks/fold1 and .../images/fold1. */
function companion(masksFile: string, name: string): string | undefined {
  const folder = dirname(masksFile);
  return [folder, folder.replace(/masks(?!.*masks)/, 'images')]
    .map((place) => join(place, name))
    .find((file) => existsSync(file));
}

/** Reads a NumPy array of strings (UTF-32). */
function readStrings(file: string): string[] {
  const bytes = readFileSync(file);
  const { descr, shape, offset } = npyHeader(file, bytes);
  const length = Number(/^<U(\d+)$/.exec(descr)?.[1]);
  if (!length) throw new HoverslideError('input', `${file}: expected strings; found '${descr}'`);
  return Array.from({ length: shape[0] ?? 0 }, (_, k) => {
    const points = Array.from({ length }, (_, i) => bytes.readUInt32LE(offset + 4 * (k * length + i)));
    return String.fromCodePoint(...points.filter((point) => point > 0));
  });
}

function headerOf(file: string) {
  const bytes = Buffer.alloc(4096);
  const handle = openSync(file, 'r');
  try {
    return npyHeader(file, bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, 0)));
  } finally {
    closeSync(handle);
  }
}
