import { join } from 'node:path';
import type { Command } from 'commander';
import { runSlide } from '../slide/run-slide.js';
import { packageRoot } from '../../src/package-root.js';
import { SlideFolder } from '../../src/table/slide-folder.js';
import { NucleusTable } from '../../src/table/read.js';
import type { SlideSummary } from '../../src/table/summary.js';
import { engineFrom, withEngineOptions, type EngineFlags } from './engine-options.js';
import { ProgressLine } from './progress.js';

/** A real slide of 1.1 x 1.5 mm (CC0), for trials of speed and of nets. */
export const sampleSlide = join(packageRoot, 'samples', 'CMU-1-Small-Region.svs');

/** Part of a real section of 0.3 x 0.3 mm, so that a first run needs no data. */
export const demoSlide = join(packageRoot, 'samples', 'tcga-v5-a7re-region.tif');

export function registerDemo(program: Command): void {
  const command = program
    .command('demo')
    .summary('segment the sample slide that comes with hoverslide')
    .option('-o, --out <folder>', 'where results go', 'demo-out');
  withEngineOptions(command).action(async (flags: EngineFlags & { out: string }) => {
    const engine = await engineFrom(flags);
    const line = new ProgressLine();
    try {
      line.begin(demoSlide);
      const { folder, summary } = await runSlide(
        demoSlide,
        flags.out,
        engine,
        { tissueMask: true, formats: ['parquet'] },
        { notice: (message) => line.say(message), progress: (progress) => line.update(progress) },
      );
      line.say(`${summary.count} nuclei on ${summary.tissue_area_mm2} mm2 of tissue`);
      const files = new SlideFolder(folder);
      const table = files.table('parquet');
      console.table(countsOf(summary));
      console.log('Rows of the table, some of its columns: of each class the nucleus of median area');
      console.table(await typicalRows(table));
      const { name, version, limits } = engine.model.card;
      console.log(`limits of ${name} ${version}: ${limits}. For research use only.`);
      console.log(`table:   ${table}\npicture: ${files.overview}\nnuclei:  ${files.examples}`);
    } finally {
      await engine.close();
    }
  });
}

/** Returns number and median area of nuclei by class. */
function countsOf({ classes }: SlideSummary): Record<string, object> {
  return Object.fromEntries(
    Object.entries(classes).map(([name, { count, area_um2 }]) => [
      name,
      { nuclei: count, 'median area, um2': area_um2.median },
    ]),
  );
}

const shownColumns = [
  'class',
  'class_share',
  'centroid_x_px',
  'centroid_y_px',
  'area_um2',
  'solidity',
  'quality',
] as const;

/** Returns a row of each class, of the nuclei that count: that in the middle of its class by area. The whole table is for other programs. */
async function typicalRows(path: string): Promise<object[]> {
  const table = await NucleusTable.open(path);
  const rows = new Map<string, { area_um2: number }[]>(table.classes.map(({ name }) => [name, []]));
  for await (const { count, ...values } of table.rowGroups(shownColumns)) {
    for (let k = 0; k < count; k++) {
      if (values.quality[k] !== 'ok') continue;
      const row = {
        class: values.class[k]!,
        class_share: rounded(values.class_share[k]!),
        centroid_x_px: rounded(values.centroid_x_px[k]!),
        centroid_y_px: rounded(values.centroid_y_px[k]!),
        area_um2: rounded(values.area_um2[k]!),
        solidity: rounded(values.solidity[k]!),
      };
      rows.get(row.class)!.push(row);
    }
  }
  return [...rows.values()].flatMap((list) => {
    list.sort((a, b) => a.area_um2 - b.area_um2); // equal ones stay in the table's order
    return list.length > 0 ? [list[(list.length - 1) >> 1]!] : [];
  });
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}
