import { InvalidArgumentError, Option, type Command } from 'commander';
import { endsRun, isRequeued } from '../cohort/attempt.js';
import { runCohort } from '../cohort/run-cohort.js';
import type { CohortProgress } from '../cohort/cohort-progress.js';
import { openCohort, type CohortObserver } from '../cohort/open-cohort.js';
import type { Shard } from '../cohort/shard.js';
import { stainChoices, type StainChoice } from '../slide/prepare.js';
import { HoverslideError, errorLine } from '../../src/errors.js';
import { implausibilities } from '../../src/table/plausibility.js';
import type { TableFormat } from '../../src/table/open.js';
import type { SlideSummary } from '../../src/table/summary.js';
import { engineOptions, micrometres, withEngineOptions, type EngineFlags } from './engine-options.js';
import { flagName } from './flag-name.js';
import { formats } from './formats.js';
import { duration, ProgressLine } from './progress.js';
import { renamed } from './renamed-option.js';
import { stopSignal } from './stop.js';
import { isSupervised, reportBegun, supervise } from './supervise.js';

export interface RunFlags extends EngineFlags {
  readonly manifest?: string;
  readonly out: string;
  readonly mpp?: number;
  readonly forceMpp?: boolean;
  readonly mask?: string;
  readonly tissueMask: boolean;
  readonly roi?: string;
  readonly stain: StainChoice;
  readonly format: readonly TableFormat[];
  readonly shard?: Shard;
  readonly localCopy?: string;
  readonly features: boolean;
  readonly redoOlder?: boolean;
  readonly json?: boolean;
}

export function registerRun(program: Command): void {
  const command = program
    .command('run')
    .summary('segment slides: one table of nuclei per slide')
    .description(
      'Segments and classifies the nuclei of whole slides (anything OpenSlide reads) or plain TIFF, PNG and JPEG ' +
        'images. Writes per slide, to OUT/<file name without its ending>/: the table, summary.json, overview.png and ' +
        'run.json. A slide that fails does not stop the others. A run that was stopped goes on where it was when the ' +
        'same command is given again; slides that are done are not done again, unless the model, the options or the ' +
        'file changed. Several runs may share one OUT.',
    )
    .argument('[slide...]', 'slides, folders of slides, or patterns in quotes')
    .option(
      '--manifest <csv>',
      'a row per slide: slide, and if wanted id, mpp, mask, roi, model and columns of your own',
    )
    .requiredOption('-o, --out <folder>', 'where results go')
    .option('--mpp <um>', 'micrometres per pixel, in place of what the slide says', micrometres)
    .option('--force-mpp', "run also where the slide, or the model's range, speaks against the pixel size")
    .option('--mask <file>', 'GeoJSON or an image that says where the tissue is')
    .option('--roi <region>', 'only nuclei in here: x,y,w,h in level-0 pixels, or a GeoJSON file')
    .option('--no-tissue-mask', 'run all of the slide, glass too')
    .addOption(
      new Option(
        '--stain <vectors>',
        "by which stain is measured: the same for all, or each slide's own (Macenko)",
      )
        .choices(stainChoices)
        .default('fixed'),
    )
    .option('--format <list>', 'parquet, csv, geojson, or several with commas', formats, ['parquet'])
    .option('--no-features', 'tables alone: no features.json, context.parquet and tiles.parquet')
    .option(
      '--redo-older',
      'do slides again whose tables another version of hoverslide made, which may differ',
    )
    .option('--shard <i/n>', 'only the i-th of n parts, balanced by file size', shard)
    .option('--local-copy <folder>', "copy each slide to this machine's own disk before it is read")
    .addOption(renamed('--stage <folder>', '--local-copy'))
    .option('--json', 'one line of JSON per slide on stdout, no progress');
  withEngineOptions(command).action(async (slides: string[], flags: RunFlags) => {
    // Threads may still be at work after a stop that could not wait for them.
    process.exit(isSupervised() ? await run(slides, flags) : await supervise());
  });
}

async function run(slides: readonly string[], flags: RunFlags): Promise<number> {
  const { manifest, out, mpp, mask, roi, model } = flags;
  if (slides.length > 0 === (manifest !== undefined)) {
    throw new HoverslideError('usage', 'expected slides, or --manifest, and not both');
  }
  const cohort = await openCohort({ slides, manifest, mpp, mask, roi, model });
  for (const notice of cohort.notices) process.stderr.write(`hoverslide: ${notice}\n`);
  const { tissueMask, forceMpp, stain, format, features, redoOlder, shard, localCopy } = flags;
  const options = {
    engine: engineOptions(flags),
    tissueMask,
    forceMpp,
    stain,
    formats: format,
    features,
    redoOlder,
    shard,
    localDisk: localCopy,
  };
  const observer = flags.json ? jsonObserver() : terminalObserver();
  const begin: CohortObserver['begin'] = (slide, progress, why) => {
    reportBegun();
    observer.begin?.(slide, progress, why);
  };
  const stalled: CohortObserver['stalled'] = ({ path }, where) => {
    process.stderr.write(`\nhoverslide: ${path}: no progress for an hour ${where}; ending this process\n`);
    process.kill(process.pid, 'SIGKILL'); // its threads cannot be ended otherwise; the supervisor starts a new process
  };
  const stop = stopSignal();
  stop.addEventListener('abort', () => {
    process.stderr.write(
      '\nhoverslide: stopping at the next safe point (up to 15 s); Ctrl-C once more ends at once\n',
    );
  });
  return runCohort(cohort, out, options, { ...observer, begin, stalled }, stop);
}

function terminalObserver(): CohortObserver {
  const line = new ProgressLine();
  const told = new Set<string>();
  /** Slides at work and what the line calls them. The line is about the first one. */
  const atWork = new Map<string, string>();
  const first = () => atWork.entries().next().value;
  const ended = (id: string) => {
    const shown = first()?.[0] === id;
    atWork.delete(id);
    const next = first();
    if (shown && next) line.begin(next[1]);
  };
  return {
    begin: ({ id, path }, cohort, why) => {
      if (why !== undefined) line.say(`${id}: ${why}`);
      const label = `${cohortLabel(cohort)}${path}`;
      atWork.set(id, label);
      if (atWork.size === 1) line.begin(label);
    },
    notice: (message) => line.say(message),
    progress: (progress, { id }) => {
      if (first()?.[0] === id) line.update(progress);
    },
    done: ({ id, folder, summary }, state) => {
      ended(id);
      line.say(
        state.state === 'skipped'
          ? `${id}: skipped: ${state.reason}`
          : `${id}: ${summary.count} nuclei${setAside(summary)} on ${summary.tissue_area_mm2} mm2 of tissue -> ${folder}`,
      );
      for (const name of Object.keys(summary.not_learned)) {
        if (!told.has(name)) line.say(`the model has not learned the class '${name}': no result has it`);
        told.add(name);
      }
      for (const { flag, meaning } of implausibilities) {
        if (summary.flags.includes(flag)) line.say(`${id}: look at it: ${meaning}`);
      }
    },
    failed: ({ id, path }, error) => {
      ended(id);
      if (!endsRun(error)) line.say(failureLine(path, error)); // otherwise the command ends with this error
    },
    settled: ({ id }, state) =>
      line.say(state.state === 'failed' ? `${id}: failed: ${state.error}` : `${id}: ${state.state} already`),
    waiting: (slides) => line.wait(`other runs work on ${slides.map(({ id }) => id).join(', ')}`),
  };
}

function jsonObserver(): CohortObserver {
  const print = (record: object) => process.stdout.write(`${JSON.stringify(record)}\n`);
  const noticesOf = new Map<string, string[]>();
  return {
    begin: ({ id }) => void noticesOf.set(id, []),
    notice: (message, { id }) => noticesOf.get(id)?.push(message),
    done: ({ id, folder, summary }, { state }) =>
      print({ slide: id, state, folder, notices: noticesOf.get(id), summary }),
    failed: ({ id }, error) => {
      const kind = error instanceof HoverslideError ? error.kind : 'internal';
      print({
        slide: id,
        state: isRequeued(error) ? 'queued' : 'failed',
        kind,
        error: errorLine(error),
        notices: noticesOf.get(id),
      });
    },
    settled: ({ id }, state) => {
      if (state.state !== 'failed') print({ slide: id, state: state.state, already: true });
      else print({ slide: id, state: 'failed', kind: state.kind, error: state.error, notices: [] });
    },
  };
}

/** Returns how many nuclei a summary leaves out, and why; empty if none. */
function setAside({ set_aside }: SlideSummary): string {
  const counts = Object.entries(set_aside).filter(([, count]) => count > 0);
  return counts.length === 0
    ? ''
    : ` (and ${counts.map(([name, count]) => `${count} ${name}`).join(', ')}, set aside)`;
}

/** Returns the progress of the cohort as text; empty for a single slide. */
function cohortLabel({ slides, settled, failed, secondsLeft }: CohortProgress): string {
  if (slides === 1) return '';
  const failures = failed > 0 ? `, ${failed} failed` : '';
  const left = secondsLeft === undefined ? '' : `, about ${duration(secondsLeft)} left`;
  return `[slide ${settled + 1} of ${slides}${failures}${left}] `;
}

/**
 * Returns the line about a failure. A HoverslideError names the file itself; an internal error does not, so the file is
 * added.
 */
function failureLine(path: string, error: unknown): string {
  if (error instanceof HoverslideError) return `hoverslide: ${error.naming(flagName).message}`;
  return `hoverslide: ${path}: internal error: ${errorLine(error)}`;
}

function shard(text: string): Shard {
  const [index, count] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).slice(1).map(Number);
  if (index === undefined || count === undefined || index < 1 || index > count) {
    throw new InvalidArgumentError('expected i/n with i from 1 to n, for instance 1/4.');
  }
  return { index, count };
}
