import type { OverlayDirectory } from '../../src/overlay/layout.js';
import type { Camera, Rect } from '../draw/camera.js';
import { viewOf } from '../draw/camera.js';
import { Agenda, type Job, type WorkerClient } from './client.js';
import { Lru } from '../../src/view/lru.js';
import { leafCells, type PackedOutlines, type PackedPoints } from './tasks.js';

/** Bytes of leaves that are kept, on the page and on the GPU together. */
const kept = 256 * 2 ** 20;

/** What is loaded of a leaf. */
export interface Leaf {
  readonly index: number;
  /** Its corner in level-0 px. */
  readonly x: number;
  readonly y: number;
  readonly side: number;
  points?: PackedPoints;
  outlines?: PackedOutlines;
  /** Values of a column, in the order of the points. */
  values?: { readonly column: string; readonly data: Float32Array };
  /** What the GPU holds of it. */
  gpu?: { drop(): void };
}

/** The leaves of a slide: which are in view, which are loaded. */
export class Leaves {
  readonly #loaded = new Lru<number, Leaf>(kept, (leaf) => leaf.gpu?.drop());
  readonly #agenda: Agenda;
  /** What the last camera sees of each leaf's cells. */
  #seenBy: Camera | undefined;
  readonly #seenCells = new Map<number, readonly (readonly [number, number])[]>();
  /** Segments of all outlines that were ever loaded, and their nuclei. */
  #seen = { segments: 0, nuclei: 0 };

  /**
   * @param address of the slide's nuclei
   * @param arrived is called with a leaf of which something was loaded
   * @param failed is called with the line that says why something was not
   */
  constructor(
    readonly directory: OverlayDirectory,
    readonly address: string,
    readonly client: WorkerClient,
    readonly arrived: (leaf: Leaf) => void,
    failed: (line: string) => void,
  ) {
    this.#agenda = new Agenda(6, failed);
  }

  /** Segments of a usual outline. */
  get segmentsPerNucleus(): number {
    return this.#seen.nuclei > 1000 ? this.#seen.segments / this.#seen.nuclei : 48;
  }

  /** Whether something is under way. */
  get busy(): boolean {
    return this.#agenda.length > 0;
  }

  loaded(index: number): Leaf | undefined {
    return this.#loaded.get(index);
  }

  /** Leaves whose outlines reach into the view. Asked in every frame, so it makes nothing. */
  inView(camera: Camera): number[] {
    const view = viewOf(camera);
    const { left, top, right, bottom } = this.directory.leaves;
    const found = [];
    for (let leaf = 0; leaf < left.length; leaf++) {
      if (
        left[leaf]! < view.right &&
        view.left < right[leaf]! &&
        top[leaf]! < view.bottom &&
        view.top < bottom[leaf]!
      ) {
        found.push(leaf);
      }
    }
    return found;
  }

  squareOf(index: number): Rect & { readonly side: number } {
    const { depth, i, j } = this.directory.leaves;
    const side = this.directory.side / 2 ** depth[index]!;
    const [left, top] = [i[index]! * side, j[index]! * side];
    return { left, top, right: left + side, bottom: top + side, side };
  }

  /** Nuclei in view, an estimate where leaves are not loaded; a larger number than `enough` once it is passed. */
  countInView(indices: readonly number[], camera: Camera, enough: number): number {
    const view = viewOf(camera);
    let count = 0;
    for (const index of indices) {
      if (count > enough) break;
      const square = this.squareOf(index);
      const whole =
        square.left >= view.left &&
        square.right <= view.right &&
        square.top >= view.top &&
        square.bottom <= view.bottom;
      if (whole) count += this.directory.leaves.count[index]!;
      else count += this.#partInView(index, camera);
    }
    return count;
  }

  #partInView(index: number, camera: Camera): number {
    const ranges = this.cellsInView(index, camera);
    const points = this.loaded(index)?.points;
    if (points) return ranges.reduce((sum, [a, b]) => sum + points.cells[b]! - points.cells[a]!, 0);
    const share = ranges.reduce((sum, [a, b]) => sum + b - a, 0) / leafCells ** 2;
    return this.directory.leaves.count[index]! * share;
  }

  /**
   * Ranges [first, behind the last] of a leaf's cells that can be seen. Where outlines are loaded, theirs is the reach
   * that counts. Asked several times in every frame, so it is reckoned once for each camera.
   */
  cellsInView(index: number, camera: Camera, margin = 0): readonly (readonly [number, number])[] {
    if (camera !== this.#seenBy) {
      this.#seenBy = camera;
      this.#seenCells.clear();
    }
    let ranges = margin === 0 ? this.#seenCells.get(index) : undefined;
    ranges ??= this.#cellsInView(index, camera, margin);
    if (margin === 0) this.#seenCells.set(index, ranges);
    return ranges;
  }

  #cellsInView(index: number, camera: Camera, margin: number): readonly (readonly [number, number])[] {
    const view = viewOf(camera);
    const { left, top, side } = this.squareOf(index);
    const bounds = this.loaded(index)?.outlines?.bounds;
    const cell = side / leafCells;
    const ranges: [number, number][] = [];
    let first = -1;
    for (let k = 0; k < leafCells ** 2; k++) {
      const x = left + (k % leafCells) * cell;
      const y = top + Math.floor(k / leafCells) * cell;
      const seen = bounds
        ? left + bounds[4 * k]! < view.right &&
          view.left < left + bounds[4 * k + 2]! &&
          top + bounds[4 * k + 1]! < view.bottom &&
          view.top < top + bounds[4 * k + 3]!
        : x - margin < view.right &&
          view.left < x + cell + margin &&
          y - margin < view.bottom &&
          view.top < y + cell + margin;
      if (seen && first < 0) first = k;
      if (!seen && first >= 0) {
        ranges.push([first, k]);
        first = -1;
      }
    }
    if (first >= 0) ranges.push([first, leafCells ** 2]);
    return ranges;
  }

  /** Says which leaves are wanted from now on, with outlines and values of a column or without. */
  want(indices: readonly number[], outlines: boolean, column: string | undefined): void {
    const jobs: Job[] = [];
    for (const index of indices) {
      const leaf = this.loaded(index);
      if (!leaf?.points) {
        jobs.push({ name: `points ${index}`, work: () => this.#loadPoints(index) });
        continue;
      }
      if (outlines && !leaf.outlines) {
        jobs.push({ name: `outlines ${index}`, work: () => this.#loadOutlines(leaf) });
      }
      if (column !== undefined && leaf.values?.column !== column) {
        jobs.push({
          name: `${column} ${index}`,
          work: () => this.#loadValues(leaf, column),
        });
      }
    }
    this.#agenda.want(jobs);
  }

  /** Forgets what the GPU holds: its context is a new one. */
  forgetGpu(): void {
    this.#loaded.each((leaf) => delete leaf.gpu);
  }

  close(): void {
    this.#agenda.want([]);
    this.#loaded.clear();
  }

  async #loadPoints(index: number): Promise<void> {
    const { left, top, side } = this.squareOf(index);
    const address = `${this.address}/overlay/${this.directory.leaves.block[index]!}`;
    const points = await this.client.do({ kind: 'points', address, side });
    this.#keep({ index, x: left, y: top, side, points });
  }

  async #loadOutlines(leaf: Leaf): Promise<void> {
    const address = `${this.address}/overlay/${this.directory.leaves.block[leaf.index]! + 1}`;
    const { order, tags, cells } = leaf.points!;
    leaf.outlines = await this.client.do({ kind: 'outlines', address, points: { order, tags, cells } });
    this.#seen.segments += leaf.outlines.positions.length / 2;
    this.#seen.nuclei += leaf.points!.count;
    this.#keep(leaf);
  }

  async #loadValues(leaf: Leaf, column: string): Promise<void> {
    const address = `${this.address}/columns/${encodeURIComponent(column)}`;
    const { rowGroup } = this.directory;
    const data = await this.client.do({ kind: 'values', address, rowGroup, rows: leaf.points!.rows });
    leaf.values = { column, data };
    this.#keep(leaf);
  }

  #keep(leaf: Leaf): void {
    const vertices = (leaf.outlines?.positions.length ?? 0) / 2;
    // Twice: once here, once on the GPU.
    const bytes = 2 * (30 * leaf.points!.count + 16 * vertices + 4 * (leaf.outlines?.triangles.length ?? 0));
    this.#loaded.set(leaf.index, leaf, bytes);
    this.arrived(leaf);
  }
}
