import type { SlideEntry } from '../../src/view/messages.js';
import { slideAddress } from '../api.js';
import { h } from '../dom.js';
import { count, measure, words } from '../format.js';
import { formatPlace, wholeSlide } from '../permalink.js';
import type { Column } from './rows.js';

/** In px; the style sheet has the same. */
export const rowHeight = 68;

/** A slide's row in the list. */
export function slideRow(
  slide: SlideEntry,
  columns: readonly Column[],
  index: number,
  current: boolean,
): HTMLTableRowElement {
  const link = h('a', { href: formatPlace(wholeSlide(slide.key)) }, slide.id);
  const cells = columns.map((column) => {
    switch (column.name) {
      case 'id':
        return h('th', { scope: 'row' }, h('div', { class: 'clip', title: slide.id }, link));
      case 'state':
        return h('td', {}, stateOf(slide));
      case 'flags':
        return h('td', {}, flagsOf(slide));
      default: {
        const value = column.value(slide);
        const text =
          typeof value === 'number' && !column.name.startsWith('manifest')
            ? number(column, value)
            : undefined;
        const given = column.name.startsWith('manifest') ? slide.manifest[column.title] : undefined;
        const shown = given ?? text ?? '';
        return h(
          'td',
          { class: column.numeric ? 'number' : '' },
          h('div', { class: 'clip', title: shown }, shown),
        );
      }
    }
  });
  cells.splice(6, 0, h('td', {}, mixOf(slide)));
  return h(
    'tr',
    {
      'aria-rowindex': index + 2,
      class: current ? 'current' : '',
      'aria-current': current ? 'true' : undefined,
    },
    h('td', { class: 'thumb' }, thumbnail(slide)),
    cells,
  );
}

const number = ({ name }: Column, value: number) => (name === 'nuclei' ? count(value) : measure(value));

function thumbnail({ key, thumbnail }: SlideEntry): HTMLElement {
  if (!thumbnail) return h('span', { class: 'none' });
  return h('img', { src: `${slideAddress(key)}/thumbnail`, alt: '', loading: 'lazy', decoding: 'async' });
}

function stateOf({ state, reason, progress }: SlideEntry): HTMLElement {
  const share = progress === undefined ? '' : ` ${Math.floor(100 * progress)} %`;
  return h(
    'div',
    { class: 'two-lines' },
    h('span', { class: `state ${state}` }, `${state}${share}`),
    reason !== undefined && h('small', { title: reason }, reason),
  );
}

function flagsOf({ flags }: SlideEntry): HTMLElement | string {
  if (flags.length === 0) return '';
  return h(
    'div',
    { class: 'two-lines', title: flags.join('\n') },
    flags.slice(0, 2).map((flag) => h('span', { class: 'flag' }, words(flag))),
    flags.length > 2 && h('small', {}, `and ${flags.length - 2} more`),
  );
}

/** The shares of the largest classes, in words: bars without a legend say little. */
function mixOf({ counts }: SlideEntry): HTMLElement | string {
  const sorted = Object.entries(counts ?? {}).sort(([, a], [, b]) => b - a);
  const total = sorted.reduce((sum, [, of]) => sum + of, 0);
  if (total === 0) return '';
  const lines = sorted.map(([name, of]) => `${words(name)} ${Math.round((100 * of) / total)} %`);
  return h(
    'div',
    { class: 'mix', title: sorted.map(([name, of]) => `${words(name)}: ${count(of)}`).join('\n') },
    lines.slice(0, 3).map((line) => h('small', {}, line)),
  );
}
