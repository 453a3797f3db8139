import { densityTile, type DensityGrid, type OverlayDirectory } from '../../src/overlay/layout.js';
import { Agenda, type Job, type WorkerClient } from '../data/client.js';
import { Lru } from '../../src/view/lru.js';
import type { Camera, Rect } from './camera.js';
import { asideColor, build, type Gl, type Program, sharp } from './programs.js';

/** Nuclei per mm2 from which on a cell is as opaque as the look allows. */
export const fullDensity = 8_000;

/** Smallest side of a cell on the screen, in CSS pixels. */
const smallestCell = 2;

const quad = `
uniform vec4 u_at; // corners in clip space
uniform vec4 u_of; // corners in the texture
out vec2 v_of;
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  v_of = mix(u_of.xy, u_of.zw, corner);
  gl_Position = vec4(mix(u_at.xy, u_at.zw, corner), 0.0, 1.0);
}`;

// Mixes the classes that are shown into one colour per cell: only when what is shown changes, not in every frame.
const mixing = `
uniform highp usampler2DArray u_counts;
uniform sampler2D u_classes;
uniform int u_channels;
uniform float u_full; // nuclei of a cell that is fully opaque
in vec2 v_of;
out vec4 color;
void main() {
  ivec2 cell = ivec2(gl_FragCoord.xy);
  vec3 sum = vec3(0.0);
  float count = 0.0;
  for (int channel = 0; channel < u_channels; channel++) {
    vec4 shown = texelFetch(u_classes, ivec2(channel == u_channels - 1 ? ${asideColor} : channel, 0), 0);
    float here = float(texelFetch(u_counts, ivec3(cell, channel), 0).r) * shown.a;
    sum += shown.rgb * here;
    count += here;
  }
  float alpha = count == 0.0 ? 0.0 : 0.15 + 0.85 * sqrt(min(count / u_full, 1.0));
  color = vec4(count == 0.0 ? vec3(0.0) : sum / count * alpha, alpha);
}`;

const painting = `
uniform sampler2D u_mixed;
uniform float u_opacity;
in vec2 v_of;
out vec4 color;
void main() { color = texture(u_mixed, v_of) * u_opacity; }`;

export interface DensityTile {
  readonly counts: Uint32Array;
  gpu?: { readonly counts: WebGLTexture; readonly mixed: WebGLTexture; look: number };
}

/** Counts of nuclei in cells: what stands for nuclei when they are too many to be drawn. */
export class Density {
  readonly #places: readonly ReadonlyMap<string, number>[];
  readonly #tiles: Lru<string, DensityTile>;
  readonly #agenda: Agenda;
  #programs: { readonly mix: Program; readonly paint: Program };
  #framebuffer: WebGLFramebuffer;

  /** @param mpp um per level-0 px */
  constructor(
    readonly gl: Gl,
    readonly directory: OverlayDirectory,
    readonly mpp: number,
    readonly address: string,
    readonly client: WorkerClient,
    readonly changed: () => void,
    failed: (line: string) => void,
  ) {
    this.#agenda = new Agenda(4, failed);
    this.#places = directory.densities.map(
      ({ i, j, block }) => new Map(block.map((at, k) => [`${i[k]!} ${j[k]!}`, at])),
    );
    this.#tiles = new Lru(128 * 2 ** 20, (tile) => this.#drop(tile));
    [this.#programs, this.#framebuffer] = this.#build();
  }

  get busy(): boolean {
    return this.#agenda.length > 0;
  }

  /** The grid whose cells suit the view: the finest that are not too small. */
  gridFor({ scale, ratio }: Camera): number {
    const { densities } = this.directory;
    const suits = densities.findIndex(({ cell }) => (cell * scale) / ratio >= smallestCell);
    return suits === -1 ? densities.length - 1 : suits;
  }

  /** Asks for the tiles of rectangles of level 0. */
  want(rects: readonly Rect[], camera: Camera): void {
    const grid = this.gridFor(camera);
    const jobs = new Map<string, Job>();
    for (const rect of rects) {
      for (const [i, j] of this.#tilesIn(grid, rect)) {
        const name = `${grid} ${i} ${j}`;
        if (this.#tiles.get(name)) continue;
        jobs.set(name, { name, work: () => this.#load(name, this.#places[grid]!.get(`${i} ${j}`)!) });
      }
    }
    this.#agenda.want([...jobs.values()]);
  }

  /** Counts by channel of the cells whose middles are in view; undefined where tiles are missing. */
  countsIn(view: Rect, camera: Camera): number[] | undefined {
    const grid = this.gridFor(camera);
    const { cell } = this.directory.densities[grid]!;
    const sums = new Array<number>(this.channels).fill(0);
    for (const [i, j] of this.#tilesIn(grid, view)) {
      const tile = this.#tiles.get(`${grid} ${i} ${j}`);
      if (!tile) return undefined;
      const bound = (value: number, tileAt: number) =>
        Math.min(densityTile, Math.max(0, Math.ceil(value / cell - 0.5) - tileAt * densityTile));
      const [x0, x1, y0, y1] = [
        bound(view.left, i),
        bound(view.right, i),
        bound(view.top, j),
        bound(view.bottom, j),
      ];
      for (let channel = 0; channel < sums.length; channel++) {
        for (let y = y0; y < y1; y++) {
          const row = (channel * densityTile + y) * densityTile;
          for (let x = x0; x < x1; x++) sums[channel]! += tile.counts[row + x]!;
        }
      }
    }
    return sums;
  }

  /**
   * Draws rectangles of level 0; where a tile is not there yet, a coarser one stands for it.
   * @param look a number that changes with what is shown
   * @returns quads
   */
  draw(rects: readonly Rect[], camera: Camera, classes: WebGLTexture, look: number, opacity: number): number {
    const grid = this.gridFor(camera);
    let quads = 0;
    for (const rect of rects) {
      for (const [i, j] of this.#tilesIn(grid, rect)) {
        const side = this.directory.densities[grid]!.cell * densityTile;
        const part = cut(
          { left: i * side, top: j * side, right: (i + 1) * side, bottom: (j + 1) * side },
          rect,
        );
        for (let coarser = grid; coarser < this.#places.length; coarser++) {
          const by = 2 ** (coarser - grid);
          const [ci, cj] = [Math.floor(i / by), Math.floor(j / by)];
          const tile = this.#tiles.get(`${coarser} ${ci} ${cj}`);
          if (!tile) continue;
          quads += this.#mix(tile, coarser, classes, look, camera);
          this.#paint(tile, ci, cj, this.directory.densities[coarser]!, part, camera, opacity);
          quads++;
          break;
        }
      }
    }
    return quads;
  }

  /** Begins anew in a new context. */
  rebuild(): void {
    this.#tiles.each((tile) => delete tile.gpu);
    [this.#programs, this.#framebuffer] = this.#build();
  }

  close(): void {
    this.#agenda.want([]);
    this.#tiles.clear();
  }

  /** A channel for each class, one for nuclei that are set aside. */
  get channels(): number {
    return this.directory.classes.length + 1;
  }

  #build(): [{ mix: Program; paint: Program }, WebGLFramebuffer] {
    const { gl } = this;
    return [{ mix: build(gl, quad, mixing), paint: build(gl, quad, painting) }, gl.createFramebuffer()];
  }

  /** Places of tiles that have nuclei. */
  #tilesIn(grid: number, rect: Rect): [number, number][] {
    const side = this.directory.densities[grid]!.cell * densityTile;
    const places: [number, number][] = [];
    const last = Math.ceil(this.directory.side / side) - 1;
    for (let j = Math.max(0, Math.floor(rect.top / side)); j <= last && j * side < rect.bottom; j++) {
      for (let i = Math.max(0, Math.floor(rect.left / side)); i <= last && i * side < rect.right; i++) {
        if (this.#places[grid]!.has(`${i} ${j}`)) places.push([i, j]);
      }
    }
    return places;
  }

  async #load(name: string, block: number): Promise<void> {
    const counts = await this.client.do({ kind: 'density', address: `${this.address}/overlay/${block}` });
    this.#tiles.set(name, { counts }, 2 * counts.byteLength);
    this.changed();
  }

  #drop({ gpu }: DensityTile): void {
    if (!gpu) return;
    this.gl.deleteTexture(gpu.counts);
    this.gl.deleteTexture(gpu.mixed);
  }

  /** Brings a tile's colours up to the look. */
  #mix(tile: DensityTile, grid: number, classes: WebGLTexture, look: number, camera: Camera): number {
    const { gl, channels } = this;
    if (tile.gpu?.look === look) return 0;
    tile.gpu ??= { ...this.#upload(tile), look };
    tile.gpu.look = look;
    const { program, at } = this.#programs.mix;
    const cellUm = this.directory.densities[grid]!.cell * this.mpp;
    gl.useProgram(program);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#framebuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, tile.gpu.mixed, 0);
    gl.viewport(0, 0, densityTile, densityTile);
    gl.disable(gl.BLEND);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, classes);
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, tile.gpu.counts);
    gl.uniform1i(at('u_classes'), 0);
    gl.uniform1i(at('u_counts'), 1);
    gl.uniform1i(at('u_channels'), channels);
    gl.uniform1f(at('u_full'), (fullDensity * cellUm ** 2) / 1e6);
    gl.uniform4f(at('u_at'), -1, -1, 1, 1);
    gl.uniform4f(at('u_of'), 0, 0, 1, 1);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, camera.width, camera.height);
    gl.enable(gl.BLEND);
    return 1;
  }

  #upload({ counts }: DensityTile): { counts: WebGLTexture; mixed: WebGLTexture } {
    const { gl, channels } = this;
    const array = gl.createTexture();
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, array);
    gl.texImage3D(
      gl.TEXTURE_2D_ARRAY,
      0,
      gl.R32UI,
      densityTile,
      densityTile,
      channels,
      0,
      gl.RED_INTEGER,
      gl.UNSIGNED_INT,
      counts,
    );
    sharp(gl, gl.TEXTURE_2D_ARRAY);
    const mixed = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, mixed);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA8, densityTile, densityTile);
    sharp(gl, gl.TEXTURE_2D);
    return { counts: array, mixed };
  }

  #paint(
    tile: DensityTile,
    i: number,
    j: number,
    { cell }: DensityGrid,
    part: Rect,
    camera: Camera,
    opacity: number,
  ): void {
    const { gl } = this;
    const { program, at } = this.#programs.paint;
    const x = (px: number) => (2 * (px - camera.left) * camera.scale) / camera.width - 1;
    const y = (px: number) => 1 - (2 * (px - camera.top) * camera.scale) / camera.height;
    const of = (px: number, place: number) => px / (cell * densityTile) - place;
    gl.useProgram(program);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, tile.gpu!.mixed);
    gl.uniform1i(at('u_mixed'), 0);
    gl.uniform1f(at('u_opacity'), opacity);
    gl.uniform4f(at('u_at'), x(part.left), y(part.top), x(part.right), y(part.bottom));
    gl.uniform4f(at('u_of'), of(part.left, i), of(part.top, j), of(part.right, i), of(part.bottom, j));
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }
}

const cut = (a: Rect, b: Rect): Rect => ({
  left: Math.max(a.left, b.left),
  top: Math.max(a.top, b.top),
  right: Math.min(a.right, b.right),
  bottom: Math.min(a.bottom, b.bottom),
});
