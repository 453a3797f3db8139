import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { packageRoot } from '../package-root.js';
import { ClassSet } from './classes.js';
import { meanDefined } from './measures/mean.js';
import type { QualitySummary } from './summary.js';
import { notesOf, type MeasuredPrediction, type Table } from './tables.js';

export const papers = ['pannuke', 'consep'] as const;
export type Paper = (typeof papers)[number];

const figure = z.number().nullish();
const byClass = z.record(z.string(), figure).optional();
const rowSchema = z.object({
  model: z.string(),
  dice: figure,
  AJI: figure,
  bPQ: figure,
  mPQ: figure,
  PQ: z.union([z.number(), z.record(z.string(), figure)]).optional(),
  F_d: figure,
  F: byClass,
});
const rows = z.object({ source: z.string(), rows: z.array(rowSchema) });
const schema = z.object({ pannuke: rows, consep_external: rows, consep_trained: rows });

type Row = z.infer<typeof rowSchema>;
type Value = number | null | undefined;

/** A column of a paper's table: how to find the value in a published row and in one of our summaries. */
interface Column {
  readonly head: string;
  readonly published: (row: Row) => Value;
  readonly ours: (summary: QualitySummary) => Value;
}

/** A table of a paper, and the classes that it uses. */
interface PaperTable {
  readonly title: string;
  readonly published: keyof z.infer<typeof schema>;
  readonly classes: string;
  readonly columns: (classes: ClassSet) => Column[];
}

const tables: Record<Paper, readonly PaperTable[]> = {
  pannuke: [
    {
      title: 'PanNuke, segmentation',
      published: 'pannuke',
      classes: 'pannuke',
      columns: ({ classes }) => [
        { head: 'bPQ', published: (row) => row.bPQ, ours: (summary) => summary.bPQ },
        { head: 'mPQ', published: (row) => row.mPQ, ours: (summary) => summary.mPQ },
        ...classes.map(({ key, name }) => ({
          head: `PQ ${name}`,
          published: (row: Row) => (typeof row.PQ === 'object' ? row.PQ[key] : null),
          ours: (summary: QualitySummary) => ofClass(summary, key)?.PQ,
        })),
      ],
    },
    {
      title: 'PanNuke, detection and classification',
      published: 'pannuke',
      classes: 'pannuke',
      columns: ({ classes }) => [detectionColumn, ...classes.map(({ key, name }) => classColumn(key, name))],
    },
  ],
  consep: [
    {
      title: 'CoNSeP, beside models trained on PanNuke',
      published: 'consep_external',
      classes: 'hover-unet-consep',
      columns: ({ classes }) => [
        detectionColumn,
        ...classes.map(({ key, name }) => classColumn(key, name)),
        pqColumn,
      ],
    },
    {
      title: 'CoNSeP, beside models trained on it',
      published: 'consep_trained',
      classes: 'hover-net-consep',
      columns: ({ classes }) => [
        { head: 'Dice', published: (row) => row.dice, ours: (summary) => summary.dice },
        { head: 'AJI', published: (row) => row.AJI, ours: (summary) => summary.aji },
        pqColumn,
        detectionColumn,
        ...classes.map(({ name }) => classColumn(name, name)),
      ],
    },
  ],
};

const detectionColumn: Column = { head: 'F_d', published: (row) => row.F_d, ours: (summary) => summary.F_d };

const pqColumn: Column = {
  head: 'PQ',
  published: (row) => (typeof row.PQ === 'number' ? row.PQ : null),
  ours: (summary) => summary.pq,
};

/**
 * Makes a column with F of one class.
 * @param key of the class in the published row
 */
function classColumn(key: string, name: string): Column {
  return {
    head: `F ${name}`,
    published: (row) => row.F?.[key],
    ours: (summary) => summary.classes.find((entry) => entry.name === name)?.F,
  };
}

/** Returns the names of the sets of classes that a paper's tables use. */
export function paperClasses(paper: Paper): string[] {
  return [...new Set(tables[paper].map(({ classes }) => classes))];
}

/** Makes a paper's tables with our rows below the published ones. The results of PanNuke's splits are averaged. */
export function paperTables(paper: Paper, results: readonly MeasuredPrediction[]): Table[] {
  const data = schema.parse(
    JSON.parse(readFileSync(join(packageRoot, 'mappings', 'published.json'), 'utf8')),
  );
  return tables[paper].map(({ title, published, classes, columns }) => {
    const own = results.filter((result) => result.classes.name === classes);
    const names = [...new Set(own.map(({ prediction }) => prediction))];
    const all = columns(ClassSet.load(classes));
    // As printed in the paper, with the trailing zeros that numbers lose.
    const decimals = all.map((column) =>
      Math.max(...data[published].rows.map((row) => decimalsOf(column.published(row)))),
    );
    return {
      title,
      notes: [
        `published rows: ${data[published].source}`,
        ...names.flatMap((name) => splitNote(own.filter(({ prediction }) => prediction === name))),
        ...notesOf(own),
      ],
      columns: ['', ...all.map(({ head }) => head)],
      rows: [
        ...data[published].rows.map((row) => [
          row.model,
          ...all.map((column, c) => column.published(row)?.toFixed(decimals[c]) ?? null),
        ]),
        ...names.map((name) => {
          const ours = own.filter(({ prediction }) => prediction === name);
          return [
            name,
            ...all.map((column) => meanDefined(ours.map(({ summary }) => column.ours(summary) ?? null))),
          ];
        }),
      ],
    };
  });
}

/** Says which splits are averaged in a row. */
function splitNote(results: readonly MeasuredPrediction[]): string[] {
  const splits = results.flatMap(({ split }) => split ?? []);
  if (splits.length === 0) return [];
  return [`${results[0]!.prediction}: mean of the test folds of the splits ${splits.join(', ')}`];
}

function decimalsOf(value: Value): number {
  return value == null ? 0 : (value.toString().split('.')[1] ?? '').length;
}

function ofClass(summary: QualitySummary, key: string) {
  return summary.classes.find((entry) => entry.key === key);
}
