import type { SlideAround } from '../context/around.js';
import type { Role } from '../context/roles.js';
import { fewestBlocks, interval, resamples } from './bootstrap.js';
import { features } from './definitions/features.js';
import { Resample, Whole, type Evidence, type Pieces, type SlideEvidence } from './evidence.js';
import type { Feature } from './feature.js';
import type { Gathered } from './gather.js';
import { tilePlaces, TileSet } from './tile-set.js';

/** What was found of one feature. Either there is a value, or the reason why not. */
export interface Found {
  readonly value: number | null;
  /** Number of nuclei behind it. */
  readonly n: number;
  /** 95 % interval of the value; null where there are too few blocks, or none is defined. */
  readonly lo: number | null;
  readonly hi: number | null;
  /** Why there is no value. */
  readonly reason?: string;
  /** The value from nuclei with a class_share of 0.6 or more alone; null where it has none. */
  readonly confident?: number | null;
  /** Whether that differs so much from the value that it hangs on nuclei whose class is in doubt. */
  readonly leans?: boolean;
}

/** class_share from which on the class of a nucleus is not in doubt. */
export const confidentFrom = 0.6;

/** Relative difference from which on a feature leans on doubtful nuclei. */
const mostDifference = 0.2;

export interface Nuclei {
  /** Sums of all nuclei, and of those whose class is not in doubt. */
  readonly all: Gathered;
  readonly confident: Gathered;
}

export interface Subject {
  readonly roles: readonly Role[];
  /** Ids of the classes that have a role. */
  readonly classes: readonly number[];
}

/** Computes all features of a slide that its model has the roles for. @param times number of resamples; 0 for no intervals */
export function evaluateSlide(
  { all, confident }: Nuclei,
  slide: SlideAround,
  { classes }: Subject,
  times: number,
): Map<string, Found> {
  const { tumour, roles } = slide;
  const pieces = {
    count: tumour?.components ?? 0,
    largestMm2: tumour?.largestMm2 ?? 0,
    areaMm2: tumour?.areaMm2.total ?? 0,
  };
  const places = tilePlaces(slide);
  const wholes = [all, confident].map((gathered) => {
    addAreas(gathered, slide);
    return {
      slide: { sums: gathered.sums, classes, pieces },
      tiles: TileSet.of(places, gathered.sums, roles),
      gathered,
    };
  });
  const blocks = blocksOf(slide.tissue.perBlock);
  const there = features.filter(
    (feature) =>
      feature.roles.every((role) => roles.includes(role)) && (!feature.region || tumour !== undefined),
  );
  return evaluate(there, wholes as [Side, Side], blocks, times);
}

interface Side {
  readonly slide: SlideEvidence;
  readonly tiles: TileSet;
  readonly gathered: Gathered;
}

/**
 * Computes the features of one of the user's regions.
 * @param mm2PerBlock tissue of the region in each block, by block_id
 */
export function evaluateRegion(
  { all, confident }: Nuclei,
  mm2PerBlock: Float64Array,
  { roles, classes }: Subject,
  times: number,
): Map<string, Found> {
  const pieces: Pieces = { count: 0, largestMm2: 0, areaMm2: 0 };
  const sides = [all, confident].map((gathered): Side => {
    addPerBlock(gathered, 'mm2.tissue', mm2PerBlock);
    return {
      slide: { sums: gathered.sums, classes, pieces },
      tiles: TileSet.of([], gathered.sums, roles),
      gathered,
    };
  });
  const there = features.filter(
    (feature) => feature.inRegions && feature.roles.every((role) => roles.includes(role)),
  );
  return evaluate(there, sides as [Side, Side], blocksOf(mm2PerBlock), times);
}

function evaluate(
  wanted: readonly Feature[],
  [all, confident]: readonly [Side, Side],
  blocks: readonly number[],
  times: number,
): Map<string, Found> {
  const whole = new Whole(all.slide, all.tiles, all.gathered.counts);
  const sure = new Whole(confident.slide, confident.tiles, confident.gathered.counts);
  const coarse = new Resample(all.slide, all.tiles);
  const values = new Map(wanted.map(({ name }) => [name, [] as number[]]));
  if (blocks.length >= fewestBlocks) {
    for (const weights of resamples(blocks.length, times)) {
      const weightOf = new Map(blocks.map((block, k) => [block, weights[k]!]));
      const tiles = all.tiles.weighted((block) => weightOf.get(block) ?? 0);
      const drawn = new Resample(all.slide, tiles, blocks, weights);
      for (const feature of wanted)
        if (feature.interval) values.get(feature.name)!.push(feature.value(drawn));
    }
  }
  return new Map(
    wanted.map((feature) => [feature.name, found(feature, whole, sure, coarse, values.get(feature.name)!)]),
  );
}

function found(
  feature: Feature,
  whole: Evidence,
  sure: Evidence,
  coarse: Evidence,
  resampled: readonly number[],
): Found {
  const n = feature.nuclei(whole);
  const { value, reason } = valueOf(feature, whole);
  if (value === null) return { value, n, lo: null, hi: null, reason: reason! };
  const range = interval(resampled, value - feature.value(coarse));
  const base = { value, n, lo: range?.lo ?? null, hi: range?.hi ?? null };
  if (!feature.leans) return base;
  const confident = valueOf(feature, sure).value;
  return { ...base, confident, leans: confident === null || differ(feature, value, confident) };
}

/** Returns the value of a feature, or the reason why there is none. */
function valueOf(feature: Feature, evidence: Evidence): { value: number | null; reason?: string } {
  for (const { least, what, of } of feature.minimum) {
    const there = of(evidence);
    if (!(there >= least))
      return { value: null, reason: `${amount(there)} ${what}, fewer than ${amount(least)}` };
  }
  const value = feature.value(evidence);
  if (Number.isFinite(value)) return { value };
  return { value: null, reason: feature.undefinedAs ?? 'not defined for these nuclei' };
}

function amount(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en-US') : value.toPrecision(3);
}

/** Says whether two values of a feature differ by over 20 %. A logarithm does where its number does. */
function differ({ unit }: Feature, value: number, other: number): boolean {
  if (unit === 'log2') return Math.abs(value - other) > Math.log2(1 + mostDifference);
  return Math.abs(value - other) > mostDifference * Math.abs(value);
}

function blocksOf(mm2: Float64Array): number[] {
  return Array.from(mm2.keys()).filter((block) => mm2[block]! > 0);
}

/** Adds what the slide's areas and shapes are per block. */
function addAreas(
  gathered: Gathered,
  { tissue, tumour, aggregates, budsPerBlock, crossK }: SlideAround,
): void {
  addPerBlock(gathered, 'mm2.tissue', tissue.perBlock);
  if (tumour) {
    addPerBlock(gathered, 'mm2.tumour', tumour.areaMm2.perBlock);
    addPerBlock(gathered, 'mm2.peritumoural', tumour.peritumouralMm2.perBlock);
    addPerBlock(gathered, 'mm2.associated', tumour.stromaMm2.perBlock);
    addPerBlock(gathered, 'mm2.front', tumour.frontMm2.perBlock);
    addPerBlock(gathered, 'mm.interface', tumour.interfaceMm.perBlock);
  }
  addPerBlock(gathered, 'buds', budsPerBlock);
  addPerBlock(gathered, 'corrected_pairs', crossK.weightPerBlock);
  const column = gathered.sums.column('aggregates');
  for (const { block } of aggregates) gathered.sums.row(block)[column]!++;
}

function addPerBlock({ sums }: Gathered, name: string, perBlock: Float64Array): void {
  const column = sums.column(name);
  perBlock.forEach((value, block) => {
    if (value !== 0) sums.row(block)[column] = value;
  });
}
