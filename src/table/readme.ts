import { markdownTable } from 'markdown-table';
import { columnMetadata } from './columns.js';

/** Lines of the README that enclose its column table. */
export const columnTableMarkers = {
  begin: '<!-- columns: written by scripts/columns.js -->',
  end: '<!-- /columns -->',
} as const;

/** Returns the columns as a Markdown table, padded as prettier wants it. */
export function columnTable(): string {
  const rows = columnMetadata().map(({ name, type, unit, meaning }) => [`\`${name}\``, type, unit, meaning]);
  return markdownTable([['Column', 'Type', 'Unit', 'Meaning'], ...rows]);
}

/**
 * Returns a README with its column table brought up to date.
 * @throws Error if the markers are missing
 */
export function withColumnTable(readme: string): string {
  const begin = readme.indexOf(columnTableMarkers.begin);
  const end = readme.indexOf(columnTableMarkers.end);
  if (begin < 0 || end < begin) {
    throw new Error(`expected the lines ${columnTableMarkers.begin} and ${columnTableMarkers.end}`);
  }
  const head = readme.slice(0, begin + columnTableMarkers.begin.length);
  return `${head}\n\n${columnTable()}\n\n${readme.slice(end)}`;
}
