import type { Metadata } from 'sharp';
import { HoverslideError } from '../../errors.js';
import type { TiffDirectory } from './tiff-directories.js';

/** Meaning of an image's samples. It decides whether the pixels can be read as RGB of 8 bits. */
export interface ImageForm {
  readonly colour: 'RGB' | 'palette' | 'grey' | 'CMYK' | 'Lab' | 'no known colour';
  readonly channels: number;
  /** Number of channels beyond the colour's that are not transparency. */
  readonly strayChannels: number;
  /** Bits of a sample; for a palette, bits of an entry. */
  readonly bits: number;
  readonly samples: 'unsigned' | 'signed' | 'floating-point' | 'complex';
}

const photometrics: Readonly<Record<number, ImageForm['colour']>> = {
  0: 'grey',
  1: 'grey',
  2: 'RGB',
  3: 'palette',
  5: 'CMYK',
  6: 'RGB', // stored as YCbCr
  8: 'Lab',
  9: 'Lab',
  10: 'Lab',
};

const colourChannels = { RGB: 3, palette: 1, grey: 1, CMYK: 4, Lab: 3, 'no known colour': 0 };

export function formOfDirectory(directory: TiffDirectory): ImageForm {
  const { bits, photometric, samplesPerPixel, sampleFormats, extraSamples } = directory;
  const colour = photometrics[photometric ?? -1] ?? 'no known colour';
  const beyond = samplesPerPixel - colourChannels[colour];
  const transparency = extraSamples[0] === 1 || extraSamples[0] === 2 ? 1 : 0;
  return {
    colour,
    channels: samplesPerPixel,
    strayChannels: Math.max(0, beyond - transparency),
    bits: bits.every((each) => each === bits[0]) ? bits[0]! : NaN,
    samples: sampleKind(sampleFormats.find((format) => format !== 1 && format !== 4)),
  };
}

function sampleKind(format: number | undefined): ImageForm['samples'] {
  if (format === undefined) return 'unsigned';
  return format === 2 ? 'signed' : format === 3 ? 'floating-point' : 'complex';
}

/** Returns the form of a PNG or JPEG. */
export function formOfMetadata({ space, channels, depth, isPalette }: Metadata): ImageForm {
  const grey = space === 'b-w' || space === 'grey16' || channels < 3;
  const rgb = space === 'srgb' || space === 'rgb16';
  return {
    colour: grey ? 'grey' : rgb ? 'RGB' : space === 'cmyk' ? 'CMYK' : 'no known colour',
    channels,
    strayChannels: 0,
    bits: depth === 'ushort' && !isPalette ? 16 : 8,
    samples: 'unsigned',
  };
}

/**
 * Accepts images that are read as they were meant: RGB or a palette, of 8 bits or of all 16, opaque or with one channel
 * of transparency. Whether all 16 bits are used is seen in the pixels only.
 * @throws HoverslideError `input` that says what was found, and how to convert it
 */
export function checkForm(path: string, form: ImageForm): void {
  const problem = problemOf(form);
  if (!problem) return;
  const [found, wayOut] = problem;
  throw new HoverslideError('input', `${path}: expected RGB of 8 or 16 bits, found ${found}; ${wayOut}`);
}

function problemOf({
  colour,
  channels,
  strayChannels,
  bits,
  samples,
}: ImageForm): [string, string] | undefined {
  if (samples === 'floating-point') {
    return [
      `floating-point samples of ${bits} bits`,
      'convert it, for instance, where its values reach from 0 to 1: vips linear IN OUT.tif 255 0 --uchar; from 0 to 255: vips cast IN OUT.tif uchar',
    ];
  }
  if (samples !== 'unsigned') return [`${samples} samples`, 'convert it to unsigned samples of 8 bits'];
  if (colour === 'grey') {
    const what = channels === 1 ? 'one grey channel' : `grey with ${channels} channels`;
    return [
      `${what}${bits === 8 ? '' : ` of ${bits} bit${bits === 1 ? '' : 's'}`}`,
      'stains cannot be told apart in grey: give the slide in colour, its three planes in one image',
    ];
  }
  if (colour === 'CMYK' || colour === 'Lab') {
    return [`${colour} colours`, 'convert it, for instance: vips colourspace IN OUT.tif srgb'];
  }
  if (colour === 'no known colour') return [`${channels} channels of unknown meaning`, 'convert it to RGB'];
  if (strayChannels > 0 || (colour === 'RGB' && channels < 3)) {
    return [
      `${channels} channels of which ${strayChannels} mean neither colour nor transparency`,
      'leave out the others, for instance: vips extract_band IN OUT.tif 0 --n 3',
    ];
  }
  const readable = colour === 'palette' ? [1, 2, 4, 8] : [8, 16];
  if (readable.includes(bits)) return undefined;
  const depth = Number.isNaN(bits) ? 'samples of unequal depth' : `${bits} bits a sample`;
  return [depth, 'convert it to 8 bits'];
}
