// What a picture's colours mean, for who sees it without the page.
import { classColors, setAsideColor, valueColor } from '../draw/colors.js';
import { columnName, measure, unit, words } from '../format.js';
import { Session } from './session.js';

export interface LegendEntry {
  /** CSS colours from left to right: one of a class, several of a scale. */
  readonly colors: readonly string[];
  readonly text: string;
}

/** Returns what is shown of the nuclei: the colours of the classes, or of the values of a column, and its thresholds. */
export async function legendOf(session: Session): Promise<LegendEntry[]> {
  const { slide } = session;
  const { palette, hidden, setAside, column: name, min, max } = session.look.value;
  if (!('count' in slide.nuclei)) return [];
  if (name !== undefined) {
    const column = await session.column(name);
    const range = Session.range(column).map((value) => `${measure(value)} ${unit(column.unit)}`.trim());
    const bounds = [
      min !== undefined && `from ${measure(min)}`,
      max !== undefined && `up to ${measure(max)}`,
    ];
    const shown = bounds.filter((bound) => bound !== false).join(' ');
    const without = slide.classes.filter(({ id }) => hidden.has(id)).map((each) => words(each.name));
    return [
      {
        colors: Array.from({ length: 9 }, (_, k) => `rgb(${valueColor(k / 8).join()})`),
        text:
          `${columnName(name)}, ${range.join(' to ')}` +
          (shown === '' ? '' : `; only nuclei ${shown} ${unit(column.unit)}`.trimEnd()) +
          (without.length === 0 ? '' : `; without ${without.join(', ')}`),
      },
    ];
  }
  const colors = classColors(slide.classes, palette);
  const classes = slide.classes.filter(({ id }) => !hidden.has(id));
  return [
    ...classes.map((each) => ({ colors: [colors.get(each.id)!], text: words(each.name) })),
    ...(setAside ? [{ colors: [setAsideColor], text: 'set aside' }] : []),
  ];
}
