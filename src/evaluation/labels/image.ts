import { existsSync } from 'node:fs';
import sharp from 'sharp';
import { errorLine, HoverslideError } from '../../errors.js';
import type { ClassSet } from '../classes.js';
import { type LabelMap, overlapTable } from '../label-map.js';

const arrays = {
  uchar: Uint8Array,
  ushort: Uint16Array,
  short: Int16Array,
  uint: Uint32Array,
  int: Int32Array,
  float: Float32Array,
} as const;

/**
 * Reads a label image (PNG or TIFF, one channel, 8 to 32 bits), such as StarDist writes. Value k is nucleus k. The
 * image has no classes.
 * @throws HoverslideError `input` if it is anything else.
 */
export async function readLabelImage(file: string): Promise<LabelMap> {
  const { width, height, channels, depth, space } = await describe(file);
  const Values = arrays[depth as keyof typeof arrays];
  if (channels !== 1 || Values === undefined) {
    throw new HoverslideError(
      'input',
      `${file}: expected a label image of one channel; found ${channels} of ${depth}`,
    );
  }
  return {
    file,
    width,
    height,
    rows: async (top, count) => {
      const strip = sharp(file, { limitInputPixels: false }).extract({ left: 0, top, width, height: count });
      // Keep the image's own colour space: any other would turn 16 bits into 8.
      const raw = await decoding(file, () => strip.toColourspace(space).raw({ depth }).toBuffer());
      const aligned = new Uint8Array(raw).buffer;
      return Int32Array.from(new Values(aligned));
    },
  };
}

/**
 * Reads `<name>.instances.png`. If the set has classes, also reads the class of each pixel from `<name>.types.png`
 * beside it. The class of a nucleus is the most frequent one among its pixels; of equally frequent ones, the lowest id.
 */
export async function readLabelPair(file: string, classes: ClassSet): Promise<LabelMap> {
  const instances = await readLabelImage(file);
  const typesFile = file.replace(/\.instances\.png$/, '.types.png');
  if (!existsSync(typesFile)) {
    if (classes.classes.length === 0) return instances;
    throw new HoverslideError(
      'missing',
      `${typesFile}: expected the classes '${classes.name}' of the nuclei of ${file}; there is no such file`,
    );
  }
  return { ...instances, classes: await vote(instances, await readLabelImage(typesFile), classes) };
}

/** Finds the most frequent class among the pixels of each label. Pixels without a class have a vote too. */
export async function vote(
  instances: LabelMap,
  types: LabelMap,
  classes: ClassSet,
): Promise<Map<number, number>> {
  const { first, second, pairs, intersections } = await overlapTable(instances, types);
  const votes = Array.from(first.labels, () => ({ id: 0, count: 0, rest: 0 }));
  votes.forEach((entry, k) => (entry.rest = first.moments[3 * k]!));
  // Pairs ascend, so the lower id stays if counts are equal.
  intersections.forEach((count, k) => {
    const entry = votes[pairs[2 * k]!]!;
    entry.rest -= count;
    if (count > entry.count) Object.assign(entry, { id: second.labels[pairs[2 * k + 1]!]!, count });
  });
  return new Map(
    votes.map(({ id, count, rest }, k): [number, number] => [
      first.labels[k]!,
      rest >= count && rest > 0 ? 0 : classes.byId(id, types.file),
    ]),
  );
}

async function describe(file: string) {
  if (!existsSync(file)) {
    throw new HoverslideError('missing', `${file}: expected a label image; there is no such file`);
  }
  return decoding(file, () => sharp(file, { limitInputPixels: false }).metadata());
}

async function decoding<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new HoverslideError('input', `${file}: expected a label image; ${errorLine(error)}`);
  }
}
