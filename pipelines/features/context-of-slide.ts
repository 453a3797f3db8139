import type { SlideContext } from '../../src/context/around.js';
import { openSlideContext } from '../../src/context/slide-context.js';
import { tissueGrid, type TissueGrid } from '../../src/context/tissue-grid.js';
import { HoverslideError } from '../../src/errors.js';
import type { Polygon } from '../../src/geometry/polygon.js';
import { NucleusTable } from '../../src/table/read.js';
import { readRunRecord } from '../../src/table/run-record.js';
import type { SlideFolder } from '../../src/table/slide-folder.js';
import { readTissue } from '../../src/tissue/mask-file.js';
import type { SlideFrame } from '../../src/tissue/mask.js';
import { readRoi } from '../../src/tissue/roi.js';

/** A finished slide's table and tissue. */
export interface FinishedSlide {
  readonly table: NucleusTable;
  readonly frame: SlideFrame;
  readonly tissue: TissueGrid;
}

/**
 * Opens the results of a slide. Its tissue is that which its run counted: within the mask, and within the region of interest
 * if it had one.
 * @throws HoverslideError `missing` or `input`
 */
export async function openFinishedSlide(folder: SlideFolder): Promise<FinishedSlide> {
  const table = await NucleusTable.open(folder.table('parquet'));
  const { slide, selection } = table.facts;
  if (selection) {
    throw new HoverslideError(
      'input',
      `${table.path}: expected all nuclei of the slide, found a part of them: ${Object.keys(selection).join(', ')}`,
    );
  }
  const { width, height, mpp, origin } = slide;
  const frame: SlideFrame = { path: slide.id, width, height, bounds: origin, pixelSize: { mpp } };
  const { options } = await readRunRecord(folder.record);
  const roi = options.roi === undefined ? undefined : (await readRoi(options.roi, frame)).polygons;
  const tissue = tissueGrid(await readTissue(folder.tissue, frame), { width, height, mpp }, roi);
  return { table, frame, tissue };
}

/**
 * Finds what is around the nuclei of a finished slide.
 * @param tumour polygons in level-0 px; by default the tumour is derived from the nuclei
 * @throws HoverslideError `input`
 */
export function contextOf(
  { table, tissue }: FinishedSlide,
  tumour?: readonly Polygon[],
): Promise<SlideContext> {
  return openSlideContext({ table, classes: table.classes, tissue, tumour });
}
