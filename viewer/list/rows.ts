// Which slides are listed, and in which order.
import type { CohortView, SlideEntry } from '../../src/view/messages.js';
import type { ListPlace } from '../permalink.js';

/** A column of the list: what it says of a slide, and what it is sorted by. */
export interface Column {
  readonly name: string;
  readonly title: string;
  readonly numeric: boolean;
  value(slide: SlideEntry): string | number | undefined;
}

export function columnsOf({ columns, slides }: CohortView): Column[] {
  const own: Column[] = [
    { name: 'id', title: 'Slide', numeric: false, value: ({ id }) => id },
    { name: 'state', title: 'State', numeric: false, value: ({ state }) => state },
    { name: 'nuclei', title: 'Nuclei', numeric: true, value: ({ nuclei }) => nuclei },
    { name: 'tissue', title: 'Tissue mm²', numeric: true, value: ({ tissueMm2 }) => tissueMm2 },
    { name: 'density', title: 'per mm²', numeric: true, value: perMm2 },
    { name: 'flags', title: 'Flags', numeric: false, value: ({ flags }) => flags.length },
  ];
  const given = columns.map((name) => {
    const values = slides
      .map(({ manifest }) => manifest[name])
      .filter((value) => value !== undefined && value !== '');
    const numeric = values.length > 0 && values.every((value) => Number.isFinite(Number(value)));
    const value = ({ manifest }: SlideEntry) => {
      const text = manifest[name];
      return text === undefined || text === '' ? undefined : numeric ? Number(text) : text;
    };
    return { name: `manifest ${name}`, title: name, numeric, value };
  });
  return [...own, ...given];
}

function perMm2({ nuclei, tissueMm2 }: SlideEntry): number | undefined {
  return nuclei === undefined || !tissueMm2 ? undefined : nuclei / tissueMm2;
}

/** The slides that a place asks for, in its order; those without a value come last. */
export function listed(
  slides: readonly SlideEntry[],
  columns: readonly Column[],
  { search, state, flagged, sort }: ListPlace,
): SlideEntry[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = slides.filter((slide) => {
    if (state && slide.state !== state) return false;
    if (flagged && slide.flags.length === 0) return false;
    const text = [slide.id, slide.reason ?? '', ...slide.flags, ...Object.values(slide.manifest)]
      .join('\n')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const column = columns.find(({ name }) => name === sort.replace(/^-/, ''));
  if (!column) return found;
  const sign = sort.startsWith('-') ? -1 : 1;
  const keyed = found.map((slide) => ({ slide, value: column.value(slide) }));
  keyed.sort((a, b) => {
    if (a.value === undefined || b.value === undefined) {
      return Number(a.value === undefined) - Number(b.value === undefined);
    }
    if (typeof a.value === 'number' && typeof b.value === 'number') return sign * (a.value - b.value);
    return sign * collator.compare(String(a.value), String(b.value));
  });
  return keyed.map(({ slide }) => slide);
}

const collator = new Intl.Collator('en', { numeric: true });
