import type { CohortView, SlideEntry } from '../../src/view/messages.js';
import * as api from '../api.js';
import { fill, h, rested } from '../dom.js';
import { count } from '../format.js';
import { type ListPlace, type Place, wholeSlide } from '../permalink.js';
import { themeButton } from '../theme.js';
import { type Column, columnsOf, listed } from './rows.js';
import { rowHeight, slideRow } from './slide-row.js';
import { VirtualRows } from './virtual-rows.js';

/** How often a list with slides at work is asked for again, in ms. */
const pause = 5_000;

export interface Address {
  open(place: Place): void;
  note(place: Place): void;
}

/** The list of slides. */
export class ListPage {
  readonly element: HTMLElement;
  readonly title: string;
  #columns: Column[];
  #shown: SlideEntry[] = [];
  /** Place in the list of the slide that n and p have come to. */
  #at = -1;
  readonly #rows: VirtualRows<SlideEntry>;
  readonly #summary = h('p', { class: 'summary', role: 'status' });
  readonly #search = h('input', {
    type: 'search',
    placeholder: 'Search id, flags, manifest',
    'aria-label': 'Search',
  });
  readonly #state = h('select', { 'aria-label': 'State' });
  readonly #flagged = h('input', { type: 'checkbox' });
  readonly #table: HTMLTableElement;
  readonly #head = h('thead');
  readonly #done = new AbortController();
  #timer = 0;

  constructor(
    private cohort: CohortView,
    private place: ListPlace,
    readonly address: Address,
    readonly walk: (slides: readonly SlideEntry[]) => void,
  ) {
    this.title = `${cohort.name} - hoverslide`;
    this.#columns = columnsOf(cohort);
    const body = h('tbody');
    this.#table = h('table', { class: 'slides', 'aria-label': 'Slides' }, this.#head, body);
    const scroll = h(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Slides' },
      this.#table,
    );
    this.#rows = new VirtualRows(scroll, body, rowHeight, this.#columns.length + 2, (slide, index) =>
      slideRow(slide, this.#columns, index, index === this.#at),
    );
    this.element = h(
      'div',
      { class: 'list-page' },
      h(
        'header',
        { class: 'bar' },
        h('h1', {}, cohort.name),
        this.#summary,
        h('span', { class: 'grow' }),
        this.#search,
        this.#state,
        h('label', {}, this.#flagged, ' flagged'),
        themeButton(),
      ),
      h('main', {}, scroll),
    );
    const search = rested(120, () => this.#change({ search: this.#search.value }));
    this.#search.oninput = search;
    this.#state.onchange = () => this.#change({ state: this.#state.value });
    this.#flagged.onchange = () => this.#change({ flagged: this.#flagged.checked });
  }

  begin(): void {
    document.addEventListener('keydown', (event) => this.#key(event), { signal: this.#done.signal });
    this.#show();
    this.#askAgain();
  }

  close(): void {
    this.#done.abort();
    clearTimeout(this.#timer);
  }

  /** Goes to a place, if it is on this page. */
  take(place: Place): boolean {
    if (place.page !== 'list') return false;
    this.place = place;
    this.#show();
    return true;
  }

  #change(part: Partial<ListPlace>): void {
    this.place = { ...this.place, ...part };
    this.address.note(this.place);
    this.#at = -1;
    this.#show();
  }

  #show(): void {
    const { slides } = this.cohort;
    const { search, state, flagged } = this.place;
    if (document.activeElement !== this.#search) this.#search.value = search;
    const states = new Map<string, number>();
    for (const slide of slides) states.set(slide.state, (states.get(slide.state) ?? 0) + 1);
    fill(
      this.#state,
      h('option', { value: '' }, 'all states'),
      [...states].map(([name, of]) => h('option', { value: name }, `${name} (${count(of)})`)),
    );
    this.#state.value = states.has(state) ? state : '';
    this.#flagged.checked = flagged;
    this.#shown = listed(slides, this.#columns, this.place);
    this.walk(this.#shown);
    const nuclei = this.#shown.reduce((sum, slide) => sum + (slide.nuclei ?? 0), 0);
    const of = this.#shown.length === slides.length ? '' : ` of ${count(slides.length)}`;
    this.#summary.textContent = `${count(this.#shown.length)}${of} slides, ${count(nuclei)} nuclei`;
    this.#table.setAttribute('aria-rowcount', String(this.#shown.length + 1));
    fill(this.#head, this.#headRow());
    this.#rows.set(this.#shown);
  }

  #headRow(): HTMLTableRowElement {
    const { sort } = this.place;
    const cells = this.#columns.map(({ name, title, numeric }) => {
      const [up, down] = [sort === name, sort === `-${name}`];
      const button = h('button', { type: 'button' }, title, up ? ' ▲' : down ? ' ▼' : '');
      button.onclick = () => {
        // Numbers are looked at from the largest on.
        const [first, second] = numeric || name === 'flags' ? [`-${name}`, name] : [name, `-${name}`];
        this.#change({ sort: sort === first ? second : sort === second ? '' : first });
        this.#head
          .querySelectorAll('button')
          [this.#columns.findIndex((column) => column.name === name)]?.focus();
      };
      const order = up ? 'ascending' : down ? 'descending' : 'none';
      return h('th', { scope: 'col', 'aria-sort': order, class: numeric ? 'number' : '' }, button);
    });
    cells.splice(6, 0, h('th', { scope: 'col' }, 'Classes'));
    return h(
      'tr',
      { 'aria-rowindex': 1 },
      h('th', { scope: 'col' }, h('span', { class: 'unseen' }, 'Picture')),
      cells,
    );
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
    if (event.key === '/') {
      event.preventDefault();
      this.#search.focus();
    } else if (event.key === 'n' || event.key === 'p') {
      const step = event.key === 'n' ? 1 : -1;
      this.#at = Math.min(this.#shown.length - 1, Math.max(0, this.#at + step));
      this.#rows.reveal(this.#at);
      this.#rows.set(this.#shown);
    } else if (event.key === 'Enter' && event.target === document.body && this.#shown[this.#at]) {
      this.address.open(wholeSlide(this.#shown[this.#at]!.key));
    }
  }

  /** While slides are at work, asks again from time to time. */
  #askAgain(): void {
    if (!this.cohort.slides.some(({ state }) => state === 'queued' || state === 'running')) return;
    this.#timer = setTimeout(() => {
      void api.cohort().then(
        (cohort) => {
          if (this.#done.signal.aborted) return;
          this.cohort = cohort;
          this.#columns = columnsOf(cohort);
          this.#show();
          this.#askAgain();
        },
        () => this.#askAgain(),
      );
    }, pause);
  }
}
