import { viewOf, within } from '../draw/camera.js';
import { SelectionPanel } from '../panel/selection.js';
import type { Point } from '../permalink.js';
import { drawAround, tenth, type Tool } from './lasso.js';
import type { Session } from './session.js';

/** The shape that nuclei are selected by: how it comes to be, and goes. */
export class Selecting {
  readonly panel: SelectionPanel;
  #tool: AbortController | undefined;

  /** @param changed is called when the user has chosen another shape, or none */
  constructor(
    readonly session: Session,
    readonly changed: () => void,
  ) {
    this.panel = new SelectionPanel(session, {
      draw: (tool) => void this.draw(tool),
      selectView: () => this.view(),
      clear: () => this.clear(),
    });
  }

  /** Takes a shape over. */
  take(selection: readonly Point[] | undefined): void {
    this.session.selection = selection;
    this.session.redraw();
    void this.panel.update(selection !== undefined);
  }

  /** Lets the user draw one. */
  async draw(tool: Tool): Promise<void> {
    const { session } = this;
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
    if (drawn) this.#choose(drawn);
  }

  /** Takes what can be seen of the slide: the shape for those who draw none. */
  view(): void {
    const { left, top, right, bottom } = viewOf(this.session.stage.camera());
    const { width, height } = this.session.slide;
    const [x0, x1] = [tenth(within(left, width)), tenth(within(right, width))];
    const [y0, y1] = [tenth(within(top, height)), tenth(within(bottom, height))];
    if (x0 === x1 || y0 === y1) return; // nothing
    this.#choose([
      [x0, y0],
      [x1, y0],
      [x1, y1],
      [x0, y1],
    ]);
  }

  clear(): void {
    this.#choose(undefined);
  }

  /** Lets go of the tool in hand. @returns whether there was one */
  letGo(): boolean {
    this.#tool?.abort();
    return this.#tool !== undefined;
  }

  #choose(selection: readonly Point[] | undefined): void {
    this.take(selection);
    this.changed();
  }
}
