import { HoverslideError } from '../../src/errors.js';
import type { SlideFolder } from '../../src/table/slide-folder.js';
import { slidesIn } from '../../src/table/slides-in.js';
import { exportTable, type Exported, type ExportOptions } from './export-table.js';

export interface ExportObserver {
  done?(slide: SlideFolder, exported: Exported): void;
  failed?(slide: SlideFolder, error: unknown): void;
}

/**
 * Exports the table of one slide, or of every slide with results in a folder, by name. A slide that fails does not stop
 * the others, unless its failure would be theirs too.
 * @param path folder of one slide's results, or of a whole run's
 * @returns the number of slides, and of those that failed
 * @throws HoverslideError `missing` if there are no results; `usage` and `output`; any failure of a single slide
 */
export async function exportResults(
  path: string,
  options: ExportOptions,
  observer: ExportObserver = {},
): Promise<{ slides: number; failures: number }> {
  const slides = await slidesIn(path);
  let failures = 0;
  for (const slide of slides) {
    try {
      observer.done?.(slide, await exportTable(slide, options));
    } catch (error) {
      const everyone = !(error instanceof HoverslideError) || ['usage', 'output'].includes(error.kind);
      if (slides.length === 1 || everyone) throw error;
      observer.failed?.(slide, error);
      failures++;
    }
  }
  return { slides: slides.length, failures };
}
