import { HoverslideError, errorLine } from '../../src/errors.js';
import { readMaskFile } from '../../src/tissue/mask-file.js';
import { parseRegion } from '../../src/tissue/region-text.js';
import { readRegionFile } from '../../src/tissue/roi.js';
import type { CohortSlide, Problem } from './cohort-slide.js';
import { refuse } from './collect-slides.js';

/**
 * Reads the masks and regions of slides, each file once, as far as that needs no slide. What is wrong with them is said
 * before anything runs, and while older results still count.
 * @throws HoverslideError that names all problems
 */
export async function checkRegionFiles(slides: readonly CohortSlide[]): Promise<void> {
  const masks = new Set(slides.flatMap(({ mask }) => mask ?? []));
  const regions = new Set(
    slides.flatMap(({ roi }) => {
      const region = roi === undefined ? undefined : parseRegion(roi);
      return region && 'file' in region ? region.file : [];
    }),
  );
  const problems: Problem[] = [];
  const check = async (files: Iterable<string>, read: (path: string) => Promise<unknown>) => {
    for (const file of files) {
      await read(file).catch((error: unknown) => {
        const kind = error instanceof HoverslideError ? error.kind : 'internal';
        problems.push({ kind, text: errorLine(error) });
      });
    }
  };
  await check(masks, readMaskFile);
  await check(regions, readRegionFile);
  refuse(problems);
}
