import { fullDensity } from '../draw/density.js';
import { h } from '../dom.js';
import { count, measure } from '../format.js';
import { barOf } from './picture.js';
import type { Session } from './session.js';

/** What stands below the slide: scale bar, what is drawn, and where the pointer is. */
export class StatusBar {
  readonly bar = h('div', { class: 'scale-bar', 'aria-hidden': 'true' }, h('span', {}), h('i', {}));
  readonly element: HTMLElement;
  readonly #drawn = h('span', { class: 'drawn' });
  readonly #zoom = h('span', { class: 'zoom' });
  readonly #pointer = h('span', { class: 'pointer' });

  constructor(readonly session: Session) {
    this.element = h(
      'footer',
      { class: 'status' },
      this.#zoom,
      this.#pointer,
      h('span', { class: 'grow' }),
      this.#drawn,
    );
  }

  update(): void {
    const { stage, slide } = this.session;
    const { text, length } = barOf(stage);
    const [label, line] = this.bar.children as unknown as [HTMLElement, HTMLElement];
    say(label, text);
    line.style.width = `${length}px`;
    const { scale, ratio } = stage.camera();
    say(this.#zoom, `${measure((slide.mpp * ratio) / scale)} µm/px`);
    say(this.#drawn, this.#legend());
  }

  /** Says where the pointer is; nothing where it is not over the slide. */
  point(at: { x: number; y: number } | undefined): void {
    const { mpp } = this.session.slide;
    this.#pointer.textContent = at
      ? `x ${count(Math.floor(at.x))}, y ${count(Math.floor(at.y))} px · ${(at.x * mpp).toFixed(1)}, ${(at.y * mpp).toFixed(1)} µm`
      : '';
  }

  /** Says what stands for nuclei, and what of the look cannot be shown so. */
  #legend(): string {
    const { overlay, look, slide } = this.session;
    if (!overlay) return '';
    const { detail, points, segments } = overlay.frame;
    if (detail === 'density') {
      const camera = this.session.stage.camera();
      const { cell } = overlay.leaves.directory.densities[overlay.density.gridFor(camera)]!;
      const cells = `Counts of all nuclei in cells of ${measure(cell * slide.mpp)} µm, opaque from ${count(fullDensity)} per mm²`;
      const { column, min, max } = look.value;
      if (column === undefined) return cells;
      const bounded = min !== undefined || max !== undefined;
      return `${cells}. Colours${bounded ? ' and bounds' : ''} by column need single nuclei: zoom in`;
    }
    if (detail === 'outlines' && segments > 0) return 'Outlines';
    return points > 0 ? 'A point per nucleus' : '';
  }
}

/** Writes a text where it is another one: in every frame, and each writing lays the page out anew. */
function say(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
