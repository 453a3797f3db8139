import { addon } from '../native.js';

export type { LabelStats, OverlapCounter, OverlapTable } from '../addon.js';

export const evaluationBinding = addon;
