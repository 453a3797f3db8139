import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { tileSide } from '../context/columns.js';
import { leastTileTissue } from '../features/tile-set.js';
import { zstd } from '../table/zstd.js';
import type { TileDensities } from './tile-maps.js';

/** Kinds of nuclei that are mapped, where a slide has them. */
const kinds = ['all', 'tumour', 'immune', 'stromal'] as const;

/** Reads the densities of the tiles of 250 um from a slide's tiles.parquet; undefined if there is none that can be read. */
export async function readTileDensities(path: string): Promise<TileDensities | undefined> {
  try {
    const { decompress } = await zstd();
    const file = await asyncBufferFromFile(path);
    const rows = (await parquetReadObjects({ file, compressors: { ZSTD: decompress } })) as Record<
      string,
      number
    >[];
    return densitiesOf(rows.filter(({ side_um }) => side_um === tileSide));
  } catch {
    return undefined; // a picture less; what is wrong with the file, `hoverslide features` says
  }
}

function densitiesOf(tiles: readonly Readonly<Record<string, number>>[]): TileDensities | undefined {
  const shown = tiles.filter((tile) => tile['tissue_mm2']! >= leastTileTissue);
  if (shown.length === 0) return undefined;
  const bounds = (name: 'column' | 'row') => {
    const of = shown.map((tile) => tile[name]!);
    const first = of.reduce((least, each) => Math.min(least, each));
    return { first, size: of.reduce((most, each) => Math.max(most, each)) - first + 1 };
  };
  const [columns, rows] = [bounds('column'), bounds('row')];
  const densities = new Map(
    kinds.flatMap((kind) => {
      if (!(`n_${kind}` in shown[0]!)) return [];
      const values = new Float64Array(columns.size * rows.size).fill(NaN);
      for (const tile of shown) {
        const at = (tile['row']! - rows.first) * columns.size + tile['column']! - columns.first;
        values[at] = tile[`n_${kind}`]! / tile['tissue_mm2']!;
      }
      return [[kind, values] as const];
    }),
  );
  return { columns: columns.size, rows: rows.size, densities };
}
