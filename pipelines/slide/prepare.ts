import { createHash } from 'node:crypto';
import { cpus } from 'node:os';
import { HoverslideError } from '../../src/errors.js';
import { polygonTouches } from '../../src/geometry/clip.js';
import { slideHash } from '../../src/slide/hash.js';
import { modelSpace } from '../../src/slide/model-space.js';
import { checkPixelSize, type GivenPixelSize } from '../../src/slide/pixel-size.js';
import type { RgbImage } from '../../src/slide/binding.js';
import type { Slide } from '../../src/slide/slide.js';
import type { TableFormat } from '../../src/table/open.js';
import { findTissue, maskPicture } from '../../src/tissue/find.js';
import type { Outlines } from '../../src/tissue/geojson.js';
import { Lattice, tissuePatches } from '../../src/tissue/lattice.js';
import { areaWithin } from '../../src/tissue/area.js';
import { everything, isTissue, maskGrid, tissueArea, type TissueMask } from '../../src/tissue/mask.js';
import { readMask } from '../../src/tissue/mask-file.js';
import { isInside, readRoi, type Roi } from '../../src/tissue/roi.js';
import { otherStainShare } from '../../src/tissue/stain.js';
import { onnxruntimeVersion, packageVersion } from '../../src/version.js';
import type { Engine } from '../engine/engine.js';
import type { Keep, NucleiSource } from './nuclei.js';
import { patchesForRegion } from './region-patches.js';
import { slideStain } from './slide-stain.js';

export const stainChoices = ['fixed', 'slide'] as const;
export type StainChoice = (typeof stainChoices)[number];

export interface SlideOptions extends GivenPixelSize {
  /** Name of the slide's folder, in place of the name of its file. */
  readonly id?: string | undefined;
  /** GeoJSON or image file that says where the tissue is. */
  readonly mask?: string | undefined;
  /** Whether to look for tissue (the default); otherwise all of the slide is run. */
  readonly tissueMask?: boolean;
  /** Region of interest, x,y,w,h in level-0 px or a GeoJSON file: only nuclei whose centroid lies in it are kept. */
  readonly roi?: string | undefined;
  /** Vectors by which stain is measured: Ruifrok and Johnston's (`fixed`, the default), or the slide's own (`slide`). */
  readonly stain?: StainChoice | undefined;
  /** Tables to write; by default Parquet alone. */
  readonly formats?: readonly TableFormat[];
  /** Whether to compute the slide's features too (the default), where the model's classes have roles. */
  readonly features?: boolean | undefined;
}

/** The options with their defaults filled in. */
export type SlideSettings = SlideOptions &
  Required<Pick<SlideOptions, 'tissueMask' | 'formats'>> & { readonly stain: StainChoice };

export function withDefaults(options: SlideOptions): SlideSettings {
  const { stain = 'fixed' } = options;
  return { tissueMask: true, formats: ['parquet'], ...options, stain };
}

/** A slide with all that is decided before the first patch is read. */
export interface PreparedSlide extends NucleiSource {
  readonly id: string;
  /** SHA-256 that names the slide's content. */
  readonly hash: string;
  /** Where there is tissue. */
  readonly tissue: TissueMask;
  /** Area of the tissue that counts, in um2: within the mask that was given and the region of interest. */
  readonly tissueUm2: number;
  /** Share of the slide's tissue that is not stained with haematoxylin and eosin. */
  readonly otherStainShare: number | undefined;
  /** Of the mask that was given and the region of interest, where they decide on rows. */
  readonly regionHash?: string | undefined;
  readonly notices: readonly string[];
}

/**
 * Decides all that a slide's rows depend on: its grid, its tissue, its patches.
 * @throws HoverslideError `pixelSize`, `input`, `missing` or `usage`
 */
export async function prepare(slide: Slide, engine: Engine, options: SlideSettings): Promise<PreparedSlide> {
  const { card } = engine.model;
  const notices = [...slide.notices, ...checkPixelSize(slide, card)];
  const picture = await maskPicture(slide);
  const mask = await tissueMask(slide, picture, options);
  const lattice = new Lattice(modelSpace(slide, card.mpp), card);
  const patchIndices = tissuePatches(lattice, mask);
  const given = options.roi === undefined ? undefined : await readRoi(options.roi, slide);
  const roi = given?.polygons;
  const region = regionOf(slide, mask, roi);
  if (roi && region.um2 === 0) throw emptyRegion(slide, roi);
  return {
    id: options.id ?? slide.id,
    slide,
    hash: await slideHash(slide),
    tissue: mask,
    tissueUm2: region.um2,
    otherStainShare: otherStainShare(picture, maskGrid(slide).scale.x, mask),
    keep: region.keep,
    regionHash: region.hash,
    lattice,
    stain: options.stain === 'slide' ? await slideStain({ slide, lattice, patchIndices }) : undefined,
    patchIndices: roi ? await patchesForRegion({ slide, lattice, patchIndices }, roi, engine) : patchIndices,
    // The notices go into the summary too, which must not depend on paths.
    notices: [
      ...notices.map(({ message }) => message.replace(`${slide.path}: `, '')),
      ...(mask.leftOut === undefined ? [] : [`mask: ${mask.leftOut}`]),
      ...(given?.leftOut === undefined ? [] : [`region: ${given.leftOut}`]),
    ],
  };
}

/** What of a slide counts. */
interface Region {
  /** Undefined where all of it counts. */
  readonly keep?: Keep;
  /** Tissue in it, in um2. */
  readonly um2: number;
  /** Of what decides on rows. */
  readonly hash?: string;
}

/** Nuclei and area come from the same region: that of the mask that the user gave, and of the region of interest. */
function regionOf(slide: Slide, mask: TissueMask, roi: Roi | undefined): Region {
  const outlines = [roi, mask.polygons].filter((polygons) => polygons !== undefined);
  const byPixels = !mask.found && !mask.polygons;
  const um2 =
    outlines.length === 0
      ? tissueArea(slide, mask) * 1e6
      : areaWithin(slide, outlines, mask.polygons ? undefined : mask);
  if (outlines.length === 0 && !byPixels) return { um2 };
  const hash = createHash('sha256').update(JSON.stringify(outlines));
  if (byPixels) hash.update(mask.data);
  return {
    um2,
    keep: (x, y) =>
      outlines.every((polygons) => isInside(polygons, x, y)) && (!byPixels || isTissue(mask, x, y)),
    hash: hash.digest('hex'),
  };
}

/** A region that holds nothing is a mistake, not an empty result. */
function emptyRegion(slide: Slide, roi: Roi): HoverslideError {
  const { path, width, height } = slide;
  const all = { left: 0, top: 0, right: width, bottom: height };
  const misplaced = !roi.some((polygon) => polygonTouches(polygon, all));
  return new HoverslideError(
    'input',
    misplaced
      ? `${path}: option roi: expected a region on the slide (${width} x ${height} px), found none of it there`
      : `${path}: option roi: expected tissue in the region, found none; are its numbers level-0 pixels?`,
    { option: 'roi' },
  );
}

async function tissueMask(
  slide: Slide,
  picture: RgbImage,
  { mask, tissueMask }: SlideSettings,
): Promise<TissueMask & Pick<Outlines, 'leftOut'>> {
  if (mask !== undefined) return readMask(mask, slide);
  return tissueMask ? findTissue(slide, picture) : everything(slide);
}

/**
 * Returns one hash over everything that a slide's rows depend on. Read blocks, workers and threads are not part of it.
 */
export function fingerprint(
  { hash: slide, lattice, patchIndices, regionHash, stain }: PreparedSlide,
  { model, inference, settings }: Engine,
): string {
  const facts = {
    hoverslide: packageVersion,
    onnxruntime: onnxruntimeVersion,
    processor: cpus()[0]?.model ?? process.arch, // ONNX Runtime's kernels differ by kind of processor
    provider: inference.provider,
    device: inference.device,
    batch: settings.batch,
    model: model.hash,
    slide,
    scale: lattice.space.scale,
    region: regionHash,
    stain,
  };
  return createHash('sha256').update(JSON.stringify(facts)).update(patchIndices).digest('hex');
}
