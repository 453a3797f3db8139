import type { TableFacts } from './context.js';
import type { TableWriter } from './writer.js';
import { openCsv } from './csv.js';
import { openGeoJson } from './geojson.js';
import { openParquet } from './parquet.js';

/** The formats of a table, each with the name of its file in a slide's folder. */
export const tableFiles = {
  parquet: 'nuclei.parquet',
  csv: 'nuclei.csv',
  geojson: 'nuclei.geojson.gz',
} as const;

export type TableFormat = keyof typeof tableFiles;
export const tableFormats = Object.keys(tableFiles) as TableFormat[];

const openers = { parquet: openParquet, csv: openCsv, geojson: openGeoJson };

/**
 * Opens a table for writing. The file appears under `path` as a whole when the table is closed, or never. Its bytes do
 * not depend on how its rows are cut into portions.
 * @throws HoverslideError `output` if it cannot be written; so do the writer's methods.
 */
export function openTable(format: TableFormat, path: string, facts: TableFacts): Promise<TableWriter> {
  return openers[format](path, facts);
}
