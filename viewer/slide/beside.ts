import type { SlideEntry, SlideView } from '../../src/view/messages.js';
import * as api from '../api.js';
import { fill, h } from '../dom.js';
import type { Look, Store } from '../look.js';
import { Link } from './link.js';
import { Session } from './session.js';
import type { Stage } from './stage.js';
import { followPointer } from './tooltip.js';
import { lineOf } from '../format.js';

/** A second slide beside the first, which moves along with it. */
export class Beside {
  readonly element = h('section', { class: 'pane', 'aria-label': 'The slide beside' });
  session: Session | undefined;
  #closed = false;

  constructor(
    readonly main: Stage,
    readonly key: string,
    readonly look: Store<Look>,
    slides: readonly SlideEntry[],
    readonly choose: (key: string | undefined) => void,
    readonly problem: (line: string) => void,
  ) {
    const linked = h('input', { type: 'checkbox' });
    linked.checked = true;
    const select = h('select', { 'aria-label': 'Slide beside' });
    fill(
      select,
      slides.map((slide) => h('option', { value: slide.key }, slide.id)),
    );
    select.value = key;
    select.onchange = () => choose(select.value);
    this.element.append(
      h(
        'div',
        { class: 'pane-head' },
        select,
        h('label', {}, linked, ' linked'),
        h('span', { class: 'grow' }),
        h('button', { type: 'button', class: 'quiet', onclick: () => choose(undefined) }, 'Close'),
      ),
    );
    void api.slide(key).then(
      (slide) => this.#show(slide, linked),
      (error: unknown) => problem(lineOf(error)),
    );
  }

  close(): void {
    this.#closed = true;
    this.session?.close();
    this.element.remove();
  }

  #show(slide: SlideView, linked: HTMLInputElement): void {
    if (this.#closed) return;
    const session = new Session(
      slide,
      this.look,
      () => {
        const { mpp } = this.main.where();
        session.stage.go({ ...session.stage.where(), mpp }, 'once');
        const link = new Link([this.main, session.stage]);
        linked.onchange = () => (link.linked = linked.checked);
      },
      this.problem,
    );
    this.session = session;
    this.element.append(session.stage.element);
    followPointer(session, session.stage.element, () => {});
  }
}
