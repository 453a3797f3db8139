import type { FileMetaData } from 'hyparquet';
import { z } from 'zod';
import { HoverslideError } from '../errors.js';
import { roles } from '../model/card.js';
import { columnMetadata } from './columns.js';
import type { TableFacts } from './context.js';

/** Stands in everything that is made of nuclei. */
export const researchUse = 'For research use only. Not for diagnosis or treatment.';

const origin = z.object({ x: z.number(), y: z.number() });
const colour = z.tuple([z.number(), z.number(), z.number()]);

/** The entries that hold a table's facts, each as JSON under `hoverslide.<name>` in the file's key-value metadata. */
const schema = z.object({
  slide: z.object({
    id: z.string(),
    hash: z.string(),
    width: z.int(),
    height: z.int(),
    mpp: z.number(),
    mpp_source: z.string(),
    origin,
  }),
  model: z.object({ name: z.string(), version: z.string(), sha256: z.string(), licence: z.string() }),
  version: z.string(),
  classes: z.array(
    z.object({ id: z.int(), name: z.string(), color: colour, role: z.enum(roles).optional() }),
  ),
  stain_vectors: z.object({ haematoxylin: colour, eosin: colour }).optional(),
  selection: z.record(z.string(), z.string()).optional(),
});

interface ColumnText {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly meaning: string;
}

/**
 * Returns the key-value metadata of a file in Parquet, without `geo`.
 * @param columns of the file; by default of a nucleus table
 */
export function fileMetadata(
  facts: TableFacts,
  columns: readonly ColumnText[] = columnMetadata(),
): Record<string, string> {
  const entries = { ...schema.parse(facts), columns, use: researchUse };
  return Object.fromEntries(
    Object.entries(entries).map(([name, value]) => [
      `hoverslide.${name}`,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}

/** Returns the key-value metadata that a footer of Parquet holds. */
export function entriesOf(footer: FileMetaData): Record<string, string> {
  const entries = footer.key_value_metadata ?? [];
  return Object.fromEntries(entries.map(({ key, value }) => [key, value ?? '']));
}

/**
 * Reads what a table says of its slide and model from its key-value metadata.
 * @throws HoverslideError `input` if it says nothing, or not what this version writes
 */
export function factsOf(path: string, metadata: Readonly<Record<string, string>>): TableFacts {
  try {
    const entries = Object.keys(schema.shape).flatMap((name) => {
      const text = metadata[`hoverslide.${name}`];
      return text === undefined ? [] : [[name, name === 'version' ? text : (JSON.parse(text) as unknown)]];
    });
    const { stain_vectors, selection, ...facts } = schema.parse(Object.fromEntries(entries));
    return { ...facts, ...(stain_vectors && { stain_vectors }), ...(selection && { selection }) };
  } catch (cause) {
    throw new HoverslideError(
      'input',
      `${path}: expected a table that this version of hoverslide wrote, found one with other metadata`,
      { cause },
    );
  }
}
