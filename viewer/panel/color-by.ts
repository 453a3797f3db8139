import uPlot from 'uplot';
import type { ColumnView } from '../../src/view/messages.js';
import { fill, h } from '../dom.js';
import { valueColor } from '../draw/colors.js';
import { columnName, measure, unit } from '../format.js';
import { Session } from '../slide/session.js';
import { section } from './section.js';

const height = 84;

/** Positions of a handle. */
const steps = 1000;

/** Colour by a column: its histogram, and two handles for what is shown of it. */
export class ColorPanel {
  readonly element: HTMLElement;
  readonly #select = h('select', { 'aria-label': 'Colour nuclei by' });
  readonly #body = h('div', { class: 'column' });
  #column: ColumnView | undefined;
  #plot: uPlot | undefined;
  #handles: { readonly low: HTMLInputElement; readonly high: HTMLInputElement } | undefined;
  readonly #limits = h('p', { class: 'limits', role: 'status' });

  constructor(readonly session: Session) {
    const { slide, look } = session;
    fill(
      this.#select,
      h('option', { value: '' }, 'class'),
      slide.columns.map(({ name, unit: of }) =>
        h('option', { value: name }, columnName(name) + (of ? ` (${unit(of)})` : '')),
      ),
    );
    this.#select.onchange = () =>
      look.change({ column: this.#select.value || undefined, min: undefined, max: undefined });
    this.element = section('Colour by', this.#select, this.#body);
    look.watch(() => void this.#show());
  }

  close(): void {
    this.#plot?.destroy();
  }

  async #show(): Promise<void> {
    const { look, slide } = this.session;
    const { column: name } = look.value;
    const known = slide.columns.some((column) => column.name === name);
    this.#select.value = known ? name! : '';
    if (!known) {
      this.#column = undefined;
      this.#plot?.destroy();
      this.#plot = undefined;
      fill(this.#body);
      return;
    }
    if (this.#column?.name !== name) {
      try {
        const column = await this.session.column(name!);
        if (look.value.column !== name || this.#column?.name === name) return;
        this.#build(column);
      } catch {
        return; // the session has said why
      }
    }
    this.#place();
  }

  #build(column: ColumnView): void {
    this.#column = column;
    this.#plot?.destroy();
    const { min, max, meaning } = column;
    const plot = h('div', { class: 'plot', 'aria-hidden': 'true' });
    const handle = (label: string) =>
      h('input', {
        type: 'range',
        min: 0,
        max: steps,
        step: 1,
        'aria-label': label,
        oninput: () => this.#take(),
      });
    const [low, high] = [
      handle(`Lowest ${columnName(column.name)} shown`),
      handle(`Highest ${columnName(column.name)} shown`),
    ];
    this.#handles = { low, high };
    const ends = (value: number) => h('span', {}, measure(value));
    fill(
      this.#body,
      h('div', { class: 'histogram' }, plot, h('div', { class: 'handles' }, low, high)),
      h('div', { class: 'ends' }, ends(min), h('span', {}, unit(column.unit)), ends(max)),
      this.#limits,
      h('p', { class: 'soft' }, `${unit(meaning)}.`),
    );
    // The plot takes the width that it finds, so it is made when it stands in the page.
    requestAnimationFrame(() => {
      if (plot.isConnected) this.#plot = histogram(plot, column);
    });
  }

  /** Puts the handles where the look has them. */
  #place(): void {
    if (!this.#column || !this.#handles) return;
    const { min, max, name } = this.#column;
    const { look } = this.session;
    const { low, high } = this.#handles;
    const at = (value: number) => String(Math.round(((value - min) / (max - min || 1)) * steps));
    if (document.activeElement !== low) low.value = look.value.min === undefined ? '0' : at(look.value.min);
    if (document.activeElement !== high)
      high.value = look.value.max === undefined ? String(steps) : at(look.value.max);
    const of = unit(this.#column.unit);
    for (const [input, value] of [
      [low, look.value.min ?? min],
      [high, look.value.max ?? max],
    ] as const) {
      input.setAttribute('aria-valuetext', `${measure(value)} ${of}`);
    }
    const bounds = [
      look.value.min === undefined ? '' : `from ${measure(look.value.min)}`,
      look.value.max === undefined ? '' : `to ${measure(look.value.max)}`,
    ].filter(Boolean);
    const all = `Nuclei of any ${columnName(name)} are shown`;
    const clear = h(
      'button',
      { type: 'button', class: 'quiet', onclick: () => look.change({ min: undefined, max: undefined }) },
      'clear',
    );
    fill(
      this.#limits,
      bounds.length === 0 ? all : `Shown: ${bounds.join(' ')} ${of} `,
      bounds.length > 0 && clear,
    );
  }

  #take(): void {
    const { min, max } = this.#column!;
    const { low, high } = this.#handles!;
    const [a, b] = [Number(low.value), Number(high.value)].sort((x, y) => x - y) as [number, number];
    const value = (step: number) => Number((min + ((max - min) * step) / steps).toPrecision(5));
    this.session.look.change({
      min: a === 0 ? undefined : value(a),
      max: b === steps ? undefined : value(b),
    });
  }
}

/** Draws a column's histogram in the colours of its values. */
function histogram(element: HTMLElement, column: ColumnView): uPlot {
  const { min, max, histogram: counts } = column;
  const width = (max - min) / counts.length;
  const [low, high] = Session.range(column);
  const colors = (plot: uPlot) => {
    const [left, right] = [plot.valToPos(min, 'x', true), plot.valToPos(max, 'x', true)];
    const gradient = plot.ctx.createLinearGradient(left, 0, Math.max(right, left + 1), 0);
    for (let k = 0; k <= 24; k++) {
      const value = min + ((max - min) * k) / 24;
      const at = Math.min(1, Math.max(0, (value - low) / (high - low)));
      gradient.addColorStop(k / 24, `rgb(${valueColor(at).join(' ')})`);
    }
    return gradient;
  };
  return new uPlot(
    {
      width: element.clientWidth,
      height,
      padding: [4, 0, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false, range: () => [min, max] }, y: { range: (_, __, most) => [0, most] } },
      axes: [{ show: false }, { show: false }],
      series: [
        {},
        {
          fill: colors,
          width: 0,
          points: { show: false },
          paths: uPlot.paths.bars!({ size: [1, Infinity], gap: 0 }),
        },
      ],
    },
    [counts.map((_, k) => min + (k + 0.5) * width), [...counts]],
    element,
  );
}
