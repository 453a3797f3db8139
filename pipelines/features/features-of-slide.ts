import { HoverslideError } from '../../src/errors.js';
import {
  evaluateRegion,
  evaluateSlide,
  confidentFrom,
  type Found,
  type Nuclei,
} from '../../src/features/evaluate.js';
import { features } from '../../src/features/definitions/features.js';
import { writeFeatures, type SlideFeatures } from '../../src/features/feature-file.js';
import { Gathered } from '../../src/features/gather.js';
import { writeTumour } from '../../src/features/tumour-file.js';
import { hotSpotScores } from '../../src/features/tile-set.js';
import { RegionFinder, tumourRegion, type Regions } from '../../src/features/regions.js';
import { regionArea } from '../../src/context/areas.js';
import type { NucleiAround } from '../../src/context/around.js';
import { ContextFile } from '../../src/context/context-file.js';
import { writeTiles } from '../../src/context/tiles-file.js';
import { researchUse } from '../../src/table/metadata.js';
import type { SlideFolder } from '../../src/table/slide-folder.js';
import { contextOf, openFinishedSlide } from './context-of-slide.js';
import { madeFrom } from './made-from.js';

export interface FeatureSettings {
  /** Number of resamples for intervals; 0 for none. */
  readonly interval: number;
  /** The user's regions on this slide, and the file that they are from. */
  readonly regions?: Regions | undefined;
  readonly regionsFile?: string | undefined;
}

/** Resamples of a run, and by default. */
export const defaultInterval = 199;

/**
 * Computes a slide's features from its table, and writes context.parquet, tumour.geojson, tiles.parquet and features.json,
 * the last one at the end: without it, the others count for nothing.
 * @throws HoverslideError `missing` or `input` if the table or the tissue cannot be read, `model` if no class has a role,
 *   `output`
 */
export async function featuresOfSlide(
  folder: SlideFolder,
  settings: FeatureSettings,
): Promise<SlideFeatures> {
  const { interval, regions = new Map() as Regions, regionsFile } = settings;
  const before = await madeFrom(folder, interval, regionsFile);
  const finished = await openFinishedSlide(folder);
  const { facts } = finished.table;
  const context = await contextOf(finished, regions.get(tumourRegion));
  const subject = {
    roles: context.roles,
    classes: facts.classes.flatMap(({ id, role }) => (role === undefined ? [] : [id])),
  };
  const slide = gathered(facts.classes);
  const finders = [...regions].map(([name, polygons]) => {
    const finder = new RegionFinder(polygons);
    const inside = ({ x, y }: NucleiAround, k: number) =>
      finder.has(x[k]! / facts.slide.mpp, y[k]! / facts.slide.mpp);
    return { name, polygons, nuclei: gathered(facts.classes, inside) };
  });
  const all = [slide, ...finders.map(({ nuclei }) => nuclei)];
  const file = await ContextFile.open(folder.context, facts, context.roles);
  try {
    for await (const nuclei of context.rowGroups()) {
      await file.write(nuclei);
      for (const each of all) {
        each.all.add(nuclei);
        each.confident.add(nuclei);
      }
    }
  } catch (error) {
    await file.abort();
    throw error;
  } finally {
    context.close();
  }
  await file.close();
  const whole = context.whole();
  const found = evaluateSlide(slide, whole, subject, interval);
  await writeTumour(folder.tumour, whole.tumour, facts.slide.origin);
  await writeTiles(folder.tiles, facts, context.roles, whole.tiles, { small: hotSpotScores(whole) });
  if ((await madeFrom(folder, interval, regionsFile)).table !== before.table) {
    throw new HoverslideError(
      'input',
      `${folder.table('parquet')}: a run has replaced it meanwhile: try again`,
    );
  }
  const result: SlideFeatures = {
    slide: facts.slide.id,
    use: researchUse,
    made_from: before,
    roles: [...context.roles],
    tissue_mm2: whole.tissue.total,
    blocks: whole.tissue.perBlock.filter((mm2) => mm2 > 0).length,
    tumour_region: whole.tumour?.source ?? null,
    features: withUnits(found),
    regions: Object.fromEntries(
      finders.map(({ name, polygons, nuclei }) => {
        const mm2 = regionArea(polygons, finished.tissue);
        const features = withUnits(evaluateRegion(nuclei, mm2.perBlock, subject, interval));
        return [name, { tissue_mm2: mm2.total, features }];
      }),
    ),
  };
  await writeFeatures(folder.features, result);
  return result;
}

/** Sums of the nuclei for which something holds (of all by default), and of those of them whose class is not in doubt. */
export function gathered(
  classes: readonly { readonly id: number }[],
  inside?: (nuclei: NucleiAround, k: number) => boolean,
): Nuclei {
  const sure = ({ columns }: NucleiAround, k: number) => columns.class_share[k]! >= confidentFrom;
  const ids = Math.max(...classes.map(({ id }) => id)) + 1;
  return { all: new Gathered(ids, inside), confident: new Gathered(ids, inside, sure) };
}

const units = new Map(features.map(({ name, unit }) => [name, unit]));

function withUnits(found: ReadonlyMap<string, Found>): SlideFeatures['features'] {
  return Object.fromEntries(
    Array.from(found, ([name, { value, ...rest }]) => [name, { value, unit: units.get(name)!, ...rest }]),
  );
}
