import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { HoverslideError, errorLine } from '../errors.js';
import { writeAtomically } from '../files.js';
import { cardSchema } from '../model/card.js';
import { tableFormats } from './open.js';

const vector = z.tuple([z.number(), z.number(), z.number()]).readonly();

/** Content of `run.json`: how a slide's other files were made. Its writer and all its readers use this one schema. */
const schema = z.object({
  slide: z.object({
    path: z.string(),
    /** SHA-256 that names the slide's content. */
    hash: z.string(),
    width: z.int(),
    height: z.int(),
    pixel_size: z.object({ mpp: z.number(), source: z.string(), forced: z.boolean().optional() }),
  }),
  model: z.object({ path: z.string(), sha256: z.string(), card: cardSchema }),
  /** The options in force, with all defaults filled in. */
  options: z.object({
    id: z.string().optional(),
    mpp: z.number().optional(),
    forceMpp: z.boolean().optional(),
    mask: z.string().optional(),
    roi: z.string().optional(),
    tissueMask: z.boolean(),
    stain: z.enum(['fixed', 'slide']).optional(),
    formats: z.array(z.enum(tableFormats)).readonly(),
    provider: z.string(),
    devices: z.array(z.int()).readonly().optional(),
    threads: z.int(),
    workers: z.int(),
    batch: z.int(),
    readBlock: z.int(),
  }),
  device: z.string().nullable(),
  /** Sessions of the net on the CPU: threads of each, and why they are so many; null on a GPU. */
  sessions: z.object({ threads: z.array(z.int()).readonly(), reason: z.string() }).nullable(),
  /** Reasons why better providers were passed over, one line each. */
  providers_passed_over: z.array(z.string()).readonly(),
  patches: z.int(),
  level0_px_per_model_px: z.number(),
  /** The slide's own stain vectors (red, green, blue), if stain was measured by them. */
  stain_vectors: z.object({ haematoxylin: vector, eosin: vector }).optional(),
  versions: z.object({
    hoverslide: z.string(),
    node: z.string(),
    onnxruntime: z.string(),
    openslide: z.string().nullable(),
  }),
  machine: z.object({ processor: z.string(), cores: z.int(), memory_bytes: z.number() }),
  /** Share of the streaming time in which the net's devices were at work. */
  device_busy: z.number(),
  finished: z.iso.datetime(),
  /** Busy seconds of each stage, summed over threads, and the wall time. */
  seconds: z.object({
    read: z.number(),
    net: z.number(),
    stitch: z.number(),
    segment: z.number(),
    journal: z.number(),
    publish: z.number(),
    wall: z.number(),
  }),
  peak_memory_bytes: z.number(),
});
export type RunRecord = z.infer<typeof schema>;

/**
 * Writes a run's record.
 * @throws HoverslideError `output`
 */
export async function writeRunRecord(path: string, record: RunRecord): Promise<void> {
  await writeAtomically(path, `${JSON.stringify(record, null, 2)}\n`);
}

/**
 * Reads a run's record.
 * @throws HoverslideError `missing` if it cannot be read, `input` if it is not what this version writes
 */
export async function readRunRecord(path: string): Promise<RunRecord> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new HoverslideError('missing', `${path}: cannot be read: ${errorLine(error)}`, { cause: error });
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new HoverslideError(
      'input',
      `${path}: expected the record of a run by this version of hoverslide`,
      {
        cause: error,
      },
    );
  }
}
