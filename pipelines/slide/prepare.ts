import { createHash } from 'node:crypto';
import { cpus } from 'node:os';
import { HoverslideError } from '../../src/errors.js';
import { polygonTouches } from '../../src/geometry/clip.js';
import type { ModelCard } from '../../src/model/card.js';
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

/** Where a slide has tissue, and so which patches run. */
interface Survey {
  readonly lattice: Lattice;
  readonly tissue: TissueMask & Pick<Outlines, 'leftOut'>;
  readonly picture: RgbImage;
  readonly roi: Outlines | undefined;
  readonly region: Region;
  /** All patches of the tissue, whatever the region of interest. */
  readonly patchIndices: Uint32Array;
}

/**
 * Looks where a slide has tissue.
 * @throws HoverslideError `input`, `missing` or `usage`
 */
async function survey(slide: Slide, card: ModelCard, options: SlideSettings): Promise<Survey> {
  const picture = await maskPicture(slide);
  const tissue = await tissueMask(slide, picture, options);
  const lattice = new Lattice(modelSpace(slide, card.mpp), card);
  const roi = options.roi === undefined ? undefined : await readRoi(options.roi, slide);
  const region = regionOf(slide, tissue, roi?.polygons);
  if (roi && region.um2 === 0) throw emptyRegion(slide, roi.polygons);
  return { lattice, tissue, picture, roi, region, patchIndices: tissuePatches(lattice, tissue) };
}

/**
 * Returns how much there is to do on a slide: patches (with a region of interest those that it touches, to which its run
 * adds those of blobs across its edge), and um2 of tissue.
 * @throws HoverslideError `pixelSize`, `input`, `missing` or `usage`
 */
export async function workOn(slide: Slide, card: ModelCard, options: SlideSettings) {
  checkPixelSize(slide, card);
  const { lattice, roi, region, patchIndices } = await survey(slide, card, options);
  let patches = 0;
  for (let k = 0; k < patchIndices.length; k += 2) {
    const [left, top] = [patchIndices[k]!, patchIndices[k + 1]!].map((index) =>
      lattice.space.toLevel0(index * lattice.stride),
    ) as [number, number];
    const side = lattice.space.toLevel0(lattice.stride);
    const square = { left, top, right: left + side, bottom: top + side };
    if (!roi || roi.polygons.some((polygon) => polygonTouches(polygon, square))) patches++;
  }
  return { patches, tissueUm2: region.um2 };
}

/**
 * Decides all that a slide's rows depend on: its grid, its tissue, its patches.
 * @throws HoverslideError `pixelSize`, `input`, `missing` or `usage`
 */
export async function prepare(slide: Slide, engine: Engine, options: SlideSettings): Promise<PreparedSlide> {
  const { card } = engine.model;
  const notices = [...slide.notices, ...checkPixelSize(slide, card)];
  const { lattice, tissue, picture, roi, region, patchIndices } = await survey(slide, card, options);
  return {
    id: options.id ?? slide.id,
    slide,
    hash: await slideHash(slide),
    tissue,
    tissueUm2: region.um2,
    otherStainShare: otherStainShare(picture, maskGrid(slide).scale.x, tissue),
    keep: region.keep,
    regionHash: region.hash,
    lattice,
    stain: options.stain === 'slide' ? await slideStain({ slide, lattice, patchIndices }) : undefined,
    patchIndices: roi
      ? await patchesForRegion({ slide, lattice, patchIndices }, roi.polygons, engine)
      : patchIndices,
    // The notices go into the summary too, which must not depend on paths.
    notices: [
      ...notices.map(({ message }) => message.replace(`${slide.path}: `, '')),
      ...(tissue.leftOut === undefined ? [] : [`mask: ${tissue.leftOut}`]),
      ...(roi?.leftOut === undefined ? [] : [`region: ${roi.leftOut}`]),
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
