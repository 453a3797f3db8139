import { HoverslideError } from '../errors.js';
import type { NucleiBlock } from '../nuclei/block.js';
import type { ModelSpace } from '../slide/model-space.js';

/** A class of nuclei as the model's card names it. */
export interface NucleusClass {
  readonly id: number;
  readonly name: string;
  /** Red, green and blue, 0..255. */
  readonly color: readonly [number, number, number];
}

/** Facts about its slide that a table needs beside the nuclei themselves. */
export interface TableContext {
  /** Hash of the slide's content: the name space of its nuclei's ids. */
  readonly slideHash: string;
  readonly space: ModelSpace;
  /** Origin of the picture that QuPath shows, in level-0 px: openslide.bounds-x and -y, else 0, 0. */
  readonly origin: { readonly x: number; readonly y: number };
  /** Classes of the model's card. Class 0 is a nucleus whose pixels all voted for background. */
  readonly classes: readonly NucleusClass[];
  /** Further entries for the table's own metadata. They must not change from run to run. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Returns the classes of a table in the order of summaries and legends: that of the card, but class 0 last. */
export function tableClasses(classes: readonly NucleusClass[]): NucleusClass[] {
  return [...classes.filter(({ id }) => id !== 0), ...classes.filter(({ id }) => id === 0)];
}

/**
 * Returns the class with an id.
 * @throws HoverslideError `model` for an id that the card does not have.
 */
export function classOf(classes: readonly NucleusClass[], id: number): NucleusClass {
  const found = classes.find((candidate) => candidate.id === id);
  if (!found) {
    const known = classes.map((candidate) => candidate.id).join(', ');
    throw new HoverslideError(
      'model',
      `the net gave a nucleus of class ${id}, but its card has classes ${known}`,
    );
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
