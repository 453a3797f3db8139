import type { RowView, SlideView } from '../../src/view/messages.js';
import * as api from '../api.js';
import { fill, h } from '../dom.js';
import { columnName, measure, unit, lineOf } from '../format.js';
import { section } from './section.js';

/** The nucleus that is pinned: its row of the table, with units and meanings. */
export class NucleusPanel {
  readonly element: HTMLDetailsElement;
  readonly #body = h('div', {}, hint());
  readonly #meanings = h('input', { type: 'checkbox' });
  #row: number | undefined;

  constructor(
    readonly slide: SlideView,
    readonly unpin: () => void,
  ) {
    this.element = section('Nucleus', this.#body);
    this.#meanings.onchange = () => this.#body.classList.toggle('explained', this.#meanings.checked);
  }

  /** Shows a row, or none. Returns it; undefined if it could not be had, or another one is wanted by now. */
  async show(row: number | undefined): Promise<RowView | undefined> {
    this.#row = row;
    if (row === undefined) {
      fill(this.#body, hint());
      return undefined;
    }
    fill(this.#body, h('p', { class: 'soft' }, 'loading …'));
    try {
      const view = await api.row(this.slide, row);
      if (this.#row !== row) return undefined;
      this.element.open = true;
      fill(
        this.#body,
        h(
          'div',
          { class: 'rows', tabindex: 0, role: 'region', 'aria-label': 'Values of the nucleus' },
          h(
            'table',
            { class: 'row' },
            h(
              'tbody',
              {},
              view.values.map((value) =>
                h(
                  'tr',
                  { title: unit(value.meaning) },
                  h(
                    'th',
                    { scope: 'row' },
                    columnName(value.name),
                    h('small', { class: 'meaning' }, unit(value.meaning)),
                  ),
                  h('td', { class: typeof value.value === 'number' ? 'number' : '' }, textOf(value.value)),
                  h('td', { class: 'soft' }, unit(value.unit)),
                ),
              ),
            ),
          ),
        ),
        h(
          'div',
          { class: 'buttons' },
          h('button', { type: 'button', onclick: () => this.unpin() }, 'Unpin'),
          h('label', {}, this.#meanings, ' meanings'),
        ),
      );
      this.element.scrollIntoView({ block: 'nearest' });
      return view;
    } catch (error) {
      if (this.#row === row) fill(this.#body, h('p', { role: 'alert' }, lineOf(error)));
      return undefined;
    }
  }
}

const hint = () => h('p', { class: 'soft' }, 'Click a nucleus to see all that is known of it.');

function textOf(value: string | number | null): string {
  if (value === null) return '–';
  if (typeof value === 'string') return value;
  return Math.abs(value) >= 1000 ? value.toFixed(1) : measure(value);
}
