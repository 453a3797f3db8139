import type { TissueGrid } from '../../src/context/tissue-grid.js';
import { HoverslideError } from '../../src/errors.js';
import { Overlay } from '../../src/overlay/read.js';
import type { TableFacts } from '../../src/table/context.js';
import type { SlideFolder } from '../../src/table/slide-folder.js';
import { NucleiColumns } from '../../src/view/nuclei-columns.js';
import { openFinishedSlide } from '../features/context-of-slide.js';
import { overlayOf, type OverlaySettings } from './overlay-of-slide.js';

/** All of a finished slide's nuclei that a viewer asks for. */
export interface OpenNuclei {
  readonly facts: TableFacts;
  readonly classes: TableFacts['classes'];
  readonly overlay: Overlay;
  readonly columns: NucleiColumns;
  /**
   * Reads the tissue that the run counted, once.
   * @throws HoverslideError `missing` or `input`
   */
  tissue(): Promise<TissueGrid>;
  close(): Promise<void>;
}

/**
 * Opens a finished slide's nuclei; its overlay is made where there is no good one.
 * @param given its columns, where they are open: then whoever opened them closes them
 * @throws HoverslideError as overlayOf; `input` if a run replaced the results meanwhile
 */
export async function openNuclei(
  folder: SlideFolder,
  settings: OverlaySettings = {},
  given?: NucleiColumns,
): Promise<OpenNuclei> {
  const overlay = await Overlay.open(await overlayOf(folder, settings));
  try {
    const columns = given ?? (await NucleiColumns.open(folder));
    const { facts, hash } = columns;
    let tissue: Promise<TissueGrid> | undefined;
    if (hash !== overlay.directory.table) {
      if (!given) await columns.close();
      throw new HoverslideError(
        'input',
        `${folder.path}: a run has replaced the results meanwhile: try again`,
      );
    }
    return {
      facts,
      classes: facts.classes,
      overlay,
      columns,
      tissue() {
        tissue ??= openFinishedSlide(folder).then((finished) => finished.tissue);
        tissue.catch(() => (tissue = undefined)); // asked again, it is read again
        return tissue;
      },
      async close() {
        await overlay.close();
        if (!given) await columns.close();
      },
    };
  } catch (error) {
    await overlay.close();
    throw error;
  }
}
