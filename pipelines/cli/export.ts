import type { Command } from 'commander';
import { errorLine, exitCodes } from '../../src/errors.js';
import type { TableFormat } from '../../src/table/open.js';
import { exportResults } from '../export/export-results.js';
import { formats } from './formats.js';

interface ExportFlags {
  readonly format: readonly TableFormat[];
  readonly roi?: string;
  readonly where?: string;
  readonly to?: string;
}

export function registerExport(program: Command): void {
  program
    .command('export')
    .summary('write tables in other formats, whole or in part, without the net')
    .description(
      'Writes the tables of done slides in other formats, from their nuclei.parquet, in the bytes that a run with that ' +
        '--format writes. A part (--roi, --where) goes into a folder of its own (--to), as <folder>/<slide>/nuclei.*.',
    )
    .argument('<results>', 'folder of results of a run, or of one slide in it')
    .requiredOption('--format <list>', 'parquet, csv, geojson, or several with commas', formats)
    .option(
      '--roi <region>',
      'only nuclei with their centroid in here: x,y,w,h in level-0 pixels, or GeoJSON',
    )
    .option('--where <condition>', `only these, for instance "quality = 'ok' and area_um2 > 20"`)
    .option('--to <folder>', "where the files go, in place of the slides' own folders")
    .action(async (results: string, { format, ...options }: ExportFlags) => {
      const { failures } = await exportResults(
        results,
        { formats: format, ...options },
        {
          done: (_, { files, nuclei }) => console.log(`${nuclei} nuclei -> ${files.join(', ')}`),
          failed: (_, error) => console.error(`hoverslide: ${errorLine(error)}`),
        },
      );
      if (failures > 0) process.exitCode = exitCodes.partial;
    });
}
