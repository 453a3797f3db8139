import { readFile, stat } from 'node:fs/promises';
import { InvalidArgumentError, type Command } from 'commander';
import { HoverslideError, errorLine, exitCodes } from '../../src/errors.js';
import { openDataSets } from '../../src/evaluation/test-set.js';
import { parseCard, type ModelCard, type Seamless } from '../../src/model/card.js';
import { embeddedModel, embeddedModels, modelFile } from '../../src/model/embedded.js';
import { openModel, writeCard, type Model } from '../../src/model/model.js';
import { openEngine, type Engine } from '../engine/engine.js';
import { calibrateByLabels, calibrateByTissue } from '../model/calibrate.js';
import { checkModel } from '../model/check-model.js';
import { demoSlide } from './demo.js';
import { engineOptions, micrometres, withEngineFlags, type EngineFlags } from './engine-options.js';

export function registerModel(program: Command): void {
  program.command('models').summary('list the models that come with hoverslide').action(listModels);
  const command = program
    .command('model')
    .summary('look at a net, attach a card to it, calibrate and check it')
    .description(
      'Makes a net of your own ready to run. An ONNX file needs a card (card), the constants of post-processing\n' +
        '(calibrate), and a look at what it finds (check); docs/models.md has the whole way.',
    );
  command
    .command('show')
    .summary('say what a model is')
    .argument('<model>', 'name of a model that comes with hoverslide, or an ONNX file')
    .action(show);
  command
    .command('card')
    .summary("print a model's card, or attach one")
    .argument('<model>', 'name of a model that comes with hoverslide, or an ONNX file')
    .option('--from <file>', 'card to attach, JSON')
    .option('-o, --out <file>', 'where the model goes with its new card (default: it is replaced)')
    .action(card);
  withEngineFlags(
    command
      .command('calibrate')
      .summary('find the constants of post-processing, and put them into the card')
      .description(
        'Finds the constants that post-processing needs besides the net: with --data by a search for the best panoptic\n' +
          'quality on labelled fields (not those that the model is judged by later), or without labels from the gradients\n' +
          'on tissue of some slides.',
      )
      .argument('<model>', 'ONNX file with a card')
      .argument('[slides...]', 'slides with typical tissue, where there are no labels')
      .option('--data <folder>', 'labelled fields, images and labels as evaluate takes them')
      .option('--mpp <um>', "micrometres per pixel of the fields (default: the files')", micrometres)
      .option('--sobel <taps>', 'size of the Sobel, for nets of 0.5 um/px often 11', taps, 21)
      .option('-o, --out <file>', 'where the model goes with its new card (default: it is replaced)'),
  ).action(calibrate);
  withEngineFlags(
    command
      .command('check')
      .summary('run a model on some tissue and say what is odd about what it finds')
      .description(
        'Runs a model on blocks of tissue and says what comes out: number, size and classes of nuclei, and whether the\n' +
          'distances h and v point where they should. Exit code 68 if something speaks against the model.',
      )
      .argument('<model>', 'name of a model that comes with hoverslide, or an ONNX file')
      .option('--slide <file>', 'slide to take the tissue from', demoSlide),
  ).action(check);
}

async function listModels(): Promise<void> {
  for (const name of embeddedModels()) {
    const { card, path } = await openModel(name);
    const usual = path === embeddedModel ? ' (the default)' : '';
    console.log(`${name.padEnd(20)} ${card.version}, ${card.mpp} um/px, ${card.licence}${usual}`);
    console.log(`${' '.repeat(20)} ${card.limits}`);
  }
}

async function show(nameOrPath: string): Promise<void> {
  const { path, hash, card } = await openModel(nameOrPath);
  const { size } = await stat(path);
  const say = (what: string, found: string) => console.log(`${what.padEnd(12)}${found}`);
  say('model', `${card.name} ${card.version}`);
  say('file', `${path} (${(size / 1e6).toFixed(1)} MB)`);
  say('sha256', hash);
  say('pixel size', `${card.mpp} um, runs on slides of ${card.mpp_range.join(' to ')} um`);
  say('patch', `sees ${card.patch} px, keeps the middle ${card.stride} px`);
  const classes = card.classes.map(({ name, role }) => (role === undefined ? name : `${name} (${role})`));
  say('classes', classes.join(', '));
  say('constants', card.seamless ? describe(card.seamless) : 'none: it runs on no slide until calibrated');
  say('training', card.training);
  say('limits', card.limits);
  say('licence', card.licence);
}

async function card(nameOrPath: string, { from, out }: { from?: string; out?: string }): Promise<void> {
  if (from === undefined) {
    console.log(JSON.stringify((await openModel(nameOrPath)).card, null, 2));
    return;
  }
  let text: string;
  try {
    text = await readFile(from, 'utf8');
  } catch (error) {
    throw new HoverslideError('missing', `card ${from}: cannot be read: ${errorLine(error)}`, {
      cause: error,
    });
  }
  await save(modelFile(nameOrPath), parseCard(from, text), out);
}

interface CalibrateFlags extends EngineFlags {
  readonly data?: string;
  readonly mpp?: number;
  readonly sobel: number;
  readonly out?: string;
}

async function calibrate(nameOrPath: string, slides: string[], flags: CalibrateFlags): Promise<void> {
  const { data, mpp, sobel, out } = flags;
  if ((data === undefined) === (slides.length === 0)) {
    throw new HoverslideError('usage', 'expected slides, or labelled fields with option data', {
      option: 'data',
    });
  }
  const model = await openModel(nameOrPath);
  // The constants have no part in the net's maps, from which new ones are found.
  const any: Seamless = { h: [-1, 1], v: [-1, 1], sobel, marker: 0.5 };
  const uncalibrated = { ...model, card: { ...model.card, seamless: model.card.seamless ?? any } };
  const seamless = await withEngine(uncalibrated, flags, async (engine) => {
    if (data === undefined) return calibrateByTissue(slides, engine, sobel);
    const sets = openDataSets(data);
    const fields = sets.flatMap((set) => set.fields);
    const total = 2 * fields.length;
    const candidates = await calibrateByLabels(fields, engine, sobel, mpp, (done, field) => {
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${done} of ${total}: ${field}`);
    });
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    console.table(
      candidates.map(({ scale, constants, quality }) => ({
        'share of the range': scale,
        marker: constants.marker,
        PQ: Number(quality.toFixed(4)),
      })),
    );
    return candidates[0]!.constants;
  });
  console.log(`constants: ${describe(seamless)}`);
  await save(model.path, { ...model.card, seamless }, out);
}

async function check(nameOrPath: string, flags: EngineFlags & { readonly slide: string }): Promise<void> {
  const model = await openModel(nameOrPath);
  const found = await withEngine(model, flags, (engine) => checkModel(flags.slide, engine));
  const say = (what: string, text: string) => console.log(`${what.padEnd(12)}${text}`);
  const correlation = (value: number | null) => value?.toFixed(2) ?? 'none';
  const classes = Object.entries(found.classes).filter(([, count]) => count > 0);
  say('model', `${model.card.name} ${model.card.version} (${model.path})`);
  say('tissue', flags.slide);
  say('nuclei', `${found.nuclei}, ${found.densityPerMm2.toFixed(0)} per mm2`);
  say('area', `median ${found.medianAreaUm2?.toFixed(1) ?? '-'} um2`);
  say('classes', classes.map(([name, count]) => `${count} ${name}`).join(', ') || 'none');
  say('np', `${(100 * found.nuclear).toFixed(1)} % of the pixels are nucleus`);
  say('h', `follows x with a correlation of ${correlation(found.along.h)}`);
  say('v', `follows y with a correlation of ${correlation(found.along.v)}`);
  for (const doubt of found.doubts) say('odd', doubt);
  if (found.doubts.length > 0) process.exitCode = exitCodes.model;
  else console.log('Nothing odd. Look at its overlays and measure it with evaluate before you rely on it.');
}

async function withEngine<Result>(
  model: Model,
  flags: EngineFlags,
  work: (engine: Engine) => Promise<Result>,
): Promise<Result> {
  const engine = await openEngine(model, engineOptions(flags));
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

async function save(path: string, card: ModelCard, out = path): Promise<void> {
  await writeCard(path, card, out);
  const { hash } = await openModel(out);
  console.log(`${card.name} ${card.version} -> ${out} (sha256 ${hash.slice(0, 8)})`);
}

function describe({ h, v, sobel, marker, source }: Seamless): string {
  const range = ([low, high]: readonly number[]) => `${low!.toExponential(2)} to ${high!.toExponential(2)}`;
  return `h ${range(h)}, v ${range(v)}, Sobel ${sobel}, marker ${marker}${source === undefined ? '' : ` (${source})`}`;
}

function taps(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 3 || value > 21 || value % 2 === 0)
    throw new InvalidArgumentError('expected an odd number from 3 to 21.');
  return value;
}
