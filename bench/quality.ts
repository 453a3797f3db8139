import { openEngine, type Engine } from '../pipelines/engine/engine.js';
import { predictField } from '../pipelines/field/predict-field.js';
import { labelMap, overlap } from '../src/evaluation/label-map.js';
import { matchAll, panopticQuality } from '../src/evaluation/measures/segmentation.js';
import { openDataSets, type TestField } from '../src/evaluation/test-set.js';
import { ownedCores } from '../src/machine.js';
import { openModel } from '../src/model/model.js';
import { type Quality, qualityFlags } from '../src/table/quality.js';
import { shared } from '../testkit/shared.js';
import type { BenchSection } from './section.js';

/** Sets of training fields, and which of their fields are taken: one in so many. No test field is read. */
const sets = [
  { folder: 'consep/train', every: 1 },
  { folder: 'monuseg/train', every: 1 },
  { folder: 'lizard/train', every: 5 },
];
/** Fields that the embedded model was not trained on. */
const held = ['train_3', 'train_13', 'train_23'];

const qualities: readonly Quality[] = ['ok', ...qualityFlags.map(({ name }) => name)];

interface Found {
  /** Nuclei by quality, and those of them that share no more than half with any true nucleus. */
  readonly nuclei: Record<Quality, { all: number; unmatched: number }>;
  /** PQ with all nuclei, and with those of quality `ok`. */
  readonly pq: { readonly all: number; readonly ok: number };
}

/** Measures what the flags of quality are worth: how many of the nuclei that they set aside are none. */
export async function benchQuality(): Promise<BenchSection> {
  const cores = ownedCores();
  const engine = await openEngine(await openModel(), { provider: 'cpu', threads: cores, workers: cores });
  const rows: BenchSection['rows'] = [];
  try {
    for (const { folder, every } of sets) {
      const { path, missing } = shared(`data/${folder}`);
      if (missing) throw new Error(`needs ${missing}`);
      const [set] = openDataSets(path);
      const fields = set!.fields.filter((_, k) => k % every === Math.floor(every / 2));
      const found = new Map<string, Found>();
      for (const field of fields) found.set(field.name, await measure(field, engine, set!.classes.mpp));
      rows.push(row(`${folder} (${fields.length} fields)`, [...found.values()]));
      const unseen = held.flatMap((name) => found.get(name) ?? []);
      if (unseen.length > 0) rows.push(row(`of these, not trained on (${unseen.length})`, unseen));
    }
  } finally {
    await engine.close();
  }
  return {
    title: 'Quality of nuclei',
    command: 'npm run bench quality',
    rows,
    notes: [
      `The model that comes with hoverslide, with its card's bounds (${JSON.stringify(engine.model.card.quality)}), on training fields.`,
      'In brackets: share of them that are none, which is to say that no true nucleus shares more than half of their union (IoU).',
      'PQ: mean over fields, with all nuclei and without those set aside.',
    ],
  };
}

async function measure(field: TestField, engine: Engine, mpp: number | undefined): Promise<Found> {
  const found = await field.image!.withFile((file) => predictField(file, engine, mpp));
  const { width, height, instances, qualities: quality } = found;
  const truth = (await field.truth()).source.toMap(width, height);
  const all = await overlap(truth, labelMap(field.name, width, instances));
  const labels = [...new Set(instances)].filter((label) => label > 0).sort((a, b) => a - b);
  const matched = new Set<number>();
  all.intersections.forEach((shared, pair) => {
    const [first, second] = [all.pairs[2 * pair]!, all.pairs[2 * pair + 1]!];
    const union = all.truth.area[first]! + all.prediction.area[second]! - shared;
    if (shared / union > 0.5) matched.add(labels[second]!);
  });
  const nuclei = Object.fromEntries(
    qualities.map((name) => [name, { all: 0, unmatched: 0 }]),
  ) as Found['nuclei'];
  for (const label of labels) {
    const of = nuclei[quality[label - 1]!];
    of.all++;
    if (!matched.has(label)) of.unmatched++;
  }
  const good = instances.map((label) => (label > 0 && quality[label - 1] === 'ok' ? label : 0));
  const ok = await overlap(truth, labelMap(field.name, width, good));
  return {
    nuclei,
    pq: { all: panopticQuality(matchAll(all))?.pq ?? 0, ok: panopticQuality(matchAll(ok))?.pq ?? 0 },
  };
}

function row(name: string, found: readonly Found[]): BenchSection['rows'][number] {
  const sum = (of: (each: Found) => number) => found.reduce((total, each) => total + of(each), 0);
  const total = sum(({ nuclei }) => qualities.reduce((count, each) => count + nuclei[each].all, 0));
  const cells = qualities.map((each) => {
    const all = sum(({ nuclei }) => nuclei[each].all);
    const unmatched = sum(({ nuclei }) => nuclei[each].unmatched);
    const share = ((100 * all) / total).toFixed(1);
    return [each, `${all}, ${share} %${all > 0 ? ` (${(unmatched / all).toFixed(2)})` : ''}`] as const;
  });
  const pq = (of: keyof Found['pq']) => Number((sum((each) => each.pq[of]) / found.length).toFixed(3));
  return {
    fields: name,
    nuclei: total,
    ...Object.fromEntries(cells),
    'PQ all': pq('all'),
    'PQ ok': pq('ok'),
  };
}
