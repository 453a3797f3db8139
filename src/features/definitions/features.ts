import type { Feature } from '../feature.js';
import { aggregates } from './aggregates.js';
import { compartments } from './compartments.js';
import { composition } from './composition.js';
import { distances } from './distances.js';
import { heterogeneity } from './heterogeneity.js';
import { morphometry } from './morphometry.js';
import { pairs } from './pairs.js';

/** Every feature of a slide, in the order of the tables. */
export const features: readonly Feature[] = [
  ...composition,
  ...morphometry,
  ...heterogeneity,
  ...distances,
  ...pairs,
  ...compartments,
  ...aggregates,
];
