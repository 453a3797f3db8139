import type { OverlayDirectory } from '../../src/overlay/layout.js';
import type { SlideView } from '../../src/view/messages.js';
import { nucleiAddress } from '../api.js';
import type { WorkerClient } from '../data/client.js';
import { type Leaf, Leaves } from '../data/leaves.js';
import type { Look } from '../look.js';
import { type Detail, detailOf, most } from './budget.js';
import { anchorOf, type Camera, type Rect, viewOf } from './camera.js';
import { classRow, valueRow } from './colors.js';
import { Density } from './density.js';
import { LeafGpu } from './leaf-gpu.js';
import { drawSegments, drawTriangles, fillProgram, outlinesProgram } from './outlines.js';
import { drawPoints, pointsProgram } from './points.js';
import { attributes, colorRow, type Gl, type Program } from './programs.js';

/** What a frame drew, for tests and benchmarks. */
export interface Frame {
  readonly detail: Detail;
  readonly points: number;
  readonly segments: number;
  readonly triangles: number;
  readonly quads: number;
  /** Milliseconds that the page's thread spent on it. */
  readonly js: number;
}

/** The nuclei of a slide, drawn by WebGL2. */
export class Overlay {
  readonly leaves: Leaves;
  readonly density: Density;
  frame: Frame = { detail: 'density', points: 0, segments: 0, triangles: 0, quads: 0, js: 0 };
  readonly #gl: Gl;
  #programs: Record<'points' | 'outlines' | 'fill', Program>;
  #valueColors: WebGLTexture;
  #classColors: WebGLTexture | undefined;
  #look: Look | undefined;
  readonly #changed: () => void;
  /** Whether there is more to draw than the last frame did. */
  #stale = true;
  #lookNumber = 0;
  /** Programs that know what holds for this frame. */
  readonly #ready = new Set<Program>();
  /** Values at the ends of the colours; equal where nuclei have the colours of their classes. */
  #range: readonly [number, number] = [0, 0];

  /**
   * @param changed is called when there is more to draw than before
   * @param failed is called with the line that says what could not be loaded
   */
  constructor(
    readonly canvas: HTMLCanvasElement,
    readonly slide: SlideView,
    directory: OverlayDirectory,
    client: WorkerClient,
    changed: () => void,
    failed: (line: string) => void,
  ) {
    this.#changed = () => {
      this.#stale = true;
      changed();
    };
    this.#gl = contextOf(canvas)!;
    const address = nucleiAddress(slide);
    // Brought to the GPU as they come, one by one and between frames: a frame then has little to do but to draw.
    const arrived = (leaf: Leaf) => {
      if (!this.#gl.isContextLost()) this.#onGpu(leaf);
      this.#gl.bindVertexArray(null);
      this.#changed();
    };
    this.leaves = new Leaves(directory, address, client, arrived, failed);
    this.density = new Density(this.#gl, directory, slide.mpp, address, client, this.#changed, failed);
    [this.#programs, this.#valueColors] = this.#build();
    canvas.addEventListener('webglcontextlost', (event) => event.preventDefault());
    canvas.addEventListener('webglcontextrestored', () => this.#restore());
  }

  /** Whether something in view is still to come. */
  get busy(): boolean {
    return this.#stale || this.leaves.busy || this.density.busy;
  }

  /** Takes a look over. @param range values at the ends of the colours, where nuclei are coloured by a column */
  setLook(look: Look, range: readonly [number, number] | undefined): void {
    this.#look = look;
    this.#range = range ?? [0, 0];
    this.#lookNumber++;
    if (this.#classColors) this.#gl.deleteTexture(this.#classColors);
    this.#classColors = colorRow(this.#gl, classRow(this.leaves.directory.classes, this.slide.classes, look));
    this.#changed();
  }

  draw(camera: Camera): void {
    const gl = this.#gl;
    const look = this.#look;
    if (!look || gl.isContextLost()) return;
    const start = performance.now();
    this.#stale = false;
    const [visible, detail] = this.#choose(camera, look);
    gl.viewport(0, 0, camera.width, camera.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.#ready.clear();
    const drawn = { points: 0, segments: 0, triangles: 0, quads: 0 };
    // Further out counts stand for all nuclei, near by for those of leaves that are still to come.
    const missing = this.#missing(camera, visible, detail);
    this.density.want(missing, camera);
    drawn.quads = this.density.draw(missing, camera, this.#classColors!, this.#lookNumber, look.opacity);
    if (detail !== 'density') {
      this.leaves.want(visible, detail === 'outlines', look.column);
      for (const index of visible) this.#drawLeaf(index, camera, look, detail, drawn);
    } else this.leaves.want([], false, undefined);
    gl.bindVertexArray(null);
    this.frame = { detail, ...drawn, js: performance.now() - start };
  }

  close(): void {
    this.leaves.close();
    this.density.close();
    this.#gl.getExtension('WEBGL_lose_context')?.loseContext();
  }

  #choose(camera: Camera, look: Look): [number[], Detail] {
    const mpp = (this.slide.mpp * camera.ratio) / camera.scale;
    const visible = this.leaves.inView(camera);
    const nuclei = this.leaves.countInView(visible, camera, most.points);
    // A ring of n vertices is filled by n - 2 triangles.
    const strokes = nuclei * this.leaves.segmentsPerNucleus * (look.filled ? 2 : 1);
    let detail = detailOf(nuclei, strokes, mpp);
    if (detail === 'outlines' && this.#strokesInView(visible, camera, look.filled) > most.segments)
      detail = 'points';
    return [visible, detail];
  }

  /** Segments and triangles of the outlines in view that are loaded. */
  #strokesInView(visible: readonly number[], camera: Camera, filled: boolean): number {
    let strokes = 0;
    for (const index of visible) {
      const leaf = this.leaves.loaded(index);
      if (!leaf?.outlines) continue;
      const { vertexOf, indexOf } = leaf.outlines;
      for (const [a, b] of this.leaves.cellsInView(index, camera)) {
        const [first, end] = [leaf.points!.cells[a]!, leaf.points!.cells[b]!];
        strokes += vertexOf[end]! - vertexOf[first]!;
        if (filled) strokes += (indexOf[end]! - indexOf[first]!) / 3;
      }
    }
    return strokes;
  }

  /** Where counts are drawn: everywhere, or where leaves are still to come. */
  #missing(camera: Camera, visible: readonly number[], detail: Detail): Rect[] {
    const view = viewOf(camera);
    if (detail === 'density') return [view];
    return visible
      .filter((index) => !this.leaves.loaded(index)?.points)
      .map((index) => {
        const square = this.leaves.squareOf(index);
        return {
          left: Math.max(square.left, view.left),
          top: Math.max(square.top, view.top),
          right: Math.min(square.right, view.right),
          bottom: Math.min(square.bottom, view.bottom),
        };
      })
      .filter(({ left, top, right, bottom }) => left < right && top < bottom);
  }

  #drawLeaf(
    index: number,
    camera: Camera,
    look: Look,
    detail: Detail,
    drawn: { points: number; segments: number; triangles: number },
  ): void {
    const leaf = this.leaves.loaded(index);
    if (!leaf?.points) return;
    const gl = this.#gl;
    const gpu = this.#onGpu(leaf);
    const { cells } = leaf.points;
    if (detail === 'points' || !leaf.outlines) {
      const size = pointSize(this.slide.mpp, camera);
      const byValue = gpu.column.points === look.column;
      this.#use(this.#programs.points, camera, leaf, look, byValue);
      gl.bindVertexArray(gpu.points);
      const ranges = this.leaves.cellsInView(index, camera, size / camera.scale);
      for (const [a, b] of ranges) drawn.points += drawPoints(gl, cells[a]!, cells[b]!);
      return;
    }
    const byValue = gpu.column.outlines === look.column;
    const { vertexOf, indexOf } = leaf.outlines;
    const ranges = this.leaves.cellsInView(index, camera).map(([a, b]) => [cells[a]!, cells[b]!] as const);
    if (look.filled) {
      this.#use(this.#programs.fill, camera, leaf, look, byValue);
      gl.bindVertexArray(gpu.outlines!.triangles);
      for (const [first, end] of ranges) drawn.triangles += drawTriangles(gl, indexOf[first]!, indexOf[end]!);
    }
    this.#use(this.#programs.outlines, camera, leaf, look, byValue);
    for (const [first, end] of ranges) {
      gpu.startSegments(vertexOf[first]!);
      drawn.segments += drawSegments(gl, vertexOf[end]! - vertexOf[first]!);
    }
  }

  #onGpu(leaf: Leaf): LeafGpu {
    const gpu = ((leaf.gpu as LeafGpu | undefined) ??= new LeafGpu(this.#gl, leaf));
    gpu.update(this.#look?.column);
    return gpu;
  }

  /** Makes a program the one that draws, for this leaf. */
  #use(program: Program, camera: Camera, leaf: { x: number; y: number }, look: Look, byValue: boolean): void {
    const gl = this.#gl;
    const { at } = program;
    const [hi, lo] = anchorOf(camera, leaf.x, leaf.y);
    gl.useProgram(program.program);
    if (!this.#ready.has(program)) this.#begin(program, camera, look);
    gl.uniform2f(at('u_hi'), ...hi);
    gl.uniform2f(at('u_lo'), ...lo);
    // Until the values are there, classes give the colours.
    const values = look.column !== undefined && byValue;
    gl.uniform2f(at('u_range'), ...(values ? this.#range : ([0, 0] as const)));
  }

  /** Says to the program that is in use what holds for the whole frame. */
  #begin(program: Program, camera: Camera, look: Look): void {
    const gl = this.#gl;
    const { at } = program;
    this.#ready.add(program);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.#classColors!);
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, this.#valueColors);
    gl.uniform1i(at('u_classes'), 0);
    gl.uniform1i(at('u_map'), 1);
    gl.uniform1f(at('u_scale'), camera.scale);
    gl.uniform2f(at('u_half'), camera.width / 2, camera.height / 2);
    gl.uniform1f(at('u_opacity'), look.opacity * (program === this.#programs.fill ? 0.45 : 1));
    // A program passes over what it does not have.
    gl.uniform1f(at('u_size'), pointSize(this.slide.mpp, camera));
    gl.uniform1f(at('u_width'), 1.5 * camera.ratio);
    const bounded = look.min !== undefined || look.max !== undefined;
    gl.uniform2f(at('u_limits'), look.min ?? (bounded ? -2.9e38 : -3.4e38), look.max ?? 3.4e38);
    gl.vertexAttrib1f(attributes.value, 0);
  }

  #build(): [Record<'points' | 'outlines' | 'fill', Program>, WebGLTexture] {
    const gl = this.#gl;
    return [
      { points: pointsProgram(gl), outlines: outlinesProgram(gl), fill: fillProgram(gl) },
      colorRow(gl, valueRow()),
    ];
  }

  #restore(): void {
    this.leaves.forgetGpu();
    this.density.rebuild();
    [this.#programs, this.#valueColors] = this.#build();
    this.#classColors = undefined;
    if (this.#look) this.setLook(this.#look, this.#range);
  }
}

/** Gives the context in which nuclei are drawn; none where the browser has no WebGL2. */
export function contextOf(canvas: HTMLCanvasElement): Gl | null {
  return canvas.getContext('webgl2', { alpha: true, antialias: false, depth: false, stencil: false });
}

/** Diameter of a point in device pixels: that of a nucleus, within what can be seen and told apart. */
function pointSize(mpp: number, { scale, ratio }: Camera): number {
  const nucleus = (6 / mpp) * scale;
  return Math.min(9 * ratio, Math.max(2.5 * ratio, nucleus));
}
