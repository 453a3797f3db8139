import type { Role } from '../context/roles.js';

/** What is measured of each nucleus of a role, and of which features take quantiles, means or spreads. */
export interface Measure {
  readonly role: Role;
  /** Steps that make one unit. Values are rounded to whole steps: exact sums, whatever their order. */
  readonly perUnit: number;
  /** Upper edges of the classes by which blocks keep their share of the values, for intervals alone. The last has none. */
  readonly edges: Float64Array;
}

const classes = 64;

/**
 * Returns the class of each number of steps below the last edge: the place of the first edge that is not below the value.
 * From there on all values are of the last class.
 */
export function classTable(measure: Measure): Uint8Array {
  const made = tables.get(measure);
  if (made) return made;
  const { edges, perUnit } = measure;
  const table = new Uint8Array(Math.floor(edges.at(-1)! * perUnit) + 1);
  for (let steps = 0, k = 0; steps < table.length; steps++) {
    while (edges[k]! < steps / perUnit) k++;
    table[steps] = k;
  }
  tables.set(measure, table);
  return table;
}

const tables = new WeakMap<Measure, Uint8Array>();

function even(end: number): Float64Array {
  return Float64Array.from({ length: classes }, (_, k) => ((k + 1) * end) / classes);
}

/** Edges that grow by a constant factor from `first` to `last`: for values without a natural end. */
function growing(first: number, last: number): Float64Array {
  return Float64Array.from({ length: classes }, (_, k) => first * (last / first) ** (k / (classes - 1)));
}

// The steps of shape and stain are the decimals that the table's text formats have, so that these are the summary's medians.
const area = { perUnit: 1000, edges: growing(5, 400) };
const share = { perUnit: 10_000, edges: even(1) };
const density = { perUnit: 10_000, edges: even(2.4) };
const distance = { perUnit: 100, edges: growing(2, 4000) };

export const measures = {
  tumour_area: { role: 'tumour', ...area },
  tumour_eccentricity: { role: 'tumour', ...share },
  tumour_circularity: { role: 'tumour', ...share },
  tumour_solidity: { role: 'tumour', ...share },
  tumour_hematoxylin: { role: 'tumour', ...density },
  immune_area: { role: 'immune', ...area },
  immune_hematoxylin: { role: 'immune', ...density },
  stromal_eccentricity: { role: 'stromal', ...share },
  stromal_alignment: { role: 'stromal', ...share },
  tumour_to_immune: { role: 'tumour', ...distance },
  immune_to_tumour: { role: 'immune', ...distance },
  tumour_to_stromal: { role: 'tumour', ...distance },
  stromal_to_immune: { role: 'stromal', ...distance },
  tumour_to_tumour: { role: 'tumour', ...distance },
} as const satisfies Record<string, Measure>;

export type MeasureName = keyof typeof measures;

export const measureNames = Object.keys(measures) as MeasureName[];
