import { ByteWriter, parquetWrite, type ColumnSource } from 'hyparquet-writer';
import Papa from 'papaparse';
import { writeAtomically } from '../files.js';
import type { GroupSummary, SlideSummary } from '../table/summary.js';
import { zstd } from '../table/zstd.js';
import { classesOf, reasonOf, type Entry } from './cohort-entries.js';
import { flagsOf } from './quality.js';

/** One column of the cohort table, with one value per slide. */
export interface CohortColumn {
  readonly name: string;
  readonly type: 'STRING' | 'DOUBLE';
  readonly values: readonly (string | number | null)[];
}

type Measure = (summary: SlideSummary) => number | null | undefined;

/**
 * Makes the columns of the cohort table. This is the one place that defines them. Slides without results have nulls.
 * Nothing in the table depends on when, where or in how many runs the slides were done.
 */
export function cohortColumns(entries: readonly Entry[]): CohortColumn[] {
  const classes = classesOf(entries);
  const flags = flagsOf(entries, classes);
  const text = (name: string, of: (entry: Entry, index: number) => string): CohortColumn => ({
    name,
    type: 'STRING',
    values: entries.map(of),
  });
  const number = (name: string, of: Measure): CohortColumn => ({
    name,
    type: 'DOUBLE',
    values: entries.map(({ results }) => (results ? (of(results.summary) ?? null) : null)),
  });
  const ofClass = (
    name: string,
    suffix: string,
    of: (group: GroupSummary & { fraction: number }) => number | null,
  ) => number(`${name}_${suffix}`, ({ classes }) => (classes[name] ? of(classes[name]) : null));

  const ours = [
    text('id', ({ state }) => state.row.id),
    text('state', ({ state }) => state.state),
    text('reason', reasonOf),
    text('slide', ({ state }) => state.row.path),
    text('model', ({ results }) =>
      results ? `${results.record.model.card.name} ${results.record.model.card.version}` : '',
    ),
    number('mpp', ({ mpp }) => mpp),
    number('tissue_area_mm2', (summary) => summary.tissue_area_mm2),
    number('nuclei', ({ count }) => count),
    number('density_per_mm2', (summary) => summary.density_per_mm2),
    number('median_area_um2', ({ area_um2 }) => area_um2.median),
    ...classes.flatMap((name) => [
      ofClass(name, 'count', ({ count }) => count),
      ofClass(name, 'density_per_mm2', (group) => group.density_per_mm2),
      ofClass(name, 'fraction', ({ fraction }) => fraction),
      ofClass(name, 'median_area_um2', ({ area_um2 }) => area_um2.median),
    ]),
    number('neoplastic_to_inflammatory', neoplasticToInflammatory),
    text('qc_flags', (_, index) => flags[index]!.join(';')),
  ];
  const taken = new Set(ours.map(({ name }) => name));
  const theirs = [...new Set(entries.flatMap(({ state }) => Object.keys(state.row.columns)))].map((name) =>
    text(taken.has(name) ? `manifest_${name}` : name, ({ state }) => state.row.columns[name] ?? ''),
  );
  return [...ours.slice(0, 4), ...theirs, ...ours.slice(4)];
}

/**
 * Returns the ratio of the two classes; null if there are no inflammatory nuclei, or a model does not have the classes.
 */
function neoplasticToInflammatory({ classes: { neoplastic, inflammatory } }: SlideSummary): number | null {
  if (!neoplastic || !inflammatory?.count) return null;
  return Number((neoplastic.count / inflammatory.count).toFixed(6));
}

/** Writes the cohort table as CSV. @throws HoverslideError `output` */
export async function writeCohortCsv(path: string, columns: readonly CohortColumn[]): Promise<void> {
  const rows = columns[0]!.values.map((_, index) => columns.map(({ values }) => values[index]));
  const fields = columns.map(({ name }) => name);
  await writeAtomically(path, `${Papa.unparse({ fields, data: rows }, { newline: '\n' })}\n`);
}

/** Writes the cohort table as Parquet. @throws HoverslideError `output` */
export async function writeCohortParquet(path: string, columns: readonly CohortColumn[]): Promise<void> {
  const writer = new ByteWriter();
  const { compress } = await zstd();
  const columnData: ColumnSource[] = columns.map(({ name, type, values }) => ({
    name,
    type,
    data: [...values],
    nullable: type === 'DOUBLE',
  }));
  await parquetWrite({ writer, columnData, codec: 'ZSTD', compressors: { ZSTD: compress } });
  await writeAtomically(path, writer.getBytes());
}
