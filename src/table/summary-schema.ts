import { z } from 'zod';
import { qualityFlags } from './quality.js';

const value = z.number().nullable();
const statistics = z.object({ mean: value, sd: value, q1: value, median: value, q3: value });

const group = z.object({
  count: z.number(),
  density_per_mm2: value,
  area_um2: statistics.extend({ total: z.number() }),
  eccentricity: statistics,
  solidity: statistics,
  hematoxylin_od_mean: statistics,
  eosin_od_mean: statistics,
});

/** What readers of `summary.json` rely on. The file may be damaged, or of another version. */
export const summarySchema = group.extend({
  slide: z.string(),
  mpp: z.number(),
  tissue_area_mm2: z.number(),
  classes: z.record(z.string(), group.extend({ fraction: z.number() })),
  set_aside: z.record(z.enum(qualityFlags.map(({ name }) => name)), z.number()),
  not_learned: z.record(z.string(), z.number()),
  cut_blobs: z.number(),
  flags: z.array(z.string()),
  notices: z.array(z.string()),
});
