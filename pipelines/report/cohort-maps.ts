import { join } from 'node:path';
import { quantileSorted } from 'd3-array';
import sharp from 'sharp';
import type { FeatureEntry } from '../../src/report/feature-table.js';
import { readTileDensities } from '../../src/report/tile-densities.js';
import {
  paintTiles,
  topShare,
  type CohortMaps,
  type TileDensities,
  type TileMaps,
} from '../../src/report/tile-maps.js';
import { SlideFolder } from '../../src/table/slide-folder.js';

/** Largest number of slides whose maps are in the report. */
const mostMaps = 500;

/** Paints the maps of tiles of a cohort's slides, all with the same colours for the same densities. */
export async function cohortMaps(out: string, entries: readonly FeatureEntry[]): Promise<CohortMaps> {
  const read: { id: string; tiles: TileDensities }[] = [];
  for (const { state } of entries.slice(0, mostMaps)) {
    const { id } = state.row;
    const tiles = await readTileDensities(new SlideFolder(join(out, id)).tiles);
    if (tiles) read.push({ id, tiles });
  }
  const kinds = [...new Set(read.flatMap(({ tiles }) => [...tiles.densities.keys()]))];
  const tops = new Map(
    kinds.map((kind) => {
      const values = read.flatMap(({ tiles }) =>
        [...(tiles.densities.get(kind) ?? [])].filter((value) => !Number.isNaN(value)),
      );
      return [
        kind,
        quantileSorted(
          values.sort((a, b) => a - b),
          topShare,
        )!,
      ] as const;
    }),
  );
  const slides: TileMaps[] = [];
  for (const { id, tiles } of read) {
    const { columns, rows } = tiles;
    const raw = { width: columns, height: rows, channels: 4 } as const;
    const maps = [];
    for (const [label, densities] of tiles.densities) {
      const png = await sharp(paintTiles(densities, tops.get(label)!), { raw })
        .png()
        .toBuffer();
      maps.push({ label, png });
    }
    slides.push({ id, columns, rows, maps });
  }
  return { slides, tops };
}
