import { basename, resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Engine } from '../engine/engine.js';
import { evaluate, type Evaluation, splits } from '../evaluation/evaluate.js';
import { enginePredictions } from '../evaluation/engine-predictions.js';
import { HoverslideError } from '../../src/errors.js';
import { ClassSet } from '../../src/evaluation/classes.js';
import { type Paper, paperClasses, papers, paperTables } from '../../src/evaluation/published.js';
import {
  classTable,
  confusionTable,
  overviewTable,
  type Table,
  tableMarkdown,
  tableText,
} from '../../src/evaluation/tables.js';
import {
  openDataSets,
  openLabelSets,
  openPredictions,
  type Predictions,
  type TestSet,
} from '../../src/evaluation/test-set.js';
import { writeAtomically } from '../../src/files.js';
import { type EngineFlags, engineFrom, micrometres, withEngineOptions } from './engine-options.js';

interface EvaluateFlags extends EngineFlags {
  readonly truth?: string;
  readonly data?: string;
  readonly prediction?: readonly NamedFolder[];
  readonly truthClasses?: string;
  readonly predictionClasses?: string;
  readonly classes?: readonly string[];
  readonly splitModels?: readonly string[];
  readonly mpp?: number;
  readonly paper?: Paper;
  readonly json?: string;
  readonly markdown?: string;
  readonly draw?: string;
}

interface NamedFolder {
  readonly name: string;
  /** Class set of the folder's labels, if it is not that of --prediction-classes. */
  readonly classes?: string;
  readonly folder: string;
}

export function registerEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .summary('measure how good nuclei are, in the numbers of the papers')
    .description(
      'Measures nuclei against known ones, each measure as its reference code has it: Dice, AJI, AJI+, DQ, SQ, PQ, bPQ, ' +
        'mPQ, mPQ+, R2, F_d, and per class PQ, F, precision and recall. With --data the images of a data set are ' +
        'predicted first; with --truth the predictions come from files: label maps (<name>.instances.png with ' +
        '<name>.types.png, PNG, TIFF, .npy), MATLAB arrays, GeoJSON (QuPath, CellViT), JSON of HoVer-Net and CellViT, ' +
        "the output of hoverslide run, or PanNuke's masks.npy.",
    )
    .option(
      '--data <folder>',
      'a data set as it comes, images and labels: predicted with the model, then measured',
    )
    .option('--truth <folder>', 'known nuclei, to measure the predictions of --prediction')
    .option(
      '--prediction <[name=]folder[@set]>',
      'predicted nuclei, of a set of classes; may be given several times',
      namedFolder,
    )
    .option('--truth-classes <set>', "classes of the known nuclei (default: by --data's name, or pannuke)")
    .option('--prediction-classes <set>', 'classes of the predicted nuclei', 'pannuke')
    .option('--classes <list>', 'sets of classes to measure in (default: pannuke)', list)
    .addOption(new Option('--paper <name>', 'put the figures beside the published ones').choices(papers))
    .option(
      '--split-models <list>',
      `three models, for PanNuke's splits ${splits.map(({ name }) => name).join(', ')}`,
      list,
    )
    .option('--mpp <um>', "micrometres per pixel of the images (default: the set's)", micrometres)
    .option('--json <file>', 'everything, with the figures of each image')
    .option('--markdown <file>', 'the tables as Markdown')
    .option('--draw <folder>', 'pictures of the worst fields: image, truth, prediction');
  withEngineOptions(command).action(run);
}

async function run(flags: EvaluateFlags): Promise<void> {
  const sets = openSets(flags);
  const classes = (flags.classes ?? (flags.paper ? paperClasses(flags.paper) : ['pannuke'])).map((name) =>
    ClassSet.load(name),
  );
  const fromFiles = (flags.prediction ?? []).map(({ name, folder, classes: own }) =>
    openPredictions(name, folder, sets, own ?? flags.predictionClasses),
  );
  const engines = flags.data === undefined ? [] : await openEngines(flags);
  let results: Evaluation[];
  try {
    const mpp = flags.mpp ?? sets[0]!.classes.mpp;
    const known = ClassSet.load(flags.predictionClasses ?? 'pannuke');
    const own = engines.map((engine) => enginePredictions(engine, known, mpp));
    const contenders = [...(own.length > 0 ? [own.length === 1 ? own[0]! : own] : []), ...fromFiles];
    requireDistinctNames(contenders);
    results = await evaluate(sets, contenders, { classes, draw: flags.draw, progress });
  } finally {
    await Promise.all(engines.map((engine) => engine.close()));
  }
  const paper = flags.paper ? paperTables(flags.paper, results) : [];
  const tables = [...tablesOf(results), ...paper];
  process.stdout.write(tables.map(tableText).join('\n'));
  if (flags.markdown !== undefined)
    await writeAtomically(flags.markdown, tables.map(tableMarkdown).join('\n'));
  if (flags.json !== undefined) await writeAtomically(flags.json, report(flags, results, paper));
}

function openSets({ data, truth, truthClasses, prediction }: EvaluateFlags): TestSet[] {
  if ((data === undefined) === (truth === undefined)) {
    throw new HoverslideError('usage', 'expected either --data or --truth');
  }
  if (truth !== undefined && !prediction) {
    throw new HoverslideError('usage', '--truth: expected --prediction with it');
  }
  return data !== undefined ? openDataSets(data, truthClasses) : openLabelSets(truth!, truthClasses);
}

/**
 * Opens one engine, or one per split, one after the other. All are opened first, so that a missing model is known
 * before any is used.
 */
async function openEngines(flags: EvaluateFlags): Promise<Engine[]> {
  const models = flags.splitModels ?? [flags.model];
  if (flags.splitModels && flags.splitModels.length !== splits.length) {
    throw new HoverslideError(
      'usage',
      `--split-models: expected ${splits.length} models, found ${flags.splitModels.length}`,
    );
  }
  const engines: Engine[] = [];
  for (const model of models) {
    engines.push(await engineFrom({ ...flags, ...(model !== undefined && { model }) }));
  }
  return engines;
}

function tablesOf(results: readonly Evaluation[]): Table[] {
  const several = new Set(results.map(({ classes }) => classes.name)).size > 1;
  const named = results.map((result) => ({
    ...result,
    prediction: [result.prediction, result.split, several ? `(${result.classes.name})` : undefined]
      .filter((part) => part !== undefined)
      .join(' '),
  }));
  return [
    overviewTable(named),
    ...named.flatMap((result) =>
      result.summary.classes.length > 0 ? [classTable(result), confusionTable(result)] : [],
    ),
  ];
}

function report(flags: EvaluateFlags, results: readonly Evaluation[], paper: readonly Table[]): string {
  const data = {
    truth: flags.data ?? flags.truth,
    results: results.map(({ prediction, note, split, classes, summary, fields }) => ({
      prediction,
      ...(note !== undefined && { note }),
      ...(split !== undefined && { split }),
      classSet: classes.name,
      ...summary,
      fields,
    })),
    ...(paper.length > 0 && { paper }),
  };
  return JSON.stringify(data, null, 1) + '\n';
}

function progress(prediction: string, field: string, done: number, total: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${prediction}: ${field} (${done + 1} of ${total})`);
  if (process.stderr.isTTY && done + 1 === total) process.stderr.write('\r\x1b[K');
}

function requireDistinctNames(contenders: readonly (Predictions | readonly Predictions[])[]): void {
  const names = contenders.map((contender) => ('of' in contender ? contender : contender[0]!).name);
  const twice = names.find((name, k) => names.indexOf(name) !== k);
  if (twice !== undefined) {
    throw new HoverslideError(
      'usage',
      `--prediction: expected names that differ, found '${twice}' twice; say name=folder`,
    );
  }
}

function namedFolder(text: string, previous: readonly NamedFolder[] = []): NamedFolder[] {
  const [, name, folder, classes] = /^(?:([^=/]+)=)?(.+?)(?:@([^@/]+))?$/.exec(text) ?? [];
  if (folder === undefined) throw new InvalidArgumentError('expected a folder, or name=folder@classes.');
  return [
    ...previous,
    { name: name ?? basename(resolve(folder)), folder, ...(classes !== undefined && { classes }) },
  ];
}

function list(text: string): string[] {
  const parts = text.split(',').filter((part) => part !== '');
  if (parts.length === 0) throw new InvalidArgumentError('expected names with commas.');
  return parts;
}
