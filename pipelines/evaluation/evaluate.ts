import { join } from 'node:path';
import { HoverslideError } from '../../src/errors.js';
import { makeFolder } from '../../src/files.js';
import type { ClassSet } from '../../src/evaluation/classes.js';
import { drawField } from '../../src/evaluation/draw.js';
import { type FieldMeasures, measureField } from '../../src/evaluation/field.js';
import { type LabelMap, overlap, translateClasses } from '../../src/evaluation/label-map.js';
import { matchChannels, splitChannels } from '../../src/evaluation/pannuke-fold.js';
import { summarise } from '../../src/evaluation/summary.js';
import type { MeasuredPrediction } from '../../src/evaluation/tables.js';
import type { FieldLabels, Predictions, TestField, TestSet } from '../../src/evaluation/test-set.js';

/** Test folds of PanNuke's three splits, each named by its folds for training, validation and test. */
export const splits = [
  { name: '1-2-3', test: 3 },
  { name: '2-1-3', test: 3 },
  { name: '3-2-1', test: 1 },
] as const;

export interface EvaluateOptions {
  /** Class sets that everything is measured in. The worst fields are chosen and drawn in the first. */
  readonly classes: readonly ClassSet[];
  /** Folder for pictures of the worst fields. */
  readonly draw?: string | undefined;
  readonly progress?: (prediction: string, field: string, done: number, total: number) => void;
}

/** One prediction of one set, measured in one set of classes. */
export interface Evaluation extends MeasuredPrediction {
  readonly fields: readonly FieldMeasures[];
}

/** A field with the PQ that makes it one of the worst. */
interface WorstField {
  readonly field: TestField;
  readonly pq: number;
  readonly truth: LabelMap;
  readonly prediction: LabelMap;
}

/** Number of fields drawn per prediction. */
const worstCount = 4;

/**
 * Measures predictions on sets of fields, field by field, so that one field is in memory at a time. PanNuke's folds are
 * measured by splits: those whose test fold is among the sets.
 * @param predictions each for all sets, or for PanNuke one per split in the order of the splits
 * @throws HoverslideError naming the file that is missing or does not fit
 */
export async function evaluate(
  sets: readonly TestSet[],
  predictions: readonly (Predictions | readonly Predictions[])[],
  options: EvaluateOptions,
): Promise<Evaluation[]> {
  const results: Evaluation[] = [];
  for (const contender of predictions) {
    const done = new Map<Predictions, Map<TestSet, Evaluation[]>>();
    for (const { split, set, index } of partsOf(sets)) {
      const own = 'of' in contender ? contender : contender[index];
      if (!own)
        throw new HoverslideError('usage', `expected one model, or one for each of ${splits.length} splits`);
      const bySet = done.get(own) ?? new Map<TestSet, Evaluation[]>();
      const measured = bySet.get(set) ?? (await evaluateSet(set, own, options));
      done.set(own, bySet.set(set, measured));
      // The models of several splits are one contender.
      const { name } = 'of' in contender ? contender : contender[0]!;
      results.push(
        ...measured.map((result) => ({
          ...result,
          prediction: name,
          ...(split !== undefined && { split }),
        })),
      );
    }
  }
  return results;
}

/** Returns the parts that are measured apart: PanNuke's splits, or the set itself. */
function partsOf(sets: readonly TestSet[]): { split?: string; set: TestSet; index: number }[] {
  return sets.length === 1 && sets[0]!.fold === undefined
    ? [{ set: sets[0]!, index: 0 }]
    : splits.flatMap(({ name, test }, index) => {
        const set = sets.find(({ fold }) => fold === test);
        return set ? [{ split: name, set, index }] : [];
      });
}

async function evaluateSet(
  set: TestSet,
  predictions: Predictions,
  { classes, draw, progress }: EvaluateOptions,
): Promise<Evaluation[]> {
  if (draw !== undefined && !set.fields.every(({ image }) => image)) {
    throw new HoverslideError(
      'usage',
      `option draw: expected images of the fields in ${set.folder}; found none`,
      { option: 'draw' },
    );
  }
  const translations = classes.map((target) => ({
    target,
    truth: set.classes.translation(target),
    prediction: predictions.classes.translation(target),
    fields: [] as FieldMeasures[],
  }));
  const worst: WorstField[] = [];
  for (const [k, field] of set.fields.entries()) {
    progress?.(predictions.name, field.name, k, set.fields.length);
    const [trueLabels, predictedLabels] = [await field.truth(), await predictions.of(field)];
    const { truth, prediction } = await onOneGrid(field, trueLabels, predictedLabels);
    const shared = await overlap(truth, prediction);
    for (const translation of translations) {
      const { target } = translation;
      const sameClasses = target.name === set.classes.name && target.name === predictions.classes.name;
      const matches =
        trueLabels.channels && sameClasses
          ? await matchChannels(
              truth.width,
              trueLabels.channels,
              predictedLabels.channels ?? (await splitChannels(prediction)),
            )
          : undefined;
      const translated = translateClasses(shared, translation.truth, translation.prediction);
      const { name, tissue } = field;
      translation.fields.push(measureField(name, translated, target.classes.length, tissue, matches));
    }
    const first = translations[0]!;
    const pq = first.fields.at(-1)!.pq;
    if (draw !== undefined && pq !== null) {
      worst.push({
        field,
        pq,
        truth: recoded(truth, first.truth),
        prediction: recoded(prediction, first.prediction),
      });
      worst.sort((a, b) => a.pq - b.pq);
      worst.length = Math.min(worst.length, worstCount);
    }
  }
  if (draw !== undefined) await drawWorst(join(draw, predictions.name), worst, classes[0]!);
  return translations.map(({ target, fields }) => ({
    prediction: predictions.name,
    ...(predictions.note !== undefined && { note: predictions.note }),
    classes: target,
    fields,
    summary: summarise(fields, target.classes),
  }));
}

/**
 * Returns both maps in one size: that of a map that has one, else that of the image. Where there is neither, it is that
 * of the box that holds all polygons.
 */
async function onOneGrid(field: TestField, truth: FieldLabels, prediction: FieldLabels) {
  const sources = [truth.source, prediction.source];
  const { width, height } = sources.find(({ sized }) => sized) ??
    (await field.image?.size()) ?? {
      width: Math.max(...sources.map((source) => source.width)),
      height: Math.max(...sources.map((source) => source.height)),
    };
  return { truth: truth.source.toMap(width, height), prediction: prediction.source.toMap(width, height) };
}

async function drawWorst(folder: string, worst: readonly WorstField[], classes: ClassSet): Promise<void> {
  await makeFolder(folder);
  for (const [k, { field, pq, truth, prediction }] of worst.entries()) {
    const file = join(folder, `worst-${k + 1}-${field.name}-pq-${pq.toFixed(3)}.png`);
    await drawField(file, await field.image!.read(), truth, prediction, classes);
  }
}

function recoded(map: LabelMap, translation: ReadonlyMap<number, number>): LabelMap {
  if (!map.classes) return map;
  return {
    ...map,
    classes: new Map(
      Array.from(map.classes, ([label, id]): [number, number] => [label, translation.get(id)!]),
    ),
  };
}
