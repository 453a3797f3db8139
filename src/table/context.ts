import { HoverslideError } from '../errors.js';
import type { NucleiBlock } from '../nuclei/block.js';
import type { ModelSpace } from '../slide/model-space.js';

/** A class of nuclei as the model's card names it. */
export interface NucleusClass {
  readonly id: number;
  readonly name: string;
  /** Red, green, blue, 0..255. */
  readonly color: readonly [number, number, number];
}

/** What a table knows of its slide beside the nuclei themselves. */
export interface TableContext {
  /** Hash of the slide's content: the name space of its nuclei's ids. */
  readonly slideHash: string;
  readonly space: ModelSpace;
  /** Origin of the picture that QuPath shows, in level-0 px: openslide.bounds-x and -y, else 0, 0. */
  readonly origin: { readonly x: number; readonly y: number };
  /** Classes of the model's card; class 0 is a nucleus of which every pixel voted for background. */
  readonly classes: readonly NucleusClass[];
  /** Further entries for the table's own metadata; must not change from run to run. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The classes of a table in the order of summaries and legends: the card's, but class 0 last. */
export function tableClasses(classes: readonly NucleusClass[]): NucleusClass[] {
  return [...classes.filter(({ id }) => id !== 0), ...classes.filter(({ id }) => id === 0)];
}

/** @throws HoverslideError `internal` for an id that the card does not have. */
export function classOf(classes: readonly NucleusClass[], id: number): NucleusClass {
  const found = classes.find((candidate) => candidate.id === id);
  if (!found) {
    const known = classes.map((candidate) => candidate.id).join(', ');
    throw new HoverslideError('internal', `nucleus of class ${id}, but the model has classes ${known}`);
  }
  return found;
}

/** A table on its way to disk. After a failed `write` or `close`, `abort` removes what was written. */
export interface TableWriter {
  write(block: NucleiBlock): Promise<void>;
  /** Finishes the file and gives it its name. */
  close(): Promise<void>;
  abort(): Promise<void>;
}
