import { fill, h, swatch } from '../dom.js';
import { classColors, setAsideColor } from '../draw/colors.js';
import { count, words } from '../format.js';
import type { InView, Session } from '../slide/session.js';
import { section } from './section.js';

/** Classes: which are shown, how many there are of each, in which colours. It is also the table that stands for the picture. */
export class ClassesPanel {
  readonly element: HTMLElement;
  readonly #body = h('tbody');
  readonly #opacity = h('input', { type: 'range', min: 0.1, max: 1, step: 0.05 });
  readonly #filled = h('input', { type: 'checkbox' });
  readonly #palette = h(
    'select',
    {},
    h('option', { value: 'model' }, "model's colours"),
    h('option', { value: 'okabe-ito' }, 'colour-blind safe'),
  );
  #inView: InView | undefined;

  constructor(readonly session: Session) {
    const { look } = session;
    this.#opacity.oninput = () => look.change({ opacity: Number(this.#opacity.value) });
    this.#filled.onchange = () => look.change({ filled: this.#filled.checked });
    this.#palette.onchange = () => look.change({ palette: this.#palette.value as 'model' });
    this.element = section(
      'Classes',
      h(
        'table',
        { class: 'classes' },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('th', { scope: 'col' }, 'Class'),
            h('th', { scope: 'col', class: 'number' }, 'Slide'),
            h(
              'th',
              { scope: 'col', class: 'number', title: 'All in view, within thresholds or not' },
              'In view',
            ),
          ),
        ),
        this.#body,
      ),
      h(
        'div',
        { class: 'controls' },
        h('label', {}, 'Opacity ', this.#opacity),
        h('label', {}, this.#filled, ' filled'),
        h('label', {}, h('span', { class: 'unseen' }, 'Colours'), this.#palette),
      ),
    );
    look.watch(() => this.#show());
  }

  /** Takes over what is in view by now. */
  take(inView: InView | undefined): void {
    this.#inView = inView;
    this.#show();
  }

  #show(): void {
    const { slide, look } = this.session;
    const { hidden, setAside, palette, opacity, filled } = look.value;
    const colors = classColors(slide.classes, palette);
    const ids = this.session.overlay?.leaves.directory.classes;
    const counted = slide.classes.reduce((sum, each) => sum + each.count, 0);
    const all = 'count' in slide.nuclei ? slide.nuclei.count : undefined;
    const rows = slide.classes.map(({ id, name, count: of }, k) =>
      this.#row({
        name: words(name),
        color: colors.get(id)!,
        checked: !hidden.has(id),
        of,
        inView: this.#inView?.classes[ids?.indexOf(id) ?? -1],
        key: k < 9 ? String(k + 1) : undefined,
        toggle: () => this.toggle(k),
      }),
    );
    rows.push(
      this.#row({
        name: 'set aside',
        color: setAsideColor,
        checked: setAside,
        of: all === undefined ? undefined : all - counted,
        inView: this.#inView?.setAside,
        toggle: () => look.change({ setAside: !look.value.setAside }),
        hint: 'Nuclei whose quality is not ok: they count nowhere',
      }),
    );
    // The one that was just used keeps the focus.
    const focused = [...this.#body.querySelectorAll('input')].indexOf(
      document.activeElement as HTMLInputElement,
    );
    fill(this.#body, rows);
    this.#body.classList.toggle('by-value', look.value.column !== undefined);
    if (focused >= 0) this.#body.querySelectorAll('input')[focused]?.focus();
    this.#opacity.value = String(opacity);
    this.#filled.checked = filled;
    this.#palette.value = palette;
  }

  /** Shows or hides the class at a place. */
  toggle(place: number): void {
    const id = this.session.slide.classes[place]?.id;
    if (id === undefined) return;
    const hidden = new Set(this.session.look.value.hidden);
    if (!hidden.delete(id)) hidden.add(id);
    this.session.look.change({ hidden });
  }

  #row(row: {
    name: string;
    color: string;
    checked: boolean;
    of: number | undefined;
    inView: number | undefined;
    key?: string | undefined;
    hint?: string;
    toggle(): void;
  }): HTMLTableRowElement {
    const box = h('input', { type: 'checkbox', onchange: () => row.toggle() });
    box.checked = row.checked;
    return h(
      'tr',
      { class: row.checked ? '' : 'off' },
      h(
        'th',
        { scope: 'row', title: row.hint },
        h(
          'label',
          {},
          box,
          swatch(row.color),
          h('span', {}, row.name),
          row.key && h('kbd', { 'aria-hidden': 'true' }, row.key),
        ),
      ),
      h('td', { class: 'number' }, row.of === undefined ? '' : count(row.of)),
      h(
        'td',
        { class: 'number' },
        row.inView === undefined ? (this.session.canDraw ? '…' : '–') : count(Math.round(row.inView)),
      ),
    );
  }
}
