import type { SelectionRequest, SelectionView } from '../../src/view/messages.js';
import * as api from '../api.js';
import { fill, h } from '../dom.js';
import { columnName, count, measure, unit, words, lineOf } from '../format.js';
import type { Session } from '../slide/session.js';
import type { Tool } from '../slide/lasso.js';
import { section } from './section.js';

const formats = { csv: 'CSV', parquet: 'Parquet', geojson: 'GeoJSON' } as const;

/** What lies in a shape that the user drew: counts, densities, medians; its rows as a file. */
export class SelectionPanel {
  readonly element: HTMLDetailsElement;
  readonly #body = h('div', {});
  #turn = 0;

  constructor(
    readonly session: Session,
    readonly acts: {
      readonly draw: (tool: Tool) => void;
      readonly selectView: () => void;
      readonly clear: () => void;
    },
  ) {
    this.element = section('Selection', this.#body);
    this.#hint();
  }

  /** What the server is asked: the nuclei in the shape that are shown. */
  request(): SelectionRequest | undefined {
    const { selection, look, slide } = this.session;
    if (!selection) return undefined;
    const { hidden, setAside, column, min, max } = look.value;
    const bounded = column !== undefined && (min !== undefined || max !== undefined);
    return {
      polygon: selection,
      ...(hidden.size > 0 && {
        classes: slide.classes.filter(({ id }) => !hidden.has(id)).map(({ id }) => id),
      }),
      ...(bounded && {
        thresholds: [{ column, ...(min !== undefined && { min }), ...(max !== undefined && { max }) }],
      }),
      ...(setAside && { setAside }),
    };
  }

  /** @param drawn whether the shape is a new one, that the user wants to know of */
  async update(drawn = false): Promise<void> {
    const turn = ++this.#turn;
    const request = this.request();
    if (!request) {
      this.#hint();
      return;
    }
    this.#body.setAttribute('aria-busy', 'true');
    try {
      const view = await api.select(this.session.slide, request);
      if (turn !== this.#turn) return;
      this.#show(view);
      if (drawn) this.element.scrollIntoView({ block: 'nearest' });
    } catch (error) {
      if (turn === this.#turn) this.#complain(error);
    } finally {
      if (turn === this.#turn) this.#body.removeAttribute('aria-busy');
    }
  }

  #hint(): void {
    fill(
      this.#body,
      h(
        'p',
        { class: 'soft' },
        'Counts, densities and medians of the nuclei in a shape, and their rows as a file.',
      ),
      this.#tools(),
    );
  }

  #tools(): HTMLElement {
    const button = (tool: Tool, text: string) =>
      h('button', { type: 'button', onclick: () => this.acts.draw(tool) }, text);
    return h(
      'div',
      { class: 'buttons' },
      button('rectangle', 'Rectangle'),
      button('lasso', 'Lasso'),
      h('button', { type: 'button', onclick: () => this.acts.selectView() }, 'What is in view'),
      this.session.selection && h('button', { type: 'button', onclick: () => this.acts.clear() }, 'Clear'),
    );
  }

  #show({ nuclei, areaMm2, tissueMm2, classes, units }: SelectionView): void {
    this.element.open = true;
    const measures = Object.keys(units);
    const head = [
      'Class',
      'Nuclei',
      'per mm²',
      ...measures.map((name) => `${columnName(name)}${units[name] ? `, ${unit(units[name])}` : ''}`),
    ];
    fill(
      this.#body,
      h(
        'p',
        { role: 'status' },
        h('strong', {}, `${count(nuclei)} nuclei`),
        ` in ${measure(areaMm2)} mm², ${measure(tissueMm2)} mm² of it tissue. Densities are per mm² of tissue, measures are medians.`,
      ),
      h(
        'div',
        { class: 'wide', tabindex: 0, role: 'region', 'aria-label': 'Selection by class' },
        h(
          'table',
          { class: 'selection' },
          h(
            'thead',
            {},
            h(
              'tr',
              {},
              head.map((text, k) => h('th', { scope: 'col', class: k > 0 ? 'number' : '' }, text)),
            ),
          ),
          h(
            'tbody',
            {},
            classes.map(({ name, count: of, perMm2, medians }) =>
              h(
                'tr',
                {},
                h('th', { scope: 'row' }, words(name)),
                h('td', { class: 'number' }, count(of)),
                h('td', { class: 'number' }, perMm2 === null ? '–' : measure(perMm2)),
                measures.map((each) =>
                  h('td', { class: 'number' }, medians[each] == null ? '–' : measure(medians[each])),
                ),
              ),
            ),
          ),
        ),
      ),
      h(
        'div',
        { class: 'buttons' },
        'Rows as ',
        Object.entries(formats).map(([format, name]) =>
          h('button', { type: 'button', onclick: () => void this.#export(format) }, name),
        ),
      ),
      this.#tools(),
    );
  }

  async #export(format: string): Promise<void> {
    const { slide, problem } = this.session;
    try {
      api.download(await api.rowsOf(slide, format, this.request()!), `${slide.id}-selection.${format}`);
    } catch (error) {
      problem(lineOf(error));
    }
  }

  #complain(error: unknown): void {
    fill(this.#body, h('p', { role: 'alert' }, lineOf(error)), this.#tools());
  }
}
