import { boxOf, grown, hullOf, isWithin, type Box } from '../../src/geometry/box.js';
import { polygonTouches } from '../../src/geometry/clip.js';
import type { Polygon } from '../../src/geometry/polygon.js';
import { release } from '../../src/memory.js';
import type { Lattice } from '../../src/tissue/lattice.js';
import { patchesNear, type Roi } from '../../src/tissue/roi.js';
import type { Engine } from '../engine/engine.js';
import { mapsOf, type PatchSource } from './maps.js';

/** Pixels around a blob that its post-processing looks at. */
const margin = 10;

/** Packed probability of one half. A pixel with this value or more is nucleus. */
const nucleus = 128;

/**
 * Finds the patches that nuclei with their centroid in a region depend on: those of the region, and those of the blobs
 * that cross its edge. Such blobs are followed outwards, as far as they go, by running the net on the patches around.
 * So the region's rows equal those of the whole slide, at the cost of a ring of patches. A nucleus that encloses the
 * whole region without touching it is not followed.
 * @param source with all patches of the slide's tissue
 * @returns patches (i, j) in the order of `source`, [n, 2]
 */
export async function patchesForRegion(source: PatchSource, roi: Roi, engine: Engine): Promise<Uint32Array> {
  const { lattice } = source;
  const near = patchesNear(roi, source.patchIndices, lattice); // no blob reaches farther
  const explorer = new Explorer({ ...source, patchIndices: near }, engine);
  const needed = new Set<number>();
  for (const polygon of roi) for (const place of await explorer.placesFor(polygon)) needed.add(place);
  const places = [...needed].sort((a, b) => a - b);
  return Uint32Array.from(places.flatMap((place) => [near[2 * place]!, near[2 * place + 1]!]));
}

/** Explorer of the nuclear pixels of patches. Each patch is run once. */
class Explorer {
  readonly #places = new Map<string, number>();
  /** Masks by place: [stride, stride], 1 for a nuclear pixel. */
  readonly #masks = new Map<number, Uint8Array>();

  constructor(
    private readonly source: PatchSource,
    private readonly engine: Engine,
  ) {
    const { patchIndices } = source;
    for (let place = 0; place < patchIndices.length / 2; place++) {
      this.#places.set(`${patchIndices[2 * place]} ${patchIndices[2 * place + 1]}`, place);
    }
  }

  /** Returns the places of the patches that one polygon needs. */
  async placesFor(polygon: Polygon): Promise<number[]> {
    const { lattice } = this.source;
    const core = this.#core(polygon);
    if (!core) return [];
    for (let hull = core; ;) {
      const places = this.#placesIn(grown(hull, margin));
      await this.#look(places.filter((place) => !isWithin(this.#squareOf(place), core)));
      const next = this.#follow(core, hull, lattice);
      if (isWithin(next, hull)) return places;
      hull = next;
    }
  }

  /** Returns the patches that a polygon touches, as a box; undefined if there are none. */
  #core(polygon: Polygon): Box | undefined {
    const { space } = this.source.lattice;
    const box = boxOf(polygon);
    const [left, top, right, bottom] = [box.left, box.top, box.right, box.bottom].map(
      (position) => position / space.scale,
    ) as [number, number, number, number];
    const touched = this.#placesIn({ left, top, right: right + 1, bottom: bottom + 1 })
      .map((place) => this.#squareOf(place))
      .filter((square) =>
        polygonTouches(polygon, {
          left: space.toLevel0(square.left),
          top: space.toLevel0(square.top),
          right: space.toLevel0(square.right),
          bottom: space.toLevel0(square.bottom),
        }),
      );
    return touched.length === 0 ? undefined : touched.reduce(hullOf);
  }

  /** Runs the net on those patches that it has not been run on. */
  async #look(places: readonly number[]): Promise<void> {
    const { patchIndices } = this.source;
    const { stride } = this.source.lattice;
    const fresh = places.filter((place) => !this.#masks.has(place));
    if (fresh.length === 0) return;
    const patches = Uint32Array.from(
      fresh.flatMap((place) => [patchIndices[2 * place]!, patchIndices[2 * place + 1]!]),
    );
    const range = { from: 0, to: fresh.length };
    const batches = mapsOf({ ...this.source, patchIndices: patches }, [range], this.engine, {
      read: 0,
      net: 0,
    });
    for await (const { from, to, patches: pixels, maps } of batches) {
      for (let k = from; k < to; k++) {
        const mask = new Uint8Array(stride * stride);
        const offset = (k - from) * mask.length * 4;
        for (let n = 0; n < mask.length; n++) mask[n] = maps[offset + 4 * n]! >= nucleus ? 1 : 0;
        this.#masks.set(fresh[k]!, mask);
      }
      release(pixels);
      release(maps);
    }
  }

  /**
   * Returns the hull of the core and of all nuclear pixels outside it that are connected to its edge, as far as they
   * are known.
   */
  #follow(core: Box, hull: Box, { width, height, stride }: Lattice): Box {
    let { left, top, right, bottom } = hull;
    const seen = new Map<number, Uint8Array>();
    const open: number[] = [];
    const visit = (x: number, y: number) => {
      if (x < 0 || y < 0 || x >= width || y >= height) return;
      if (x >= core.left && x < core.right && y >= core.top && y < core.bottom) return;
      const place = this.#places.get(`${Math.floor(x / stride)} ${Math.floor(y / stride)}`);
      if (place === undefined) return; // no tissue, or farther than any blob reaches
      const mask = this.#masks.get(place);
      const pixel = (y % stride) * stride + (x % stride);
      if (mask) {
        if (!mask[pixel]) return;
        const visited = seen.get(place) ?? new Uint8Array(mask.length);
        if (visited[pixel]) return;
        visited[pixel] = 1;
        seen.set(place, visited);
        open.push(x, y);
      }
      [left, top] = [Math.min(left, x), Math.min(top, y)];
      [right, bottom] = [Math.max(right, x + 1), Math.max(bottom, y + 1)];
    };
    for (let x = core.left; x < core.right; x++) {
      visit(x, core.top - 1);
      visit(x, core.bottom);
    }
    for (let y = core.top; y < core.bottom; y++) {
      visit(core.left - 1, y);
      visit(core.right, y);
    }
    while (open.length > 0) {
      const y = open.pop()!;
      const x = open.pop()!;
      visit(x - 1, y);
      visit(x + 1, y);
      visit(x, y - 1);
      visit(x, y + 1);
    }
    return { left, top, right, bottom };
  }

  #placesIn({ left, top, right, bottom }: Box): number[] {
    const { stride, columns, rows } = this.source.lattice;
    const places: number[] = [];
    for (let j = Math.max(0, Math.floor(top / stride)); j < Math.min(rows, bottom / stride); j++) {
      for (let i = Math.max(0, Math.floor(left / stride)); i < Math.min(columns, right / stride); i++) {
        const place = this.#places.get(`${i} ${j}`);
        if (place !== undefined) places.push(place);
      }
    }
    return places;
  }

  #squareOf(place: number): Box {
    const { stride } = this.source.lattice;
    const [left, top] = [0, 1].map((axis) => this.source.patchIndices[2 * place + axis]! * stride) as [
      number,
      number,
    ];
    return { left, top, right: left + stride, bottom: top + stride };
  }
}
