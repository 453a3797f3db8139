import { median } from 'd3-array';
import { implausibilities } from '../table/plausibility.js';
import type { SlideSummary } from '../table/summary.js';

/** Fewest slides in a cohort that allow a search for outliers. */
const fewest = 8;

/** Modified z-score above which a value is an outlier (Iglewicz and Hoaglin 1993). */
const outlierScore = 3.5;

interface Check {
  readonly flag: string;
  readonly meaning: string;
  readonly applies: (summary: SlideSummary) => boolean;
}

/** Checks that need only one slide's summary. */
const checks: readonly Check[] = [
  ...implausibilities.map(({ flag, meaning }) => ({
    flag,
    meaning,
    applies: ({ flags }: SlideSummary) => flags.includes(flag),
  })),
  {
    flag: 'no_tissue',
    meaning: 'no tissue was found',
    applies: ({ tissue_area_mm2 }) => tissue_area_mm2 === 0,
  },
  {
    flag: 'little_tissue',
    meaning: 'less than 1 mm² of tissue',
    applies: ({ tissue_area_mm2 }) => tissue_area_mm2 > 0 && tissue_area_mm2 < 1,
  },
  {
    flag: 'few_nuclei',
    meaning: 'fewer than 100 nuclei per mm² of tissue: fat, mucus, necrosis, or out of focus',
    applies: ({ density_per_mm2 }) => density_per_mm2 !== null && density_per_mm2 < 100,
  },
  {
    flag: 'unclassified',
    meaning: 'more than 20 % of the nuclei are of no class: the model is unsure of this slide',
    applies: ({ classes }) => (Object.values(classes).at(-1)?.fraction ?? 0) > 0.2,
  },
  {
    flag: 'cut_blobs',
    meaning: 'connected areas of over 2,048 px were taken for nuclei: ink, folds, or out of focus',
    applies: ({ cut_blobs }) => cut_blobs > 0,
  },
  {
    flag: 'notice',
    meaning: 'something about the slide is out of the ordinary, for instance its pixel size',
    applies: ({ notices }) => notices.length > 0,
  },
];

/** A value of each slide in which outliers are sought. */
interface Measure {
  readonly flag: string;
  readonly meaning: string;
  readonly of: (summary: SlideSummary) => number | null | undefined;
}

function measures(classes: readonly string[]): Measure[] {
  return [
    { flag: 'outlier_density', meaning: 'nuclei per mm²', of: ({ density_per_mm2 }) => density_per_mm2 },
    { flag: 'outlier_area', meaning: 'median nuclear area', of: ({ area_um2 }) => area_um2.median },
    ...classes.map((name) => ({
      flag: `outlier_${name}`,
      meaning: `share of ${name} nuclei`,
      of: (summary: SlideSummary) => summary.classes[name]?.fraction,
    })),
  ];
}

/** Returns the meaning of each flag, in the order in which flags are given. */
export function flagMeanings(classes: readonly string[]): ReadonlyMap<string, string> {
  return new Map([
    ...checks.map(({ flag, meaning }) => [flag, meaning] as const),
    ...measures(classes).map(
      ({ flag, meaning }) =>
        [flag, `${meaning}: far from the cohort's median (modified z-score over ${outlierScore})`] as const,
    ),
  ]);
}

/** What flags are made from. */
interface Summarised {
  readonly results?: { readonly summary: SlideSummary } | undefined;
}

/** Returns the quality flags of every entry; entries without results have none. */
export function flagsOf(entries: readonly Summarised[], classes: readonly string[]): string[][] {
  const flags = entries.map(({ results }) =>
    results ? checks.filter(({ applies }) => applies(results.summary)).map(({ flag }) => flag) : [],
  );
  for (const { flag, of } of measures(classes)) {
    const values = entries.map(({ results }) => (results ? (of(results.summary) ?? null) : null));
    outliers(values).forEach((index) => flags[index]!.push(flag));
  }
  return flags;
}

/** Returns the places of the values whose modified z-score, 0.6745 |x - median| / MAD, is too large. */
export function outliers(values: readonly (number | null)[]): number[] {
  const known = values.filter((value) => value !== null);
  if (known.length < fewest) return [];
  const centre = median(known)!;
  const spread = median(known, (value) => Math.abs(value - centre))!;
  return values.flatMap((value, index) =>
    value !== null && 0.6745 * Math.abs(value - centre) > outlierScore * spread && spread > 0 ? [index] : [],
  );
}
