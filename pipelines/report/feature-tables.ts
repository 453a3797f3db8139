import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { cohortFile } from '../../src/cohort/cohort-files.js';
import { dictionaryJson, dictionaryMarkdown } from '../../src/features/dictionary.js';
import { naming, writeAtomically } from '../../src/files.js';
import { type CohortColumn, writeCohortCsv, writeCohortParquet } from '../../src/report/cohort-table.js';
import {
  explainedBy,
  featureColumns,
  type FeatureEntry,
  patientColumns,
  regionColumns,
  varianceColumns,
} from '../../src/report/feature-table.js';

/**
 * Writes the tables of a cohort's features: a row per slide, per region, per patient; how much of each feature columns of
 * the manifest explain; and the data dictionary. Tables of an earlier report for which there is nothing now are removed.
 * @returns the names of the tables that there are
 * @throws HoverslideError `output`
 */
export async function writeFeatureTables(out: string, entries: readonly FeatureEntry[]): Promise<string[]> {
  const some = entries.length > 0;
  const explained = explainedBy(entries);
  const tables = [
    { csv: 'featuresCsv', parquet: 'featuresParquet', columns: some ? featureColumns(entries) : undefined },
    { csv: 'patientsCsv', parquet: 'patientsParquet', columns: patientColumns(entries) },
    { csv: 'regionsCsv', parquet: 'regionsParquet', columns: regionColumns(entries) },
  ] as const;
  const written: string[] = [];
  const file = async (path: string, write: ((path: string) => Promise<void>) | undefined, isTable = true) => {
    if (!write) return naming(path, () => rm(path, { force: true }));
    await write(path);
    if (isTable) written.push(basename(path));
  };
  const csv = (columns: readonly CohortColumn[] | undefined) =>
    columns && ((path: string) => writeCohortCsv(path, columns));
  for (const { csv: text, parquet, columns } of tables) {
    await file(cohortFile(out, text), csv(columns));
    await file(cohortFile(out, parquet), columns && ((path) => writeCohortParquet(path, columns)));
  }
  await file(
    cohortFile(out, 'varianceCsv'),
    csv(explained.length > 0 ? varianceColumns(explained) : undefined),
  );
  await file(
    cohortFile(out, 'dictionary'),
    some ? (path) => writeAtomically(path, dictionaryMarkdown()) : undefined,
    false,
  );
  await file(
    cohortFile(out, 'dictionaryJson'),
    some ? (path) => writeAtomically(path, dictionaryJson()) : undefined,
    false,
  );
  return written;
}
