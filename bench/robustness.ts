import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from 'd3-array';
import { openCohort } from '../pipelines/cohort/open-cohort.js';
import { runCohort } from '../pipelines/cohort/run-cohort.js';
import { featuresOfSlide } from '../pipelines/features/features-of-slide.js';
import { features } from '../src/features/definitions/features.js';
import type { SlideFeatures } from '../src/features/feature-file.js';
import {
  type Disturbance,
  disturbanceNames,
  disturbances,
  robustnessFile,
  type Robustness,
} from '../src/features/robustness.js';
import { ownedCores } from '../src/machine.js';
import { packageRoot } from '../src/package-root.js';
import { openTable } from '../src/table/open.js';
import { NucleusTable } from '../src/table/read.js';
import { keepRows, type Rows } from '../src/table/rows.js';
import { SlideFolder } from '../src/table/slide-folder.js';
import { slidesIn } from '../src/table/slides-in.js';
import { shared } from '../testkit/shared.js';
import type { BenchSection } from './section.js';

/** Fields of CoNSeP's training set that are taken, and um per px of all fields. */
const fields = 12;
const fieldMpp = 0.25;

/** Times that a disturbance at random is tried, with other numbers each time. */
const repeats = 3;

/** Where the slides' results are kept: the net runs once. */
const results = join(packageRoot, 'build', 'robustness');

/**
 * Measures how much each feature changes when a slide's table is disturbed, and writes docs/features-robustness.json, which
 * the dictionary reads.
 */
export async function benchRobustness(): Promise<BenchSection> {
  await segment();
  const scratch = await mkdtemp(join(tmpdir(), 'hoverslide-robustness-'));
  const changes = new Map<string, Record<Disturbance, number[]>>();
  const subjects = new Map<string, number>();
  try {
    for (const slide of await slidesIn(results)) {
      const before = (await featuresOfSlide(slide, { interval: 0 })).features;
      for (const [name, { value }] of Object.entries(before)) {
        if (value !== null) subjects.set(name, (subjects.get(name) ?? 0) + 1);
      }
      for (const { disturbance, disturb, scale = 1 } of trials()) {
        const copy = new SlideFolder(join(scratch, 'slide'));
        await rm(copy.path, { recursive: true, force: true });
        await cp(slide.path, copy.path, { recursive: true });
        await rewrite(slide, copy, disturb, scale);
        const after = (await featuresOfSlide(copy, { interval: 0 })).features;
        record(changes, disturbance, before, after);
      }
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  const robustness: Robustness = Object.fromEntries(
    features.flatMap(({ name }) => {
      const of = changes.get(name);
      if (!of) return [];
      const medians = disturbanceNames.map((each) => [each, rounded(median(of[each]))] as const);
      return [
        [
          name,
          {
            ...(Object.fromEntries(medians) as Record<Disturbance, number | null>),
            subjects: subjects.get(name)!,
          },
        ],
      ];
    }),
  );
  await writeFile(robustnessFile, `${JSON.stringify(robustness, null, 2)}\n`);
  return {
    title: 'Robustness of features',
    command: 'npm run bench robustness',
    rows: disturbanceNames.map((name) => {
      const of = Object.entries(robustness).flatMap(([feature, each]) => {
        const change = each[name];
        return change === null ? [] : [{ feature, change }];
      });
      const share = (most: number) => of.filter(({ change }) => change <= most).length;
      const worst = of.sort((a, b) => b.change - a.change)[0];
      return {
        disturbance: disturbances[name],
        features: of.length,
        'changed by at most 2 %': share(0.02),
        'at most 10 %': share(0.1),
        most: worst ? `${worst.feature} (${worst.change})` : '',
      };
    }),
    notes: [
      `Median change of each feature over ${(await slidesIn(results)).length} slides and fields, where they have it; relative, of log2 absolute.`,
      'The tables are disturbed; the net is not run again. docs/features.md has every feature.',
    ],
  };
}

/** Segments the slides and fields; those that are there already stay. */
async function segment(): Promise<void> {
  const wanted = ['slides/tcga-v5-a7re.tif', 'slides/CMU-1-Small-Region.svs', 'data/consep/train/images'].map(
    (path) => {
      const found = shared(path);
      if (found.missing) throw new Error(`needs ${found.missing}`);
      return found.path;
    },
  );
  const images = readdirSync(wanted[2]!)
    .sort(new Intl.Collator('en', { numeric: true }).compare)
    .slice(0, fields)
    .map((name) => join(wanted[2]!, name));
  const cores = ownedCores();
  const engine = { provider: 'cpu', threads: cores, workers: cores } as const;
  for (const request of [{ slides: wanted.slice(0, 2) }, { slides: images, mpp: fieldMpp }]) {
    const code = await runCohort(await openCohort(request), results, {
      engine,
      tissueMask: true,
      formats: ['parquet'],
    });
    if (code !== 0) throw new Error(`segmenting ${request.slides.join(', ')} ended with ${code}`);
  }
}

interface Trial {
  readonly disturbance: Disturbance;
  readonly disturb: (rows: Rows, classes: readonly string[]) => Rows;
  /** What lengths in um are multiplied by. */
  readonly scale?: number;
}

function trials(): Trial[] {
  const random = Array.from({ length: repeats }, (_, seed): Trial[] => {
    const [drop, flip] = [uniform(2 * seed + 1), uniform(2 * seed + 2)];
    return [
      { disturbance: 'dropped', disturb: (rows) => keepRows(rows, () => drop() >= 0.1) },
      {
        disturbance: 'flipped',
        disturb: (rows, classes) => ({
          ...rows,
          class: rows.class.map((name) => flipped(name, classes, flip)),
        }),
      },
    ];
  }).flat();
  const scaled = [0.98, 1.02].map((scale): Trial => ({
    disturbance: 'mpp',
    scale,
    disturb: (rows) => ({
      ...rows,
      centroid_x_um: rows.centroid_x_um.map((x) => x * scale),
      centroid_y_um: rows.centroid_y_um.map((y) => y * scale),
      area_um2: rows.area_um2.map((area) => area * scale ** 2),
    }),
  }));
  const stained = [0.9, 1.1].map((scale): Trial => ({
    disturbance: 'stained',
    disturb: (rows) => ({ ...rows, hematoxylin_od_mean: rows.hematoxylin_od_mean.map((od) => od * scale) }),
  }));
  return [...random, ...scaled, ...stained];
}

function flipped(name: string, classes: readonly string[], random: () => number): string {
  if (random() >= 0.05) return name;
  const others = classes.filter((each) => each !== name);
  return others[Math.floor(random() * others.length)]!;
}

async function rewrite(
  from: SlideFolder,
  to: SlideFolder,
  disturb: Trial['disturb'],
  scale: number,
): Promise<void> {
  const table = await NucleusTable.open(from.table('parquet'));
  const { facts } = table;
  const slide = { ...facts.slide, mpp: facts.slide.mpp * scale };
  const writer = await openTable('parquet', to.table('parquet'), { ...facts, slide });
  const classes = table.classes.filter(({ id }) => id !== 0).map(({ name }) => name);
  for await (const rows of table.rowGroups()) await writer.write(disturb(rows, classes));
  await writer.close();
}

type Values = SlideFeatures['features'];

/** Adds the changes of the features that both have. */
function record(
  changes: Map<string, Record<Disturbance, number[]>>,
  disturbance: Disturbance,
  before: Values,
  after: Values,
): void {
  for (const { name, unit } of features) {
    const [was, is] = [before[name]?.value ?? null, after[name]?.value ?? null];
    if (was === null || is === null) continue;
    if (!changes.has(name)) changes.set(name, { dropped: [], flipped: [], mpp: [], stained: [] });
    const difference = Math.abs(is - was);
    if (unit === 'log2') changes.get(name)![disturbance].push(difference);
    else if (was !== 0) changes.get(name)![disturbance].push(difference / Math.abs(was));
  }
}

function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Number(value.toPrecision(2));
}

/** Returns a source of numbers from 0 to 1, below 1, the same for the same seed (xorshift). */
function uniform(seed: number): () => number {
  let state = (seed * 0x9e3779b9) >>> 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
