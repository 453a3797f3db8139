import type { RowView, SlideEntry, SlideView } from '../../src/view/messages.js';
import * as api from '../api.js';
import { fill, h, rested } from '../dom.js';
import { within } from '../draw/camera.js';
import type { Address } from '../list/list-page.js';
import { firstLook, hiddenBy, type Look, Store } from '../look.js';
import { ClassesPanel } from '../panel/classes.js';
import { ColorPanel } from '../panel/color-by.js';
import { factsPanel, layersPanel } from '../panel/layers.js';
import { NucleusPanel } from '../panel/nucleus.js';
import { type Place, type SlidePlace, wholeList, wholeSlide } from '../permalink.js';
import { Beside } from './beside.js';
import { expose } from './handle.js';
import { helpDialog, listenToKeys } from './keys.js';
import { legendOf } from './legend.js';
import { messagesOf } from './messages.js';
import { pictureOf } from './picture.js';
import { Selecting } from './selecting.js';
import { Session } from './session.js';
import { StatusBar } from './status-bar.js';
import { toolbar } from './toolbar.js';
import { followPointer } from './tooltip.js';
import { waitForNuclei } from './wait.js';
import { lineOf } from '../format.js';

/** um per screen px at which a nucleus that was found is shown. */
const near = 0.25;

/** How things are shown outlives the slide: who walks through slides keeps colours and classes. */
let lastLook: Look = firstLook;

/** A slide with its nuclei, and all that can be done with them. */
export class SlidePage {
  readonly element: HTMLElement;
  readonly title: string;
  readonly #look: Store<Look>;
  readonly #session: Session;
  readonly #done = new AbortController();
  readonly #help = helpDialog();
  readonly #problem = h('p', { class: 'problem', role: 'alert', hidden: true });
  readonly #panes = h('div', { class: 'panes' });
  readonly #status: StatusBar;
  readonly #classes: ClassesPanel;
  readonly #colors: ColorPanel;
  readonly #nucleus: NucleusPanel;
  readonly #selecting: Selecting;
  readonly #find: HTMLInputElement;
  /** Place in the walk of the slide that is shown, or that was asked for last. */
  #at: number;
  #beside: Beside | undefined;

  constructor(
    readonly slide: SlideView,
    private place: SlidePlace,
    readonly address: Address,
    readonly walk: readonly SlideEntry[],
    readonly reopen: () => void,
  ) {
    this.title = `${slide.id} - hoverslide`;
    this.#at = walk.findIndex(({ key }) => key === slide.key);
    this.#look = new Store({ ...lastLook, ...lookOf(place) });
    this.#session = new Session(
      slide,
      this.#look,
      () => this.#go('once'),
      (line) => this.#complain(line),
    );
    this.#status = new StatusBar(this.#session);
    this.#classes = new ClassesPanel(this.#session);
    this.#colors = new ColorPanel(this.#session);
    this.#nucleus = new NucleusPanel(slide, () => void this.#pin(undefined));
    this.#selecting = new Selecting(this.#session, () => this.#note());
    const { stage } = this.#session;
    const step = (by: 1 | -1) => this.#step(by);
    const bar = toolbar(slide, walk, {
      step,
      find: (id) => void this.#findNucleus(id),
      zoom: (factor) => stage.zoomBy(factor),
      whole: () => stage.whole(),
      picture: () => void this.#picture(),
      beside: () => this.#toggleBeside(),
      fullscreen: () =>
        void (document.fullscreenElement ? document.exitFullscreen() : this.element.requestFullscreen()),
      help: () => this.#help.showModal(),
    });
    this.#find = bar.find;
    const pane = h('section', { class: 'pane', 'aria-label': 'The slide' }, stage.element);
    stage.element.append(this.#status.bar, ...messagesOf(this.#session));
    this.#panes.append(pane);
    const nuclei = 'count' in slide.nuclei;
    this.element = h(
      'div',
      { class: 'slide-page' },
      bar.element,
      h('main', {}, this.#panes, this.#problem),
      h(
        'aside',
        { class: 'panel', 'aria-label': 'Nuclei', tabindex: 0 },
        nuclei && this.#classes.element,
        nuclei && this.#session.canDraw && this.#colors.element,
        nuclei && [this.#nucleus.element, this.#selecting.panel.element],
        layersPanel(this.#session),
        factsPanel(this.#session),
      ),
      this.#status.element,
      this.#help,
    );
  }

  begin(): void {
    const { stage } = this.#session;
    const note = rested(250, () => this.#note());
    const counts = rested(150, () => this.#classes.take(this.#session.inView()));
    stage.watch(() => {
      this.#status.update();
      counts();
    });
    for (const event of ['pan', 'zoom'] as const) stage.osd.addHandler(event, note);
    stage.osd.addHandler('canvas-click', (event) => {
      const { quick, position } = event as unknown as { quick: boolean; position: { x: number; y: number } };
      const box = stage.element.getBoundingClientRect();
      if (quick) this.#click(position.x + box.left, position.y + box.top);
    });
    const select = rested(150, () => void this.#selecting.panel.update());
    this.#look.watch((look) => {
      lastLook = look;
      note();
      if (this.#session.selection) select();
    });
    followPointer(this.#session, stage.element, (at) => this.#status.point(at));
    listenToKeys(
      {
        pan: (x, y) => stage.panBy(x, y),
        zoom: (factor) => stage.zoomBy(factor),
        whole: () => stage.whole(),
        step: (by) => this.#step(by),
        toggleClass: (place) => this.#classes.toggle(place),
        toggleSetAside: () => this.#look.change({ setAside: !this.#look.value.setAside }),
        toggleFilled: () => this.#look.change({ filled: !this.#look.value.filled }),
        help: () => this.#help.showModal(),
        leave: () => this.#leave(),
        find: () => this.#find.focus(),
        rectangle: () => void this.#selecting.draw('rectangle'),
        lasso: () => void this.#selecting.draw('lasso'),
        selectView: () => this.#selecting.view(),
        list: () => this.address.open(wholeList),
      },
      this.#done.signal,
    );
    waitForNuclei(this.slide, this.reopen, this.#done.signal);
    this.#showBeside(this.place.beside);
    this.#selecting.take(this.place.selection);
    expose(this.#session, () => this.#beside?.session);
  }

  close(): void {
    this.#done.abort();
    this.#selecting.letGo();
    this.#colors.close();
    this.#beside?.close();
    this.#session.close();
  }

  /** Goes to a place, if it is on this slide. */
  take(place: Place): boolean {
    if (place.page !== 'slide' || place.key !== this.slide.key) return false;
    this.place = place;
    this.#look.change(lookOf(place));
    this.#go('smoothly');
    this.#showBeside(place.beside);
    this.#selecting.take(place.selection);
    return true;
  }

  /** Goes where the address leads, which may be anywhere, but not off the slide. */
  #go(how: 'once' | 'smoothly'): void {
    const { middle } = this.place;
    const { width, height } = this.slide;
    if (middle) {
      const { x, y, mpp } = middle;
      this.#session.stage.go({ x: within(x, width), y: within(y, height), mpp }, how);
    } else if (how === 'smoothly') this.#session.stage.whole();
  }

  /** Writes into the address what is shown by now. */
  #note(): void {
    if (this.#done.signal.aborted) return;
    const { hidden, setAside, column, min, max } = this.#look.value;
    const { selection } = this.#session;
    this.place = {
      page: 'slide',
      key: this.slide.key,
      middle: this.#session.stage.where(),
      hidden: [...hidden].sort((a, b) => a - b),
      setAside,
      ...(column !== undefined && { column }),
      ...(min !== undefined && { min }),
      ...(max !== undefined && { max }),
      ...(selection && { selection }),
      ...(this.#beside && { beside: this.#beside.key }),
    };
    this.address.note(this.place);
  }

  #complain(line: string): void {
    this.#problem.hidden = false;
    fill(
      this.#problem,
      `${line} `,
      h('button', { type: 'button', class: 'quiet', onclick: () => (this.#problem.hidden = true) }, 'Close'),
    );
  }

  #click(clientX: number, clientY: number): void {
    const { x, y } = this.#session.stage.pointAt(clientX, clientY);
    void this.#pin(this.#session.pickAt(x, y));
  }

  /** Marks a nucleus and shows its row, which is returned as soon as it is there. */
  #pin(pinned: Session['pinned'], row?: number): Promise<RowView | undefined> {
    this.#session.pinned = pinned;
    this.#session.redraw();
    return this.#nucleus.show(pinned && 'row' in pinned ? pinned.row : row);
  }

  async #findNucleus(id: string): Promise<void> {
    try {
      const { row, x, y } = await api.find(this.slide, id);
      this.#problem.hidden = true;
      this.#session.stage.go({ x, y, mpp: near });
      const found = await this.#pin([x, y], row);
      const hidden = found && hiddenBy(this.#look.value, this.slide.classes, found);
      if (hidden !== undefined) this.#complain(`This nucleus is not shown: ${hidden}.`);
    } catch (error) {
      this.#complain(lineOf(error));
    }
  }

  #leave(): void {
    if (this.#selecting.letGo()) return;
    if (this.#session.pinned) void this.#pin(undefined);
    else if (this.#session.selection) this.#selecting.clear();
    else (document.activeElement as HTMLElement | null)?.blur();
  }

  #step(by: 1 | -1): void {
    const next = this.walk[this.#at + by];
    if (!next) return;
    this.#at += by; // the next step may come before the next page
    this.address.open(wholeSlide(next.key));
  }

  #toggleBeside(): void {
    const next = this.walk.find(({ key, state }) => key !== this.slide.key && state === 'done');
    this.#showBeside(this.#beside ? undefined : (next?.key ?? this.slide.key));
    this.#note();
  }

  #showBeside(key: string | undefined): void {
    if (this.#beside?.key === key) return;
    this.#beside?.close();
    this.#beside = undefined;
    this.#panes.classList.toggle('two', key !== undefined);
    if (key === undefined) return;
    const choose = (other: string | undefined) => {
      this.#showBeside(other);
      this.#note();
    };
    this.#beside = new Beside(this.#session.stage, key, this.#look, this.walk, choose, (line) =>
      this.#complain(line),
    );
    this.#panes.append(this.#beside.element);
  }

  async #picture(): Promise<void> {
    try {
      const legend = await legendOf(this.#session);
      api.download(await pictureOf(this.#session.stage, legend), `${this.slide.id}.png`);
    } catch (error) {
      this.#complain(lineOf(error));
    }
  }
}

const lookOf = ({ hidden, setAside, column, min, max }: SlidePlace): Partial<Look> => ({
  hidden: new Set(hidden),
  setAside,
  column,
  min,
  max,
});
