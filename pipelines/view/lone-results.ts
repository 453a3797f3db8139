import type { WithResults } from '../../src/cohort/state.js';
import { readRunRecord } from '../../src/table/run-record.js';
import type { SlideFolder } from '../../src/table/slide-folder.js';

/**
 * Returns a state for results that have none: those of the demo, and of programs that run slides one by one. Undefined if there
 * are no such results.
 * @param id of the slide
 */
export async function stateOfLoneResults(folder: SlideFolder, id: string): Promise<WithResults | undefined> {
  const record = await readRunRecord(folder.record).catch(() => undefined);
  if (!record) return undefined;
  const { slide, model, options, finished, versions } = record;
  return {
    state: 'done',
    row: { id, path: slide.path, bytes: 0, columns: {} },
    begun: finished,
    finished,
    made: {
      hoverslide: versions.hoverslide,
      model: { name: `${model.card.name} ${model.card.version}`, sha256: model.sha256 },
      options: {
        mpp: options.mpp ?? null,
        mask: options.mask ?? null,
        roi: options.roi ?? null,
        tissue_mask: options.tissueMask,
        stain: options.stain ?? 'fixed',
        formats: [...options.formats],
      },
      file: { bytes: 0, modified: 0, hash: '' }, // not known
    },
  };
}
