import { z } from 'zod';

const group = z.looseObject({
  count: z.number(),
  density_per_mm2: z.number().nullable(),
  area_um2: z.looseObject({
    mean: z.number().nullable(),
    median: z.number().nullable(),
    total: z.number(),
  }),
});

/** What readers of `summary.json` rely on. The file may be damaged, or of another version. */
export const summarySchema = group.extend({
  slide: z.string(),
  mpp: z.number(),
  tissue_area_mm2: z.number(),
  classes: z.record(z.string(), group.extend({ fraction: z.number() })),
  cut_blobs: z.number(),
  flags: z.array(z.string()),
  notices: z.array(z.string()),
});
