import type { SlideAround } from '../context/around.js';
import type { BlockSums } from './block-sums.js';
import { getisOrd, type Neighbours } from './tile-statistics.js';
import { tileMm2, tilesAcross } from '../context/columns.js';
import type { Role } from '../context/roles.js';

/** A tile of 250 um, of which at least half is tissue. */
export interface TilePlace {
  readonly column: number;
  readonly row: number;
  readonly block: number;
  readonly tissueMm2: number;
  readonly tumourMm2: number;
}

/** z-score of Gi* from which on a tile is a hot spot: the upper 2.5 % of a normal distribution. */
const hotFrom = 1.96;

/** Tiles of a slide with the counts of their nuclei, each with a weight: how often its block was drawn. */
export class TileSet {
  readonly weights: Float64Array;

  private constructor(
    readonly places: readonly TilePlace[],
    readonly neighbours: Neighbours,
    private readonly counts: ReadonlyMap<string, Float64Array>,
    /** What was computed before, for all resamples: densities and hot spots by role. */
    private readonly densities: Map<string, Float64Array>,
    private readonly hot: Map<string, Uint8Array>,
    weightOf: (block: number) => number,
  ) {
    this.weights = Float64Array.from(places, ({ block }) => weightOf(block));
  }

  /** @param places in ascending order of row, then column */
  static of(places: readonly TilePlace[], sums: BlockSums, roles: readonly Role[]): TileSet {
    const counts = new Map(
      ['all', ...roles].map((role) => [
        role,
        Float64Array.from(
          places,
          ({ column, row, block }) =>
            sums.row(block)[sums.column(`tile.${tileInBlock(column, row)}.${role}`)]!,
        ),
      ]),
    );
    return new TileSet(places, neighboursOf(places), counts, new Map(), new Map(), () => 1);
  }

  /** The same tiles, weighted by their blocks. */
  weighted(weightOf: (block: number) => number): TileSet {
    return new TileSet(this.places, this.neighbours, this.counts, this.densities, this.hot, weightOf);
  }

  /** Number of nuclei of a role in each tile. */
  count(role: Role | 'all'): Float64Array {
    return this.counts.get(role)!;
  }

  /** Nuclei per mm2 of each tile's tissue. */
  density(role: Role | 'all'): { values: Float64Array; weights: Float64Array } {
    let values = this.densities.get(role);
    if (!values) {
      const count = this.count(role);
      values = Float64Array.from(this.places, ({ tissueMm2 }, k) => count[k]! / tissueMm2);
      this.densities.set(role, values);
    }
    return { values, weights: this.weights };
  }

  /** 1 for each tile that is a hot spot of a role on the slide. */
  hotSpots(role: Role): Uint8Array {
    let hot = this.hot.get(role);
    if (!hot) {
      hot = Uint8Array.from(getisOrd(this.density(role).values, this.neighbours), (z) =>
        z > hotFrom ? 1 : 0,
      );
      this.hot.set(role, hot);
    }
    return hot;
  }

  /** Adds up the weights of the tiles for which something holds. */
  weightWhere(holds: (k: number) => boolean): number {
    let sum = 0;
    this.weights.forEach((weight, k) => {
      if (holds(k)) sum += weight;
    });
    return sum;
  }
}

/** z of Gi* of each role in the tiles of 250 um that are at least half tissue, for all tiles of the slide; NaN elsewhere. */
export function hotSpotScores(slide: SlideAround): Partial<Record<Role, Float64Array>> {
  const { small } = slide.tiles;
  const places = tilePlaces(slide);
  const beside = neighboursOf(places);
  return Object.fromEntries(
    slide.roles.map((role, r) => {
      const at = ({ column, row }: TilePlace) => row * small.columns + column;
      const density = places.map(
        (place) => small.byRole.n[at(place) * slide.roles.length + r]! / place.tissueMm2,
      );
      const scores = new Float64Array(small.columns * small.rows).fill(NaN);
      getisOrd(density, beside).forEach((z, k) => (scores[at(places[k]!)] = z));
      return [role, scores];
    }),
  );
}

/** Least tissue in a tile that counts, in mm2: half of it. */
export const leastTileTissue = 0.5 * tileMm2;

/** Lists the tiles of 250 um of a slide that are at least half tissue, by row, then column. */
export function tilePlaces({ tiles: { small }, blocks }: SlideAround): TilePlace[] {
  return Array.from({ length: small.columns * small.rows }, (_, k) => {
    const [column, row] = [k % small.columns, Math.floor(k / small.columns)];
    const block = Math.floor(row / tilesAcross) * blocks.columns + Math.floor(column / tilesAcross);
    return { column, row, block, tissueMm2: small.tissueMm2[k]!, tumourMm2: small.tumourMm2[k]! };
  }).filter(({ tissueMm2 }) => tissueMm2 >= leastTileTissue);
}

function neighboursOf(places: readonly TilePlace[]): Neighbours {
  const index = new Map(places.map(({ column, row }, k) => [`${column} ${row}`, k]));
  return places.map(({ column, row }) =>
    queen.flatMap(([dx, dy]) => index.get(`${column + dx} ${row + dy}`) ?? []),
  );
}

export function tileInBlock(column: number, row: number): number {
  return (row % tilesAcross) * tilesAcross + (column % tilesAcross);
}

const queen = [-1, 0, 1]
  .flatMap((dy) => [-1, 0, 1].map((dx) => [dx, dy] as const))
  .filter(([x, y]) => x || y);
