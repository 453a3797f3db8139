import { z } from 'zod';
import { exitCodes, type ErrorKind } from '../errors.js';
import { ownerSchema } from './owner.js';

/** A slide's row of the cohort: its identity, and the further columns of the manifest. */
const row = z.object({
  id: z.string(),
  path: z.string(),
  bytes: z.number(),
  columns: z.record(z.string(), z.string()),
});
export type Row = z.infer<typeof row>;

/** What a result was made from. The result is made again when any of this changes. */
const made = z.object({
  /** Version of hoverslide. It is a reason to make the result again only if the user says so. */
  hoverslide: z.string().default('0.1'), // which wrote none
  model: z.object({ name: z.string(), sha256: z.string() }),
  options: z.object({
    mpp: z.number().nullable(),
    mask: z.string().nullable(),
    roi: z.string().nullable(),
    tissue_mask: z.boolean(),
    stain: z.string().default('fixed'), // older files have none
    formats: z.array(z.string()),
  }),
  file: z.object({ bytes: z.number(), modified: z.number(), hash: z.string() }),
});
export type Provenance = z.infer<typeof made>;

/** The stage at which a slide's run is, or was when it failed. */
const stage = z.enum(['copy', 'model', 'open', 'tissue', 'segment', 'publish']);
export type Stage = z.infer<typeof stage>;

const progress = z.object({
  stage,
  /** Number of patches that are done, and of all patches. */
  done: z.number(),
  total: z.number(),
  nuclei: z.number(),
});
export type Progress = z.infer<typeof progress>;

/** Describes for a person how far a slide's run has got. */
export function placeOf({ stage, done, total }: Progress): string {
  return total > 0 ? `at patch ${done} of ${total} (stage ${stage})` : `at stage ${stage}`;
}

const time = z.iso.datetime();

const ended = { row, begun: time, finished: time };

const done = z.object({ state: z.literal('done'), ...ended, made });

/** State of a slide with nothing to do. Its table exists and is empty. */
const skipped = z.object({ state: z.literal('skipped'), ...ended, made, reason: z.string() });

const withResults = z.discriminatedUnion('state', [done, skipped]);
export type WithResults = z.infer<typeof withResults>;

/** The state in which an earlier run ended. Its results stay until new ones take their place. */
const earlier = withResults.optional();

const queued = z.object({
  state: z.literal('queued'),
  row,
  /** Why the results, if there are any, must be made again. */
  why: z.string().optional(),
  earlier,
});

const running = z.object({
  state: z.literal('running'),
  row,
  owner: ownerSchema,
  begun: time,
  /** Renewed every few seconds. A run whose heartbeat stops is dead. */
  heartbeat: time,
  progress,
  /** Number of runs in a row that died on this slide without getting further, and how far they got. */
  deaths: z.int(),
  furthest: z.number(),
  /** Whether its process was ended because it made no progress for too long. */
  stalled: z.boolean().optional(),
  earlier,
});

const failed = z.object({
  state: z.literal('failed'),
  ...ended,
  stage,
  kind: z.enum(Object.keys(exitCodes) as [ErrorKind, ...ErrorKind[]]),
  error: z.string(),
  earlier,
});

/** The states of a slide. This is the one place that knows them. */
export const stateSchema = z.discriminatedUnion('state', [queued, running, done, skipped, failed]);
export type SlideState = z.infer<typeof stateSchema>;
export type Running = z.infer<typeof running>;
export type Settled = z.infer<typeof done> | z.infer<typeof skipped> | z.infer<typeof failed>;

/** Returns the state that describes the results in a slide's folder; undefined if there are none. */
export function stateOfResults(state: SlideState): WithResults | undefined {
  return state.state === 'done' || state.state === 'skipped' ? state : state.earlier;
}

export const stateNames = ['queued', 'running', 'done', 'skipped', 'failed'] as const;
