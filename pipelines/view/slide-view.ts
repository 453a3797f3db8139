import { HoverslideError, errorLine } from '../../src/errors.js';
import type { Hide } from '../../src/view/hide-paths.js';
import type { ClassView, SlideView } from '../../src/view/messages.js';
import { overlap, tileSize } from '../../src/view/tiles.js';
import type { ListedSlide } from './cohort-list.js';
import { layersOf } from './layers.js';
import type { FoundSlide } from './open-slides.js';
import type { SlideFacts } from './slide-facts.js';

/**
 * Returns what a page needs to show a slide.
 * @param pixels the slide's picture, or why it cannot be shown
 * @throws HoverslideError `missing` for a slide of which neither picture nor results are there
 */
export async function slideView(
  slide: ListedSlide,
  facts: SlideFacts,
  pixels: FoundSlide | HoverslideError,
  hide: Hide,
): Promise<SlideView> {
  const { key, state } = slide;
  const { record, table } = facts;
  const frame = frameOf(facts, pixels);
  const shown = (message: string) => hide(message, state.row.path);
  return {
    key,
    id: state.row.id,
    state: state.state,
    ...frame,
    pixels: pixels instanceof HoverslideError ? { missing: shown(errorLine(pixels)) } : { tileSize, overlap },
    nuclei:
      'missing' in table
        ? { missing: shown(table.missing) }
        : { count: table.nuclei, edition: table.edition },
    classes: 'missing' in table ? [] : classesOf(table.facts.classes, table.summary.classes),
    columns: 'missing' in table ? [] : table.columns,
    layers: await layersOf(slide, facts),
    ...(record && { model: { name: record.model.card.name, version: record.model.card.version } }),
    ...(record && { version: record.versions.hoverslide }),
    notices: 'missing' in table ? [] : table.summary.notices.map(shown),
  };
}

/** Returns the slide's own coordinates, by its table or its picture. */
function frameOf({ record, table }: SlideFacts, pixels: FoundSlide | HoverslideError) {
  if ('facts' in table) {
    const { width, height, mpp, origin } = table.facts.slide;
    return { width, height, mpp, origin };
  }
  if (!(pixels instanceof HoverslideError)) {
    const { width, height, mpp, origin } = pixels;
    return { width, height, mpp, origin };
  }
  if (!record) throw pixels;
  const { width, height, pixel_size } = record.slide;
  return { width, height, mpp: pixel_size.mpp, origin: { x: 0, y: 0 } };
}

function classesOf(
  classes: readonly { readonly id: number; readonly name: string; readonly color: readonly number[] }[],
  counts: Readonly<Record<string, { readonly count: number }>>,
): ClassView[] {
  return classes.map(({ id, name, color }) => ({
    id,
    name,
    color: `#${color.map((part) => part.toString(16).padStart(2, '0')).join('')}`,
    count: counts[name]?.count ?? 0,
  }));
}
