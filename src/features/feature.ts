import type { Role } from '../context/roles.js';
import type { Evidence } from './evidence.js';

export const sections = {
  composition: 'Composition',
  morphometry: 'Nuclear morphometry',
  heterogeneity: 'Heterogeneity over tiles of 250 um',
  distances: 'Distances',
  pairs: 'Pair enrichment',
  compartments: 'Tumour, stroma and the front between them',
  aggregates: 'Aggregates and buds',
} as const;
export type Section = keyof typeof sections;

/** Least number of something that a feature needs to be worth anything. */
export interface Minimum {
  readonly least: number;
  /** What is counted, with its unit: `tumour nuclei`, `mm2 of tissue`. */
  readonly what: string;
  readonly of: (evidence: Evidence) => number;
}

/** A feature of a slide, defined nowhere else: the table's columns, the dictionary and the report come from here. */
export interface Feature {
  readonly name: string;
  readonly section: Section;
  /** Unit of the value; empty where it has none. */
  readonly unit: string;
  readonly definition: string;
  readonly formula: string;
  /** Where the feature, or its idea, comes from. */
  readonly source: string;
  /** Whether it is skewed, so that it is best studied as log(1 + value). */
  readonly log: boolean;
  /** Roles that the model's card must have. Without one of them the feature is absent. */
  readonly roles: readonly Role[];
  /** Whether it needs the tumour region, derived from tumour nuclei or the user's. */
  readonly region: boolean;
  /** What there must be enough of. Where there is not, the feature has a reason in place of a value. */
  readonly minimum: readonly Minimum[];
  /** Number of nuclei behind the value. */
  readonly nuclei: (evidence: Evidence) => number;
  readonly value: (evidence: Evidence) => number;
  /** What is wrong where minima are met and the value is not a number all the same. */
  readonly undefinedAs?: string;
  /** Whether the value leans on classes: then it is computed a second time, from nuclei with a class_share of 0.6 or more. */
  readonly leans: boolean;
  /** Whether it is computed within the user's regions too. */
  readonly inRegions: boolean;
  /** Whether the value of a patient is the sum over slides, and not their mean weighted by tissue. */
  readonly adds: boolean;
  /** Whether blocks add up to it, so that it has an interval. */
  readonly interval: boolean;
}
