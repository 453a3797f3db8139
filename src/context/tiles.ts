import type { TileSums } from '../addon.js';
import { perSquare } from './areas.js';
import type { Tiles } from './around.js';
import { blockSide, tilesAcross, tileSide } from './columns.js';
import { roles, type Role } from './roles.js';
import { cellSide, type TissueGrid } from './tissue-grid.js';

/** Sums of the addon have six roles and a column for nuclei without one. */
const slots = roles.length + 1;

/** Makes the tiles of a slide, the smaller and the larger ones. */
export function tilesOf(
  grid: TissueGrid,
  region: Uint8Array | undefined,
  sums: ReturnType<TileSums['sums']>,
  present: readonly Role[],
): { small: Tiles; large: Tiles } {
  const cells = tileSide / cellSide;
  const places = present.map((role) => roles.indexOf(role));
  const tiles = sums.columns * sums.rows;
  const pick = (values: Float64Array) =>
    Float64Array.from(
      { length: tiles * places.length },
      (_, k) => values[Math.floor(k / places.length) * slots + places[k % places.length]!]!,
    );
  const small: Tiles = {
    side: tileSide,
    columns: sums.columns,
    rows: sums.rows,
    tissueMm2: perSquare(grid, cells, (cell) => grid.mm2[cell]!),
    tumourMm2: perSquare(grid, cells, (cell) => (region?.[cell] ? grid.mm2[cell]! : 0)),
    nuclei: Float64Array.from({ length: tiles }, (_, tile) =>
      sums.n.subarray(tile * slots, (tile + 1) * slots).reduce((sum, each) => sum + each, 0),
    ),
    byRole: {
      n: pick(sums.n),
      areaSum: pick(sums.areaSum),
      areaSquares: pick(sums.areaSquares),
      odSum: pick(sums.odSum),
      odSquares: pick(sums.odSquares),
    },
  };
  return { small, large: joined(small) };
}

/** Joins the small tiles of each block. */
function joined(small: Tiles): Tiles {
  const columns = Math.ceil(small.columns / tilesAcross);
  const rows = Math.ceil(small.rows / tilesAcross);
  const join = (values: Float64Array) => {
    const per = values.length / (small.columns * small.rows);
    const sums = new Float64Array(columns * rows * per);
    values.forEach((value, k) => {
      const tile = Math.floor(k / per);
      const column = Math.floor((tile % small.columns) / tilesAcross);
      const row = Math.floor(Math.floor(tile / small.columns) / tilesAcross);
      sums[(row * columns + column) * per + (k % per)]! += value;
    });
    return sums;
  };
  const { tissueMm2, tumourMm2, nuclei, byRole } = small;
  return {
    side: blockSide,
    columns,
    rows,
    tissueMm2: join(tissueMm2),
    tumourMm2: join(tumourMm2),
    nuclei: join(nuclei),
    byRole: {
      n: join(byRole.n),
      areaSum: join(byRole.areaSum),
      areaSquares: join(byRole.areaSquares),
      odSum: join(byRole.odSum),
      odSquares: join(byRole.odSquares),
    },
  };
}
