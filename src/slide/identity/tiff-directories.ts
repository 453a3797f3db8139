import { TiffNumbers, typeSizes, type ReadAt } from './tiff-bytes.js';

/** Content of a TIFF's directory about its image. */
export interface TiffDirectory {
  readonly width: number;
  readonly height: number;
  /** Bits of each sample. */
  readonly bits: readonly number[];
  readonly compression: number;
  readonly photometric: number | undefined;
  readonly samplesPerPixel: number;
  /** 1 is unsigned, 2 signed, 3 floating point, 4 not stated, 5 and 6 complex. */
  readonly sampleFormats: readonly number[];
  /** Meaning of the samples beyond the colour's: 0 is not stated, 1 and 2 are alpha. */
  readonly extraSamples: readonly number[];
  readonly orientation: number;
  /** Pixels per `resolutionUnit`. */
  readonly xResolution: number | undefined;
  readonly yResolution: number | undefined;
  /** 1 is none, 2 inch (also where it is not stated), 3 centimetre. */
  readonly resolutionUnit: number;
  /** Whether it is a smaller version of another image of the file. */
  readonly reduced: boolean;
  /** Whether it is a transparency mask of another image of the file. */
  readonly mask: boolean;
  /** Width of its tiles; undefined for an image in strips. */
  readonly tileWidth: number | undefined;
  readonly description: string | undefined;
}

export interface TiffFile {
  /** Directories in the order of the chain. Those that hang below another one are not among them. */
  readonly directories: readonly TiffDirectory[];
  /** Offset at which the chain leads beyond the end of the file, if the file was cut off. */
  readonly cutAt?: number;
}

const tags = {
  subfile: 254,
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  description: 270,
  orientation: 274,
  samplesPerPixel: 277,
  xResolution: 282,
  yResolution: 283,
  resolutionUnit: 296,
  tileWidth: 322,
  extraSamples: 338,
  sampleFormat: 339,
} as const;

const wanted = new Set<number>(Object.values(tags));

/** Largest number of directories, and of bytes of one tag, that are looked at. More than that is damage. */
const most = { directories: 65_536, bytes: 64 * 2 ** 20 };

/** Reads a TIFF's directories, without its pixels. Returns undefined for a file that is no TIFF. */
export async function readTiff(read: ReadAt): Promise<TiffFile | undefined> {
  const head = await read(0, 16);
  const numbers = TiffNumbers.of(head);
  if (!numbers) return undefined;
  const { big } = numbers;
  const directories: TiffDirectory[] = [];
  const seen = new Set<number>();
  let next = head.length < (big ? 16 : 8) ? 0 : numbers.offset(head, big ? 8 : 4);
  while (next !== 0 && !seen.has(next) && seen.size < most.directories) {
    seen.add(next);
    const count = await read(next, big ? 8 : 2);
    if (count.length < (big ? 8 : 2)) return { directories, cutAt: next };
    const entries = big ? numbers.offset(count, 0) : numbers.short(count, 0);
    const length = entries * (big ? 20 : 12);
    if (length > most.bytes) return { directories, cutAt: next };
    const bytes = await read(next + count.length, length + (big ? 8 : 4));
    if (bytes.length < length + (big ? 8 : 4)) return { directories, cutAt: next };
    directories.push(directoryOf(await readTags(read, numbers, bytes.subarray(0, length))));
    next = numbers.offset(bytes, length);
  }
  return { directories };
}

type Tags = ReadonlyMap<number, { readonly numbers: readonly number[]; readonly text: string }>;

async function readTags(read: ReadAt, numbers: TiffNumbers, entries: Buffer): Promise<Tags> {
  const { big } = numbers;
  const size = big ? 20 : 12;
  const inline = big ? 8 : 4;
  const found = new Map<number, { numbers: number[]; text: string }>();
  for (let at = 0; at + size <= entries.length; at += size) {
    const tag = numbers.short(entries, at);
    const type = numbers.short(entries, at + 2);
    const length = numbers.offset(entries, at + 4) * (typeSizes[type] ?? 0);
    if (!wanted.has(tag) || length === 0 || length > most.bytes) continue;
    const place = at + 4 + inline;
    const value =
      length <= inline
        ? entries.subarray(place, place + length)
        : await read(numbers.offset(entries, place), length);
    const text = type === 2 ? value.toString('utf8').replace(/\0[^]*$/, '') : '';
    found.set(tag, { numbers: type === 2 ? [] : numbers.values(type, value), text });
  }
  return found;
}

function directoryOf(found: Tags): TiffDirectory {
  const list = (tag: number, otherwise: number[]): readonly number[] => {
    const numbers = found.get(tag)?.numbers ?? [];
    return numbers.length > 0 ? numbers : otherwise;
  };
  const one = <Otherwise extends number | undefined>(tag: number, otherwise: Otherwise): number | Otherwise =>
    found.get(tag)?.numbers[0] ?? otherwise;
  const subfile = one(tags.subfile, 0);
  return {
    width: one(tags.width, 0),
    height: one(tags.height, 0),
    bits: list(tags.bits, [1]),
    compression: one(tags.compression, 1),
    photometric: one(tags.photometric, undefined),
    samplesPerPixel: one(tags.samplesPerPixel, 1),
    sampleFormats: list(tags.sampleFormat, [1]),
    extraSamples: list(tags.extraSamples, []),
    orientation: one(tags.orientation, 1),
    xResolution: one(tags.xResolution, undefined),
    yResolution: one(tags.yResolution, undefined),
    resolutionUnit: one(tags.resolutionUnit, 2),
    reduced: (subfile & 1) !== 0,
    mask: (subfile & 4) !== 0,
    tileWidth: one(tags.tileWidth, undefined),
    description: found.get(tags.description)?.text,
  };
}
