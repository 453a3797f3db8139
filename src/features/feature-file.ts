import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { HoverslideError, errorLine } from '../errors.js';
import { writeAtomically } from '../files.js';
import { researchUse } from '../table/metadata.js';

const number = z.number().nullable();
const found = z.object({
  value: number,
  unit: z.string(),
  n: z.number(),
  lo: number,
  hi: number,
  reason: z.string().optional(),
  confident: number.optional(),
  leans: z.boolean().optional(),
});
const results = z.record(z.string(), found);

/** What a slide's features were made from. When it changes, they are made anew. */
const madeFrom = z.object({
  hoverslide: z.string(),
  /** SHA-256 of the definitions of the features, as the dictionary has them. */
  definitions: z.string(),
  /** SHA-256 of the table's footer, in which its row groups and the bounds of their values stand, and of tissue.geojson. */
  table: z.string(),
  tissue: z.string(),
  /** SHA-256 of the file of regions; null without one. */
  regions: z.string().nullable(),
  /** Number of resamples for intervals. */
  interval: z.int(),
});
export type MadeFrom = z.infer<typeof madeFrom>;

/** Content of `features.json`. Its writer and all its readers use this one schema. */
const schema = z.object({
  slide: z.string(),
  use: z.literal(researchUse),
  made_from: madeFrom,
  /** Roles that the model's classes have. Features of others are absent. */
  roles: z.array(z.string()),
  tissue_mm2: z.number(),
  /** Number of blocks of 1 mm2 with tissue, from which intervals are drawn. */
  blocks: z.int(),
  /** Where the tumour region comes from; null if there is none. */
  tumour_region: z.enum(['nuclei', 'file']).nullable(),
  features: results,
  /** Features of the user's regions, by name. */
  regions: z.record(z.string(), z.object({ tissue_mm2: z.number(), features: results })),
});
export type SlideFeatures = z.infer<typeof schema>;

/** Writes a slide's features. @throws HoverslideError `output` */
export async function writeFeatures(path: string, features: SlideFeatures): Promise<void> {
  await writeAtomically(path, `${JSON.stringify(schema.parse(features), null, 1)}\n`);
}

/**
 * Reads a slide's features.
 * @throws HoverslideError `missing` if it cannot be read, `input` if it is not what this version writes
 */
export async function readFeatures(path: string): Promise<SlideFeatures> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new HoverslideError('missing', `${path}: cannot be read: ${errorLine(cause)}`, { cause });
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const expected = 'expected the features of a slide by this version of hoverslide';
    throw new HoverslideError('input', `${path}: ${expected}`, { cause });
  }
}
