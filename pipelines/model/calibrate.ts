import { HoverslideError } from '../../src/errors.js';
import { labelMap, overlap } from '../../src/evaluation/label-map.js';
import { matchAll, panopticQuality } from '../../src/evaluation/measures/segmentation.js';
import type { TestField } from '../../src/evaluation/test-set.js';
import type { Seamless } from '../../src/model/card.js';
import { hoverNet } from '../../src/model/hover-net.js';
import { gradientRange, type GradientRange } from '../../src/nuclei/kernel.js';
import { paintInstances } from '../../src/nuclei/paint.js';
import type { Engine } from '../engine/engine.js';
import { fieldMaps, onOwnPixels, type FieldMaps } from '../field/field-maps.js';
import { seamlessBlocks } from '../field/postprocess.js';
import { sampleBlocks } from './sample-blocks.js';

/** Shares of the range of gradients that are tried: narrower ones saturate and so sharpen the ridges. */
const scales = [1, 0.5, 0.2, 0.1, 0.05];
/** Thresholds of the marker that are tried, HoVer-Net's first. */
const markers = [hoverNet.marker, 0.5, 0.6, 0.7];

/** Patches per slide whose gradients are looked at: some minutes even of a large net on a CPU. */
const patchesPerSlide = 128;

/** Constants that were tried, and how good they are. */
export interface Candidate {
  readonly constants: Seamless;
  readonly scale: number;
  /** Mean panoptic quality over the fields. */
  readonly quality: number;
}

/**
 * Finds the constants of post-processing with the best mean panoptic quality over labelled fields; of equal ones, the
 * first. The range of gradients is the median over the fields of each field's own, times a scale.
 * @param fields with images; not those that the model is judged by later
 * @param sobel taps of the Sobel
 * @returns all that were tried, the best first
 * @throws HoverslideError `model` if the maps are flat; as predictField and the reading of labels
 */
export async function calibrateByLabels(
  fields: readonly TestField[],
  engine: Engine,
  sobel: number,
  mpp?: number,
  progress: (done: number, field: string) => void = () => {},
): Promise<Candidate[]> {
  const found: (FieldMaps & { readonly field: TestField })[] = [];
  for (const [k, field] of fields.entries()) {
    progress(k, field.name);
    const maps = await field.image!.withFile((file) => fieldMaps(file, engine, mpp));
    found.push({ ...maps, field });
  }
  const range = medianRange(found.map(({ packed, space }) => gradientRange(packed, space, sobel)));
  const source = `best of a search on ${fields.length} labelled fields`;
  const tried = scales.flatMap((scale) =>
    markers.map((marker) => ({ scale, constants: { ...scaled(range, scale), sobel, marker, source } })),
  );
  const sums = new Float64Array(tried.length);
  let measured = 0;
  for (const [k, maps] of found.entries()) {
    progress(fields.length + k, maps.field.name);
    const qualities = await qualitiesOn(
      maps,
      tried.map(({ constants }) => constants),
    );
    if (!qualities) continue;
    measured++;
    qualities.forEach((quality, n) => (sums[n]! += quality));
  }
  if (measured === 0) {
    throw new HoverslideError('input', 'expected labelled nuclei on some field, found none');
  }
  const candidates = tried.map((candidate, n) => ({ ...candidate, quality: sums[n]! / measured }));
  return candidates.sort((a, b) => b.quality - a.quality);
}

/**
 * Finds constants without labels: the median over blocks of tissue of the range of gradients in each. With them
 * post-processing does on such a block what HoVer-Net's own code does.
 * @throws HoverslideError `model` if the maps are flat; as openSlide
 */
export async function calibrateByTissue(
  slides: readonly string[],
  engine: Engine,
  sobel: number,
): Promise<Seamless> {
  const ranges: GradientRange[] = [];
  for (const slide of slides) {
    for (const block of await sampleBlocks(slide, engine, patchesPerSlide)) {
      ranges.push(gradientRange(block.packed, block, sobel));
    }
  }
  if (ranges.length === 0) throw new HoverslideError('input', 'expected tissue on the slides, found none');
  const source = `range over ${ranges.length} blocks of tissue of ${slides.length} slides, without labels`;
  return { ...medianRange(ranges), sobel, marker: hoverNet.marker, source };
}

/** Returns the quality of each set of constants on one field; undefined if it has no labelled nuclei. */
async function qualitiesOn(
  maps: FieldMaps & { readonly field: TestField },
  constants: readonly Seamless[],
): Promise<number[] | undefined> {
  const { field, packed, space, width, height } = maps;
  const truth = (await field.truth()).source.toMap(width, height);
  const qualities: number[] = [];
  for (const set of constants) {
    const labels = new Int32Array(space.width * space.height);
    let first = 1;
    for await (const block of seamlessBlocks(packed, space, set)) {
      paintInstances(block, labels, space.width, first);
      first += block.count;
    }
    const own = onOwnPixels(labels, space, { width, height });
    const shared = await overlap(truth, labelMap(field.name, width, own));
    if (shared.truth.count === 0) return undefined;
    qualities.push(panopticQuality(matchAll(shared))!.pq);
  }
  return qualities;
}

function medianRange(ranges: readonly GradientRange[]): GradientRange {
  const median = (of: (range: GradientRange) => number) => {
    const values = ranges.map(of).sort((a, b) => a - b);
    return (values[(values.length - 1) >> 1]! + values[values.length >> 1]!) / 2;
  };
  const range = {
    h: [median(({ h }) => h[0]), median(({ h }) => h[1])],
    v: [median(({ v }) => v[0]), median(({ v }) => v[1])],
  } as const;
  if (!(range.h[0] < range.h[1] && range.v[0] < range.v[1])) {
    throw new HoverslideError(
      'model',
      'expected a net that has learned distances, found flat maps of h or v',
    );
  }
  return { h: [...range.h], v: [...range.v] };
}

function scaled({ h, v }: GradientRange, scale: number): GradientRange {
  return { h: [scale * h[0], scale * h[1]], v: [scale * v[0], scale * v[1]] };
}
