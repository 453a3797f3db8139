import type { ColumnView, SlideView } from '../../src/view/messages.js';
import * as api from '../api.js';
import { WorkerClient } from '../data/client.js';
import type { Leaf } from '../data/leaves.js';
import { pick, type Picked } from '../data/pick.js';
import { viewOf } from '../draw/camera.js';
import { contextOf, Overlay } from '../draw/overlay.js';
import type { Look, Store } from '../look.js';
import type { Point } from '../permalink.js';
import { drawMarks, pathOf } from './marks.js';
import { ServerPicture } from './server-picture.js';
import { Stage } from './stage.js';
import { lineOf } from '../format.js';

/** Distance from a point in CSS pixels within which it is meant. */
const pointReach = 8;

/** Nuclei that are in view, by place of the class, and those that are set aside. */
export interface InView {
  readonly classes: readonly number[];
  readonly setAside: number;
}

/** A slide that is shown: its picture, its nuclei, what is marked on it. */
export class Session {
  readonly stage: Stage;
  overlay: Overlay | undefined;
  #picture: ServerPicture | undefined;
  /** Whether this browser can draw nuclei. */
  readonly canDraw = contextOf(document.createElement('canvas')) !== null;
  pinned: Picked | Point | undefined;
  hovered: Picked | undefined;
  selection: readonly Point[] | undefined;
  /** The shape that is being drawn. */
  draft: { readonly points: readonly Point[]; readonly closed: boolean } | undefined;
  readonly #client = new WorkerClient();
  readonly #columns = new Map<string, Promise<ColumnView>>();
  readonly #layers = new Map<string, Path2D>();
  #column: ColumnView | undefined;
  #closed = false;

  /**
   * @param ready is called when the picture can be moved
   * @param problem is called with a line that the user should see
   */
  constructor(
    readonly slide: SlideView,
    readonly look: Store<Look>,
    ready: () => void,
    readonly problem: (line: string) => void,
  ) {
    this.stage = new Stage(
      slide,
      `Slide ${slide.id}. Arrows move, plus and minus zoom, question mark for help.`,
      ready,
    );
    this.stage.watch((camera) => {
      this.overlay?.draw(camera);
      drawMarks(this.stage.marks, camera, slide.mpp, {
        layers: slide.layers.flatMap(({ name, color }) => {
          const path = this.#layers.get(name);
          return path && look.value.layers.has(name) ? [{ path, color }] : [];
        }),
        selection: this.draft?.points ?? this.selection,
        closed: this.draft?.closed ?? true,
        pinned: this.pinned && ('leaf' in this.pinned ? [this.pinned.x, this.pinned.y] : this.pinned),
        hovered: this.hovered && !this.#isPinned(this.hovered) ? [this.hovered.x, this.hovered.y] : undefined,
      });
    });
    look.watch((value) => void this.#take(value));
    if ('count' in slide.nuclei) void this.#openOverlay();
  }

  /** Facts of a column, asked for once. */
  column(name: string): Promise<ColumnView> {
    let known = this.#columns.get(name);
    if (!known) {
      known = api.column(this.slide, name);
      known.catch(() => this.#columns.delete(name));
      this.#columns.set(name, known);
    }
    return known;
  }

  /** Values at the ends of the colours: all but the outermost hundredths, which would leave one colour to the rest. */
  static range({ histogram, min, max }: ColumnView): [number, number] {
    const total = histogram.reduce((sum, n) => sum + n, 0);
    const at = (share: number) => {
      let sum = 0;
      const bin = histogram.findIndex((n) => (sum += n) >= share * total);
      return Math.max(0, bin);
    };
    const width = (max - min) / histogram.length;
    const [low, high] = [min + at(0.01) * width, min + (at(0.99) + 1) * width];
    return low < high ? [low, high] : [min, min + 1];
  }

  /** The nucleus at a place of the slide, from what is drawn. */
  pickAt(x: number, y: number): Picked | undefined {
    const { overlay } = this;
    if (!overlay || overlay.frame.detail === 'density') return undefined;
    const camera = this.stage.camera();
    const near = overlay.leaves.inView({ ...camera, left: x, top: y, width: 1, height: 1 });
    const loaded = near.flatMap((index) => overlay.leaves.loaded(index) ?? []);
    const reach = (pointReach * camera.ratio) / camera.scale;
    return pick(loaded, x, y, reach, (leaf, at) => this.#shows(leaf, at));
  }

  /** The value of the column that is shown, where it is loaded. */
  valueOf({ leaf, at }: Picked): number | undefined {
    const { column } = this.look.value;
    return column !== undefined && leaf.values?.column === column ? leaf.values.data[at] : undefined;
  }

  /** Counts what is in view, whether it is shown or not; undefined while something is still to come. */
  inView(): InView | undefined {
    const { overlay } = this;
    if (!overlay || overlay.busy) return undefined;
    const camera = this.stage.camera();
    const view = viewOf(camera);
    if (overlay.frame.detail === 'density') {
      const counts = overlay.density.countsIn(view, camera);
      return counts && { classes: counts.slice(0, -1), setAside: counts.at(-1)! };
    }
    const classes = overlay.leaves.directory.classes.map(() => 0);
    let setAside = 0;
    for (const index of overlay.leaves.inView(camera)) {
      const leaf = overlay.leaves.loaded(index);
      if (!leaf?.points) return undefined;
      const { count, positions, tags } = leaf.points;
      for (let k = 0; k < count; k++) {
        const [x, y] = [leaf.x + positions[2 * k]!, leaf.y + positions[2 * k + 1]!];
        if (x < view.left || x >= view.right || y < view.top || y >= view.bottom) continue;
        if (tags[2 * k + 1] === 0) classes[tags[2 * k]!]!++;
        else setAside++;
      }
    }
    return { classes, setAside };
  }

  #isPinned({ row }: Picked): boolean {
    return this.pinned !== undefined && 'row' in this.pinned && this.pinned.row === row;
  }

  redraw(): void {
    this.stage.redraw();
  }

  close(): void {
    this.#closed = true;
    this.overlay?.close();
    this.#client.close();
    this.stage.close();
  }

  async #openOverlay(): Promise<void> {
    try {
      const directory = await api.directory(this.slide);
      if (this.#closed) return;
      if (this.canDraw) {
        const changed = () => this.redraw();
        this.overlay = new Overlay(
          this.stage.nuclei,
          this.slide,
          directory,
          this.#client,
          changed,
          this.problem,
        );
      } else this.#picture = new ServerPicture(this.stage, directory);
      await this.#take(this.look.value);
    } catch (error) {
      this.problem(`The nuclei cannot be shown: ${lineOf(error)}`);
    }
  }

  async #take(look: Look): Promise<void> {
    for (const name of look.layers) void this.#loadLayer(name);
    const known = this.slide.columns.some(({ name }) => name === look.column);
    if (known && this.#column?.name !== look.column) {
      try {
        this.#column = await this.column(look.column!);
      } catch (error) {
        this.problem(lineOf(error));
      }
      if (this.look.value !== look) return;
    }
    const column = known ? this.#column : undefined;
    this.#picture?.setLook(look);
    this.overlay?.setLook(column ? look : { ...look, column: undefined }, column && Session.range(column));
    this.redraw();
  }

  async #loadLayer(name: string): Promise<void> {
    if (this.#layers.has(name) || !this.slide.layers.some((layer) => layer.name === name)) return;
    this.#layers.set(name, new Path2D());
    try {
      this.#layers.set(name, pathOf(await api.layer(this.slide.key, name)));
      this.redraw();
    } catch (error) {
      this.problem(lineOf(error));
    }
  }

  #shows(leaf: Leaf, at: number): boolean {
    const { hidden, setAside, min, max, column } = this.look.value;
    const [place, quality] = [leaf.points!.tags[2 * at]!, leaf.points!.tags[2 * at + 1]!];
    if (quality > 0 ? !setAside : hidden.has(this.overlay!.leaves.directory.classes[place]!)) return false;
    if (column === undefined || leaf.values?.column !== column) return true;
    const value = leaf.values.data[at]!;
    return (min === undefined || value >= min) && (max === undefined || value <= max);
  }
}
