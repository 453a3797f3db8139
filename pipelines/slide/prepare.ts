import { createHash } from 'node:crypto';
import { cpus } from 'node:os';
import { slideHash } from '../../src/slide/hash.js';
import { modelSpace } from '../../src/slide/model-space.js';
import { checkPixelSize } from '../../src/slide/pixel-size.js';
import type { Slide } from '../../src/slide/slide.js';
import type { TableFormat } from '../../src/table/open.js';
import { findTissue } from '../../src/tissue/find.js';
import { Lattice, patchesToRun } from '../../src/tissue/lattice.js';
import { everything, tissueArea, type TissueMask } from '../../src/tissue/mask.js';
import { readMask } from '../../src/tissue/mask-file.js';
import { maskWithin, patchesFor, readRoi } from '../../src/tissue/roi.js';
import { onnxruntimeVersion, packageVersion } from '../../src/version.js';
import type { Engine } from '../engine/engine.js';
import type { NucleiSource } from './nuclei.js';

export interface SlideOptions {
  /** Name of the slide's folder, in place of its file's. */
  readonly id?: string | undefined;
  /** Micrometres per level-0 pixel, in place of what the file says. */
  readonly mpp?: number | undefined;
  /** GeoJSON or PNG that says where the tissue is. */
  readonly mask?: string | undefined;
  /** Look for tissue; otherwise all of the slide runs. */
  readonly tissueMask: boolean;
  /** Keep only nuclei whose centroid lies here: x,y,w,h in level-0 px, or a GeoJSON file. */
  readonly roi?: string | undefined;
  readonly formats: readonly TableFormat[];
}

/** A slide with all that is decided before the first patch is read. */
export interface PreparedSlide extends NucleiSource {
  readonly id: string;
  /** SHA-256 that names the slide's content. */
  readonly hash: string;
  /** Area of the tissue that counts, in um2: within the region of interest, if there is one. */
  readonly tissueUm2: number;
  readonly notices: readonly string[];
}

/**
 * Decides all that a slide's rows depend on: its grid, its tissue, its patches.
 * @throws HoverslideError `pixelSize`, `input`, `missing` or `usage`
 */
export async function prepare(slide: Slide, engine: Engine, options: SlideOptions): Promise<PreparedSlide> {
  const { card } = engine.model;
  const notices = [...slide.notices, ...checkPixelSize(slide, card)];
  const mask = await tissueMask(slide, options);
  const lattice = new Lattice(modelSpace(slide, card.mpp), card);
  const run = patchesToRun(lattice, mask);
  const roi = options.roi === undefined ? undefined : await readRoi(options.roi, slide);
  return {
    id: options.id ?? slide.id,
    slide,
    hash: await slideHash(slide),
    tissueUm2: tissueArea(slide, roi ? maskWithin(roi, mask) : mask) * 1e6,
    roi,
    lattice,
    run: roi ? patchesFor(roi, run, lattice) : run,
    // They go into the summary too, which must not depend on where the slide lies.
    notices: notices.map(({ message }) => message.replace(`${slide.path}: `, '')),
  };
}

function tissueMask(slide: Slide, { mask, tissueMask }: SlideOptions): Promise<TissueMask> | TissueMask {
  if (mask !== undefined) return readMask(mask, slide);
  return tissueMask ? findTissue(slide) : everything(slide);
}

/** One hash over everything that a slide's rows depend on; cells, workers and threads are not among it. */
export function fingerprint(
  { hash: slide, lattice, run, roi }: PreparedSlide,
  { model, inference, options }: Engine,
): string {
  const facts = {
    hoverslide: packageVersion,
    onnxruntime: onnxruntimeVersion,
    processor: cpus()[0]?.model ?? process.arch, // ONNX Runtime's kernels differ by kind of processor
    provider: inference.provider,
    device: inference.device,
    batch: options.batch,
    model: model.hash,
    slide,
    scale: lattice.space.scale,
    roi,
  };
  return createHash('sha256').update(JSON.stringify(facts)).update(run).digest('hex');
}
