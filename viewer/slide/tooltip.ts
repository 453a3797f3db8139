import { fill, h, swatch } from '../dom.js';
import { classColors } from '../draw/colors.js';
import { columnName, measure, unit, words } from '../format.js';
import type { Session } from './session.js';

/** Where the pointer is, and where the stage was then. */
interface PointerPlace {
  readonly event: PointerEvent;
  readonly box: DOMRect;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Follows the pointer: which nucleus is under it, and what is known of it without asking. */
export function followPointer(
  session: Session,
  element: HTMLElement,
  moved: (at: Point | undefined) => void,
): void {
  const tip = h('div', { class: 'tip', hidden: true });
  element.append(tip);
  let waiting: PointerPlace | undefined;
  const leave = () => {
    waiting = undefined;
    moved(undefined);
    show();
  };
  /** @param at the level-0 px under the pointer */
  const show = (where?: PointerPlace, at?: Point) => {
    const picked = at && where?.event.buttons === 0 ? session.pickAt(at.x, at.y) : undefined;
    const before = session.hovered;
    session.hovered = picked;
    if (before?.row !== picked?.row) session.redraw();
    tip.hidden = !picked;
    if (!picked || !where) return;
    if (before?.row !== picked.row) fill(tip, contents(session));
    const { event, box } = where;
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    tip.style.left = `${Math.min(x + 14, box.width - tip.offsetWidth - 6)}px`;
    tip.style.top = `${y + 18 + tip.offsetHeight > box.height ? y - tip.offsetHeight - 8 : y + 18}px`;
  };
  element.addEventListener('pointermove', (event) => {
    if (event.pointerType === 'touch') return;
    if (!waiting) {
      requestAnimationFrame(() => {
        const last = waiting;
        waiting = undefined;
        if (!last) return;
        const at = session.stage.pointAt(last.event.clientX, last.event.clientY, last.box);
        moved(at);
        show(last, at);
      });
    }
    // Read now, when the page is laid out: within the frame, which moves the picture, it would have to be laid out anew.
    waiting = { event, box: element.getBoundingClientRect() };
  });
  element.addEventListener('pointerleave', leave);
}

function contents(session: Session): Node[] {
  const { hovered, slide, overlay, look } = session;
  const { points } = hovered!.leaf;
  const [place, quality] = [points!.tags[2 * hovered!.at]!, points!.tags[2 * hovered!.at + 1]!];
  const { classes, qualities } = overlay!.leaves.directory;
  const named = slide.classes.find(({ id }) => id === classes[place]);
  const colors = classColors(slide.classes, look.value.palette);
  const lines: Node[] = [
    h(
      'div',
      {},
      swatch(colors.get(classes[place]!) ?? '#888'),
      words(named?.name ?? `class ${classes[place]!}`),
    ),
  ];
  if (quality > 0) lines.push(h('div', { class: 'soft' }, `set aside: ${words(qualities[quality]!)}`));
  const column = slide.columns.find(({ name }) => name === look.value.column);
  const value = session.valueOf(hovered!);
  if (column && value !== undefined) {
    lines.push(h('div', {}, `${columnName(column.name)}: ${measure(value)} ${unit(column.unit)}`));
  }
  const area = areaOf(hovered!.leaf, hovered!.at);
  if (area !== undefined && column?.name !== 'area_um2')
    lines.push(h('div', {}, `area: ${measure(area * slide.mpp ** 2)} µm²`));
  return lines;
}

/** Area within a nucleus's outline in square px, holes left out; undefined where the outline is not loaded. */
function areaOf({ outlines }: NonNullable<Session['hovered']>['leaf'], at: number): number | undefined {
  if (!outlines) return undefined;
  const { positions, tags, vertexOf } = outlines;
  let [sum, ring, area] = [0, 0, 0];
  for (let k = vertexOf[at]!; k < vertexOf[at + 1]!; k++) {
    if (tags[4 * k + 2] === 0) {
      area += (ring === 0 ? 1 : -1) * Math.abs(sum / 2);
      [sum, ring] = [0, ring + 1];
    } else {
      sum += positions[2 * k]! * positions[2 * k + 3]! - positions[2 * k + 2]! * positions[2 * k + 1]!;
    }
  }
  return area;
}
