import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import sharp from 'sharp';
import { cohortFile } from '../../src/cohort/cohort-files.js';
import { AtomicFile, isThere } from '../../src/files.js';
import { readEntries, type Entry } from '../../src/report/cohort-entries.js';
import { cohortColumns, writeCohortCsv, writeCohortParquet } from '../../src/report/cohort-table.js';
import { withFeatures } from '../../src/report/feature-table.js';
import { reportPage } from '../../src/report/page.js';
import { SlideFolder } from '../../src/table/slide-folder.js';
import { thumbnailSide } from '../../src/picture/picture.js';
import { cohortMaps } from './cohort-maps.js';
import { writeFeatureTables } from './feature-tables.js';

/** Largest number of slides whose sheets of nuclei, some 150 kB each, are in the page itself. With more it links to them. */
const mostSheets = 100;

/**
 * Writes the final files of a cohort: cohort.parquet and cohort.csv, a row per slide; the tables of features, where slides
 * have them (feature-tables.ts); and report.html.
 * @returns the slides
 * @throws HoverslideError `missing` if there is no cohort in the folder, `output`
 */
export async function reportCohort(out: string): Promise<Entry[]> {
  const entries = await readEntries(out);
  const columns = cohortColumns(entries);
  await writeCohortParquet(cohortFile(out, 'parquet'), columns);
  await writeCohortCsv(cohortFile(out, 'csv'), columns);
  const featured = withFeatures(entries);
  const featureFiles = await writeFeatureTables(out, featured);
  const maps = await cohortMaps(out, featured);
  const side = sideOf(entries.length);
  const shown = entries.filter(({ results }) => results).length;
  const pictures = async ({ state }: Entry) => {
    const folder = new SlideFolder(join(out, state.row.id));
    const overview = await readThumbnail(folder.thumbnail, side);
    if (!(await isThere(folder.examples))) return { overview, nuclei: undefined };
    return { overview, nuclei: shown <= mostSheets ? await readFile(folder.examples) : ('linked' as const) };
  };
  const file = await AtomicFile.open(cohortFile(out, 'report'));
  try {
    for await (const part of reportPage(basename(resolve(out)), entries, pictures, maps, featureFiles))
      await file.write(Buffer.from(part));
    await file.commit();
  } catch (error) {
    await file.discard();
    throw error;
  }
  return entries;
}

/**
 * Returns the side of a picture in the report. Pictures shrink where there are many, since a browser opens some tens of
 * megabytes with ease.
 */
function sideOf(slides: number): number {
  return slides <= 300 ? thumbnailSide : slides <= 1500 ? 240 : 140;
}

async function readThumbnail(path: string, side: number): Promise<Uint8Array | undefined> {
  const picture = await readFile(path).catch(() => undefined);
  if (!picture || side === thumbnailSide) return picture;
  return sharp(picture).resize({ width: side, height: side, fit: 'inside' }).jpeg({ quality: 70 }).toBuffer();
}
