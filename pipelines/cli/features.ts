import { InvalidArgumentError, type Command } from 'commander';
import { errorLine, exitCodes } from '../../src/errors.js';
import { featuresOfResults } from '../features/features-of-results.js';
import { defaultInterval } from '../features/features-of-slide.js';

interface FeatureFlags {
  readonly regions?: string;
  readonly interval: number;
}

const mostResamples = 9999;

export function registerFeatures(program: Command): void {
  program
    .command('features')
    .summary('make features of slides from their tables, without the net')
    .description(
      'Computes the features of done slides from their tables: densities, shapes, distances, tumour and stroma, each with ' +
        'an interval or the reason why it has no value. Writes context.parquet (what is around each nucleus), ' +
        "tiles.parquet and features.json into the slides' folders; `hoverslide report` makes one table of them. A slide " +
        'whose features are up to date keeps them. `hoverslide run` does the same for every slide, without regions.',
    )
    .argument('<results>', 'folder of results of a run, or of one slide in it')
    .option(
      '--regions <path>',
      'regions drawn in QuPath: GeoJSON of a slide, or a folder with <slide>.geojson. Each gets features of its own by its ' +
        'name or class; `tumour` takes the place of the tumour region that is derived from nuclei',
    )
    .option('--interval <number>', 'resamples for the intervals; 0 for none', resamples, defaultInterval)
    .action(async (results: string, flags: FeatureFlags) => {
      const { failures } = await featuresOfResults(results, flags, {
        done: ({ features }, kept) => console.log(kept ? `${features}: up to date` : features),
        failed: (_, error) => console.error(`hoverslide: ${errorLine(error)}`),
      });
      if (failures > 0) process.exitCode = exitCodes.partial;
    });
}

function resamples(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > mostResamples) {
    throw new InvalidArgumentError(`expected a whole number from 0 to ${mostResamples}.`);
  }
  return number;
}
