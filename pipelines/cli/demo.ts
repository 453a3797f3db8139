import { join } from 'node:path';
import type { Command } from 'commander';
import { runSlide } from '../slide/run-slide.js';
import { packageRoot } from '../../src/package-root.js';
import { SlideFolder } from '../../src/table/slide-folder.js';
import { NucleusTable } from '../../src/table/read.js';
import { keepRows } from '../../src/table/rows.js';
import { engineFrom, withEngineOptions, type EngineFlags } from './engine-options.js';
import { ProgressLine } from './progress.js';

/** A real slide of 1.1 x 1.5 mm (CC0), so that a first run needs no data. */
export const sampleSlide = join(packageRoot, 'samples', 'CMU-1-Small-Region.svs');

export function registerDemo(program: Command): void {
  const command = program
    .command('demo')
    .summary('segment the sample slide that comes with hoverslide')
    .option('-o, --out <folder>', 'where results go', 'demo-out');
  withEngineOptions(command).action(async (flags: EngineFlags & { out: string }) => {
    const engine = await engineFrom(flags);
    const line = new ProgressLine();
    try {
      line.begin(sampleSlide);
      const { folder, summary } = await runSlide(
        sampleSlide,
        flags.out,
        engine,
        { tissueMask: true, formats: ['parquet'] },
        { notice: (message) => line.say(message), progress: (progress) => line.update(progress) },
      );
      line.say(`${summary.count} nuclei on ${summary.tissue_area_mm2} mm2 of tissue`);
      const files = new SlideFolder(folder);
      const table = files.table('parquet');
      await printFirstRows(table);
      console.table(
        Object.fromEntries(Object.entries(summary.classes).map(([name, { count }]) => [name, { count }])),
      );
      console.log(`table:   ${table}\npicture: ${files.overview}`);
    } finally {
      await engine.close();
    }
  });
}

/** Prints a few columns of the first rows that count. The whole table is for other programs. */
async function printFirstRows(path: string): Promise<void> {
  const table = await NucleusTable.open(path);
  for await (const rows of table.rowGroups([
    'centroid_x_px',
    'centroid_y_px',
    'class',
    'class_share',
    'area_um2',
    'quality',
  ])) {
    const { count, ...shown } = keepRows(rows, (row) => rows.quality[row] === 'ok');
    const first = Array.from({ length: Math.min(5, count) }, (_, k) =>
      Object.fromEntries(Object.entries(shown).map(([name, values]) => [name, values[k]])),
    );
    console.table(first);
    return;
  }
}
