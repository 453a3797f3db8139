import { ByteWriter, parquetWrite, type ColumnSource } from 'hyparquet-writer';
import Papa from 'papaparse';
import { writeAtomically } from '../files.js';
import { qualityFlags } from '../table/quality.js';
import type { RunRecord } from '../table/run-record.js';
import { summarised, type GroupSummary, type SlideSummary } from '../table/summary.js';
import { zstd } from '../table/zstd.js';
import { classesOf, reasonOf, type Entry } from './cohort-entries.js';
import { flagsOf } from './quality.js';

/** One column of the cohort table, with one value per slide. A column of numbers may come as a manifest's texts. */
export interface CohortColumn {
  readonly name: string;
  readonly type: 'STRING' | 'DOUBLE' | 'BOOLEAN';
  readonly values: readonly (string | number | boolean | null)[];
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
  const run = (name: string, of: (record: RunRecord) => string | undefined) =>
    text(name, ({ results }) => (results && of(results.record)) ?? '');

  const ours = [
    text('id', ({ state }) => state.row.id),
    text('state', ({ state }) => state.state),
    text('reason', reasonOf),
    text('slide', ({ state }) => state.row.path),
    run('model', ({ model: { card } }) => `${card.name} ${card.version}`),
    run('model_sha256', ({ model }) => model.sha256),
    run('hoverslide', ({ versions }) => versions.hoverslide),
    number('mpp', ({ mpp }) => mpp),
    run('mpp_source', ({ slide: { pixel_size: size } }) => `${size.source}${size.forced ? ' (forced)' : ''}`),
    run('mask', ({ options }) => options.mask),
    run('roi', ({ options }) => options.roi),
    {
      name: 'tissue_mask',
      type: 'BOOLEAN',
      values: entries.map(({ results }) => (results ? results.record.options.tissueMask : null)),
    } satisfies CohortColumn,
    number('tissue_area_mm2', (summary) => summary.tissue_area_mm2),
    number('nuclei', ({ count }) => count),
    ...qualityFlags.map(({ name }) => number(`${name}_nuclei`, (summary) => summary.set_aside[name])),
    number('density_per_mm2', (summary) => summary.density_per_mm2),
    ...statisticsOf('', (summary) => summary, number),
    ...classes.flatMap((name) => {
      const ofClass: GroupOf = ({ classes }) => classes[name];
      return [
        number(`${name}_count`, (summary) => ofClass(summary)?.count),
        number(`${name}_density_per_mm2`, (summary) => ofClass(summary)?.density_per_mm2),
        number(`${name}_fraction`, ({ classes }) => classes[name]?.fraction),
        ...statisticsOf(`${name}_`, ofClass, number),
      ];
    }),
    number('neoplastic_to_inflammatory', neoplasticToInflammatory),
    text('qc_flags', (_, index) => flags[index]!.join(';')),
  ];
  const theirs = manifestColumns(
    entries.map(({ state }) => state.row.columns),
    new Set(ours.map(({ name }) => name)),
  );
  return [...ours.slice(0, 4), ...theirs, ...ours.slice(4)];
}

/**
 * Makes the columns of a manifest.
 * @param rows a row's texts by column; what it lacks is empty
 * @param taken names that the table has already: the manifest's get a prefix
 */
export function manifestColumns(
  rows: readonly Readonly<Record<string, string>>[],
  taken: ReadonlySet<string>,
): CohortColumn[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))].map((name) =>
    manifestColumn(
      taken.has(name) ? `manifest_${name}` : name,
      rows.map((row) => row[name] ?? ''),
    ),
  );
}

type GroupOf = (summary: SlideSummary) => GroupSummary | undefined;

/** Makes the columns of a group's measures: each with its mean, standard deviation and quartiles. */
function statisticsOf(
  prefix: string,
  of: GroupOf,
  number: (name: string, of: Measure) => CohortColumn,
): CohortColumn[] {
  return (['area_um2', ...summarised] as const).flatMap((measure) =>
    (['mean', 'sd', 'q1', 'median', 'q3'] as const).map((statistic) =>
      number(`${prefix}${measure}_${statistic}`, (summary) => of(summary)?.[measure][statistic]),
    ),
  );
}

/** A number as people write it; not `007`, which is a name, nor one with more digits than a double holds. */
const plainNumber = /^-?(0|[1-9]\d*)(\.\d+)?$/;
const mostDigits = 15;

/** Makes a column of a manifest: of numbers if all its values are, else of texts. */
function manifestColumn(name: string, values: readonly string[]): CohortColumn {
  const given = values.filter((value) => value !== '');
  const numeric =
    given.length > 0 &&
    given.every((value) => plainNumber.test(value) && value.replace(/\D/g, '').length <= mostDigits);
  return numeric
    ? { name, type: 'DOUBLE', values: values.map((value) => (value === '' ? null : value)) }
    : { name, type: 'STRING', values };
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
    data: type === 'DOUBLE' ? values.map((value) => (value === null ? null : Number(value))) : [...values],
    nullable: type !== 'STRING',
  }));
  await parquetWrite({ writer, columnData, codec: 'ZSTD', compressors: { ZSTD: compress } });
  await writeAtomically(path, writer.getBytes());
}
