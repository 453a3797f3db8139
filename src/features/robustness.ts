import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { packageRoot } from '../package-root.js';

/** What is done to a slide's table to see how much its features change. */
export const disturbances = {
  dropped: '10 % of the nuclei were left out, at random',
  flipped: '5 % of the nuclei were given another class, at random',
  mpp: 'the pixel size was wrong by 2 %, either way',
  stained: 'the optical density of haematoxylin was 10 % larger or smaller',
} as const;
export type Disturbance = keyof typeof disturbances;
export const disturbanceNames = Object.keys(disturbances) as Disturbance[];

const change = z.number().nullable();
const schema = z.record(
  z.string(),
  z.object({ dropped: change, flipped: change, mpp: change, stained: change, subjects: z.int() }),
);

/**
 * By feature: the median over slides and repeats of its change, relative to the value, or absolute for a logarithm; null
 * where none had it. `subjects` is the number of slides and fields.
 */
export type Robustness = z.infer<typeof schema>;

/** Where the figures stand that `npm run bench robustness` measures. */
export const robustnessFile = join(packageRoot, 'docs', 'features-robustness.json');

export function readRobustness(): Robustness {
  return schema.parse(JSON.parse(readFileSync(robustnessFile, 'utf8')));
}
