import { HoverslideError } from '../errors.js';
import { evaluationBinding, type OverlapTable } from './binding.js';
import { ignored, unclassified } from './classes.js';

/** An instance map that is read in strips of rows, so that a large one is never in memory as a whole. */
export interface LabelMap {
  /** File that the map comes from, for messages. */
  readonly file: string;
  readonly width: number;
  readonly height: number;
  /** Reads rows top .. top + count - 1 as labels, [count, width]; 0 is background. */
  rows(top: number, count: number): Promise<Int32Array>;
  /**
   * Class of each label, with the ids of the map's own set of classes. Labels without an entry are unclassified. Absent
   * if the file has no classes at all.
   */
  readonly classes?: ReadonlyMap<number, number>;
}

/** The nuclei of a map, in ascending order of their labels. */
export interface Nuclei {
  readonly count: number;
  /** Number of pixels, [count]. */
  readonly area: Float64Array;
  /** Mean of integer pixel coordinates, x y, [count, 2]; float32, as HoverNet's evaluation keeps them. */
  readonly centroid: Float32Array;
  /** Id of the class (of the map's own set until translated), `unclassified` or `ignored`, [count]. */
  readonly classes: Int16Array;
}

/** The nuclei of two maps and how many pixels they share. All measures are computed from this. */
export interface Overlap {
  readonly truth: Nuclei;
  readonly prediction: Nuclei;
  /** Indices of a true and a predicted nucleus that share pixels, ascending, [pairs, 2]. */
  readonly pairs: Uint32Array;
  /** Number of shared pixels, [pairs]. */
  readonly intersections: Float64Array;
}

/** Number of pixels of a strip: 64 MB per map as int32. */
const stripPixels = 2 ** 24;

/** Makes a map from labels that are all in memory. */
export function labelMap(
  file: string,
  width: number,
  labels: Int32Array,
  classes?: ReadonlyMap<number, number>,
): LabelMap {
  return {
    file,
    width,
    height: labels.length / width,
    rows: (top, count) => Promise.resolve(labels.subarray(top * width, (top + count) * width)),
    ...(classes && { classes }),
  };
}

/**
 * Compares two maps in one pass.
 * @throws HoverslideError `input` naming both files if their sizes differ.
 */
export async function overlap(truth: LabelMap, prediction: LabelMap): Promise<Overlap> {
  const table = await overlapTable(truth, prediction);
  return {
    truth: nuclei(table.first, truth.classes),
    prediction: nuclei(table.second, prediction.classes),
    pairs: table.pairs,
    intersections: table.intersections,
  };
}

/** Counts the shared pixels of two maps with any labels. */
export async function overlapTable(first: LabelMap, second: LabelMap): Promise<OverlapTable> {
  const { width, height } = first;
  if (second.width !== width || second.height !== height) {
    throw new HoverslideError(
      'input',
      `${second.file}: expected ${width} x ${height} px as in ${first.file}; found ${second.width} x ${second.height}`,
    );
  }
  const counter = new (evaluationBinding().OverlapCounter)();
  for (const { top, count } of strips(first)) {
    counter.add(await first.rows(top, count), await second.rows(top, count), width, top);
  }
  return counter.table();
}

/** Yields the strips of rows in which a map is read. */
export function* strips({
  width,
  height,
}: Pick<LabelMap, 'width' | 'height'>): Generator<{ top: number; count: number }> {
  const rows = Math.max(1, Math.floor(stripPixels / width));
  for (let top = 0; top < height; top += rows) yield { top, count: Math.min(rows, height - top) };
}

function nuclei(
  { labels, moments }: OverlapTable['first'],
  classOf: ReadonlyMap<number, number> | undefined,
): Nuclei {
  const count = labels.length;
  const area = new Float64Array(count);
  const centroid = new Float32Array(2 * count);
  const classes = new Int16Array(count);
  for (let k = 0; k < count; k++) {
    area[k] = moments[3 * k]!;
    centroid[2 * k] = moments[3 * k + 1]! / area[k]!;
    centroid[2 * k + 1] = moments[3 * k + 2]! / area[k]!;
    classes[k] = classOf?.get(labels[k]!) ?? unclassified;
  }
  return { count, area, centroid, classes };
}

/**
 * Counts the nuclei of each class. Entry c counts class c, entry 0 those without a class; ignored ones are left out.
 */
export function countByClass({ classes }: Nuclei, classCount: number): number[] {
  const counts = new Array<number>(classCount + 1).fill(0);
  for (const id of classes) if (id !== ignored) counts[id]!++;
  return counts;
}

/** Translates the classes of both maps. A predicted class without a counterpart becomes unclassified, never ignored. */
export function translateClasses(
  overlap: Overlap,
  truth: ReadonlyMap<number, number>,
  prediction: ReadonlyMap<number, number>,
): Overlap {
  const translated = (nuclei: Nuclei, to: (id: number) => number): Nuclei => ({
    ...nuclei,
    classes: nuclei.classes.map(to),
  });
  return {
    ...overlap,
    truth: translated(overlap.truth, (id) => truth.get(id)!),
    prediction: translated(overlap.prediction, (id) => Math.max(unclassified, prediction.get(id)!)),
  };
}
