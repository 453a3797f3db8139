import { HoverslideError, errorLine } from '../../src/errors.js';
import { areThere } from '../../src/files.js';
import { readFeatures } from '../../src/features/feature-file.js';
import { parseRegions, type Regions } from '../../src/features/regions.js';
import { rolesOf } from '../../src/context/roles.js';
import { NucleusTable } from '../../src/table/read.js';
import type { SlideFolder } from '../../src/table/slide-folder.js';
import { slidesIn } from '../../src/table/slides-in.js';
import { readRegionBytes } from '../../src/tissue/region-bytes.js';
import { featuresOfSlide, type FeatureSettings } from './features-of-slide.js';
import { madeFrom } from './made-from.js';
import { regionFiles } from './region-files.js';

export interface FeatureOptions {
  /** GeoJSON of regions of a slide, or a folder with <slide>.geojson. */
  readonly regions?: string | undefined;
  /** Number of resamples for intervals; 0 for none. */
  readonly interval: number;
}

export interface FeaturesObserver {
  /** Called when a slide has features; `kept` if it had the same already. */
  done?(slide: SlideFolder, kept: boolean): void;
  failed?(slide: SlideFolder, error: unknown): void;
}

/** A slide that is ready, or why it is not. */
type Ready = { readonly folder: SlideFolder } & (
  { readonly settings: FeatureSettings; readonly kept: boolean } | { readonly problem: unknown }
);

/**
 * Computes the features of one slide, or of every slide with results in a folder, by name. Everything that was given is
 * checked before anything is computed. Slides whose features are up to date keep them. A slide that fails does not stop the
 * others, unless its failure would be theirs too.
 * @param path folder of one slide's results, or of a whole run's
 * @returns the number of slides, and of those that failed
 * @throws HoverslideError `missing` if there are no results; `usage` or `input` for regions that do not fit; `output`; any
 *   failure of a single slide
 */
export async function featuresOfResults(
  path: string,
  options: FeatureOptions,
  observer: FeaturesObserver = {},
): Promise<{ slides: number; failures: number }> {
  const slides = await slidesIn(path);
  const files =
    options.regions === undefined
      ? new Map<SlideFolder, string>()
      : await regionFiles(options.regions, slides);
  const ready: Ready[] = [];
  for (const folder of slides) ready.push(await prepare(folder, files.get(folder), options));
  let failures = 0;
  for (const each of ready) {
    try {
      if ('problem' in each) throw each.problem;
      if (!each.kept) await featuresOfSlide(each.folder, each.settings);
      observer.done?.(each.folder, each.kept);
    } catch (error) {
      const everyone = !(error instanceof HoverslideError) || error.kind === 'output';
      if (slides.length === 1 || everyone) throw error;
      observer.failed?.(each.folder, error);
      failures++;
    }
  }
  return { slides: slides.length, failures };
}

/** Checks a slide, and its regions. @throws HoverslideError for regions that do not fit it */
async function prepare(
  folder: SlideFolder,
  file: string | undefined,
  { interval }: FeatureOptions,
): Promise<Ready> {
  let regions: Regions | undefined;
  try {
    const table = await NucleusTable.open(folder.table('parquet'));
    const { classes, slide } = table.facts;
    if (rolesOf(classes).length === 0) {
      throw new HoverslideError(
        'model',
        `${table.path}: expected roles of the classes (tumour, immune, ...) in the card of its model, found none: give it a card with roles and run the slide again`,
      );
    }
    if (file !== undefined) {
      const source = `regions ${file}`;
      const bytes = await readRegionBytes(source, file);
      try {
        regions = parseRegions(source, bytes, slide);
      } catch (error) {
        throw new RegionProblem(error);
      }
    }
    const now = await madeFrom(folder, interval, file);
    const old = await readFeatures(folder.features).catch(() => undefined);
    const files = [folder.context, folder.tiles, ...(old?.tumour_region ? [folder.tumour] : [])];
    const whole = await areThere(files);
    const kept = whole && old !== undefined && JSON.stringify(old.made_from) === JSON.stringify(now);
    return { folder, settings: { interval, regions, regionsFile: file }, kept };
  } catch (error) {
    if (error instanceof RegionProblem) throw error.cause;
    return { folder, problem: error };
  }
}

/** What is wrong with the user's regions ends the command; what is wrong with a slide does not. */
class RegionProblem extends Error {
  constructor(cause: unknown) {
    super(errorLine(cause), { cause });
  }
}
