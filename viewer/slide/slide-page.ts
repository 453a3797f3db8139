import type { RowView, SlideEntry, SlideView } from '../../src/view/messages.js';
import * as api from '../api.js';
import { fill, h, rested } from '../dom.js';
import type { Address } from '../list/list-page.js';
import { firstLook, hiddenBy, type Look, Store } from '../look.js';
import { ClassesPanel } from '../panel/classes.js';
import { ColorPanel } from '../panel/color-by.js';
import { factsPanel, layersPanel } from '../panel/layers.js';
import { NucleusPanel } from '../panel/nucleus.js';
import { SelectionPanel } from '../panel/selection.js';
import { type Place, type SlidePlace, wholeList, wholeSlide } from '../permalink.js';
import { Beside } from './beside.js';
import { expose } from './handle.js';
import { helpDialog, listenToKeys } from './keys.js';
import { drawAround, type Tool } from './lasso.js';
import { legendOf } from './legend.js';
import { messagesOf } from './messages.js';
import { pictureOf } from './picture.js';
import { viewOf } from '../draw/camera.js';
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
  readonly #selection: SelectionPanel;
  readonly #find: HTMLInputElement;
  /** Place in the walk of the slide that is shown, or that was asked for last. */
  #at: number;
  #beside: Beside | undefined;
  #tool: AbortController | undefined;

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
    this.#selection = new SelectionPanel(
      this.#session,
      (tool) => void this.#draw(tool),
      () => this.#selectView(),
      () => this.#select(undefined),
    );
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
        nuclei && [this.#nucleus.element, this.#selection.element],
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
    const select = rested(150, () => void this.#selection.update());
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
        rectangle: () => void this.#draw('rectangle'),
        lasso: () => void this.#draw('lasso'),
        selectView: () => this.#selectView(),
        list: () => this.address.open(wholeList),
      },
      this.#done.signal,
    );
    waitForNuclei(this.slide, this.reopen, this.#done.signal);
    this.#showBeside(this.place.beside);
    this.#select(this.place.selection);
    expose(this.#session, () => this.#beside?.session);
  }

  close(): void {
    this.#done.abort();
    this.#tool?.abort();
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
    this.#select(place.selection);
    return true;
  }

  #go(how: 'once' | 'smoothly'): void {
    if (this.place.middle) this.#session.stage.go(this.place.middle, how);
    else if (how === 'smoothly') this.#session.stage.whole();
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

  async #draw(tool: Tool): Promise<void> {
    const session = this.#session;
    this.#tool?.abort();
    const mine = (this.#tool = new AbortController());
    const drawn = await drawAround(
      session.stage,
      tool,
      (points) => {
        session.draft = { points, closed: tool === 'rectangle' };
        session.redraw();
      },
      mine.signal,
    );
    if (this.#tool === mine) this.#tool = undefined;
    session.draft = undefined;
    session.redraw();
    if (!drawn) return;
    this.#select(drawn);
    this.#note();
  }

  #select(selection: Session['selection']): void {
    this.#session.selection = selection;
    this.#session.redraw();
    void this.#selection.update(selection !== undefined);
  }

  /** Selects what can be seen: the shape for those who draw none. */
  #selectView(): void {
    const { left, top, right, bottom } = viewOf(this.#session.stage.camera());
    const { width, height } = this.slide;
    const within = (at: number, size: number) => Math.round(Math.min(Math.max(at, 0), size) * 10) / 10;
    const [x0, x1] = [within(left, width), within(right, width)];
    const [y0, y1] = [within(top, height), within(bottom, height)];
    if (x0 === x1 || y0 === y1) return; // nothing of the slide
    this.#select([
      [x0, y0],
      [x1, y0],
      [x1, y1],
      [x0, y1],
    ]);
    this.#note();
  }

  #leave(): void {
    if (this.#tool) this.#tool.abort();
    else if (this.#session.pinned) void this.#pin(undefined);
    else if (this.#session.selection) {
      this.#select(undefined);
      this.#note();
    } else (document.activeElement as HTMLElement | null)?.blur();
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
