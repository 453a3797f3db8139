import { InvalidArgumentError } from 'commander';
import { tableFiles, tableFormats, type TableFormat } from '../../src/table/open.js';

/** Reads a list of table formats from the command line. */
export function formats(text: string): TableFormat[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !Object.hasOwn(tableFiles, name));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(`expected ${tableFormats.join(', ')}, found '${unknown}'.`);
  }
  return [...new Set(names as TableFormat[])];
}
