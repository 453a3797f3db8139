import { InvalidArgumentError, type Command } from 'commander';
import { runSlides, type RunObserver } from '../../pipelines/run.js';
import { HoverslideError, errorLine } from '../errors.js';
import { tableFiles, type TableFormat } from '../table/open.js';
import { engineFrom, micrometres, withEngineOptions, type EngineFlags } from './engine-options.js';
import { ProgressLine } from './progress.js';
import { stopSignal } from './stop.js';

interface RunFlags extends EngineFlags {
  readonly out: string;
  readonly mpp?: number;
  readonly mask?: string;
  readonly tissueMask: boolean;
  readonly roi?: string;
  readonly format: readonly TableFormat[];
  readonly json?: boolean;
}

export function registerRun(program: Command): void {
  const command = program
    .command('run')
    .summary('segment slides: one table of nuclei per slide')
    .description(
      'Segments and classifies the nuclei of whole slides (anything OpenSlide reads) or plain TIFF, PNG and JPEG\n' +
        'images. Writes per slide, to OUT/<file name without its ending>/: the table, summary.json, overview.png and\n' +
        'run.json. A run that was stopped goes on where it was when the same command is given again.',
    )
    .argument('<slide...>', 'slides or images')
    .requiredOption('-o, --out <folder>', 'where results go')
    .option('--mpp <um>', 'micrometres per pixel, in place of what the slide says', micrometres)
    .option('--mask <file>', 'GeoJSON or PNG that says where the tissue is')
    .option('--roi <region>', 'only nuclei in here: x,y,w,h in level-0 pixels, or a GeoJSON file')
    .option('--no-tissue-mask', 'run all of the slide, glass too')
    .option('--format <list>', 'parquet, csv, geojson, or several with commas', formats, ['parquet'])
    .option('--json', 'one line of JSON per slide on stdout, no progress');
  withEngineOptions(command).action(async (slides: string[], flags: RunFlags) => {
    process.exitCode = await run(slides, flags);
  });
}

async function run(slides: readonly string[], flags: RunFlags): Promise<number> {
  const engine = await engineFrom(flags);
  try {
    const options = { mpp: flags.mpp, mask: flags.mask, tissueMask: flags.tissueMask, roi: flags.roi, formats: flags.format };
    const observer = flags.json ? jsonObserver() : terminalObserver();
    return await runSlides(slides, flags.out, engine, options, observer, stopSignal());
  } finally {
    await engine.close();
  }
}

function terminalObserver(): RunObserver {
  const line = new ProgressLine();
  return {
    begin: (path) => line.begin(path),
    notice: (message) => line.say(message),
    progress: (progress) => line.update(progress),
    done: ({ folder, summary }) =>
      line.say(
        `${summary.slide}: ${summary.count} nuclei on ${summary.tissue_area_mm2} mm2 of tissue -> ${folder}`,
      ),
    failed: (path, error) => line.say(failureLine(path, error)),
  };
}

function jsonObserver(): RunObserver {
  const print = (record: object) => process.stdout.write(`${JSON.stringify(record)}\n`);
  const notices: string[] = [];
  return {
    begin: () => notices.splice(0),
    notice: (message) => notices.push(message),
    done: ({ id, folder, summary }) => print({ slide: id, state: 'done', folder, notices, summary }),
    failed: (path, error) => {
      const kind = error instanceof HoverslideError ? error.kind : 'internal';
      print({
        slide: path,
        state: kind === 'stopped' ? 'stopped' : 'failed',
        kind,
        error: errorLine(error),
        notices,
      });
    },
  };
}

/** The error's own line names the file already, unless it is a fault of ours. */
function failureLine(path: string, error: unknown): string {
  if (error instanceof HoverslideError) return `hoverslide: ${error.message}`;
  return `hoverslide: ${path}: internal error: ${errorLine(error)}`;
}

function formats(text: string): TableFormat[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !Object.hasOwn(tableFiles, name));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(`expected ${Object.keys(tableFiles).join(', ')}, found '${unknown}'.`);
  }
  return [...new Set(names as TableFormat[])];
}
