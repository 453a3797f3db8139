import type { ColumnSource } from 'hyparquet-writer';
import type { TableFacts } from '../table/context.js';
import { fileMetadata } from '../table/metadata.js';
import { ParquetFile, rowGroupSize } from '../table/parquet-file.js';
import type { Tiles } from './around.js';
import type { Role } from './roles.js';

/** Hot-spot z of each tile by role: Getis and Ord's Gi*; NaN where it has none. */
export type HotSpots = Partial<Record<Role, Float64Array>>;

interface TileColumn {
  readonly name: string;
  readonly type: 'int32' | 'float64';
  readonly unit: string;
  readonly meaning: string;
  /** Value in tile k; NaN becomes null. */
  readonly value: (tiles: Tiles, k: number, hotSpots: HotSpots) => number;
}

/** Returns the columns of `tiles.parquet` for a model with these roles. They are defined nowhere else. */
export function tileColumns(present: readonly Role[]): TileColumn[] {
  return [
    int('side_um', 'um', 'side of the square: 250 or 1000', ({ side }) => side),
    int(
      'column',
      '',
      "number of the square from the slide's left edge, from 0",
      ({ columns }, k) => k % columns,
    ),
    int('row', '', 'the same from its upper edge', ({ columns }, k) => Math.floor(k / columns)),
    float('tissue_mm2', 'mm2', 'tissue in the square', ({ tissueMm2 }, k) => tissueMm2[k]!),
    float('tumour_mm2', 'mm2', 'of that the part in the tumour region', ({ tumourMm2 }, k) => tumourMm2[k]!),
    int(
      'n_all',
      '',
      'nuclei of quality `ok` in it, also those without a role',
      ({ nuclei }, k) => nuclei[k]!,
    ),
    ...present.flatMap((role, place) => ofRole(role, place, present.length)),
  ];
}

function ofRole(role: Role, place: number, roles: number): TileColumn[] {
  const sum =
    (name: keyof Tiles['byRole']) =>
    ({ byRole }: Tiles, k: number) =>
      byRole[name][k * roles + place]!;
  return [
    int(`n_${role}`, '', `nuclei of the role ${role}`, sum('n')),
    float(`area_sum_${role}`, 'um2', 'sum of their areas', sum('areaSum')),
    float(`area_squares_${role}`, 'um4', 'sum of the squares of their areas', sum('areaSquares')),
    float(`od_sum_${role}`, 'OD', 'sum of their mean optical densities of haematoxylin', sum('odSum')),
    float(`od_squares_${role}`, 'OD2', 'sum of the squares of these', sum('odSquares')),
    float(
      `hotspot_z_${role}`,
      '',
      'z of Gi* (Getis and Ord) of their density, with the eight squares around; null where it has none',
      (_, k, hotSpots) => hotSpots[role]?.[k] ?? NaN,
    ),
  ];
}

function int(name: string, unit: string, meaning: string, value: TileColumn['value']): TileColumn {
  return { name, type: 'int32', unit, meaning, value };
}

function float(name: string, unit: string, meaning: string, value: TileColumn['value']): TileColumn {
  return { name, type: 'float64', unit, meaning, value };
}

const types = { int32: 'INT32', float64: 'DOUBLE' } as const;

/**
 * Writes `tiles.parquet`: the squares that hold tissue or nuclei, the small ones first.
 * @param hotSpots of the small tiles and of the large ones
 * @throws HoverslideError `output`
 */
export async function writeTiles(
  path: string,
  facts: TableFacts,
  present: readonly Role[],
  { small, large }: { readonly small: Tiles; readonly large: Tiles },
  hotSpots: { readonly small?: HotSpots; readonly large?: HotSpots } = {},
): Promise<void> {
  const columns = tileColumns(present);
  const fields = columns.map(({ name, type }) => ({
    name,
    repetition_type: name.startsWith('hotspot') ? ('OPTIONAL' as const) : ('REQUIRED' as const),
    type: types[type],
  }));
  const rows = [
    ...filled(small).map((k) => [small, k, hotSpots.small ?? {}] as const),
    ...filled(large).map((k) => [large, k, hotSpots.large ?? {}] as const),
  ];
  const file = await ParquetFile.open(
    path,
    [{ name: 'tiles', num_children: fields.length }, ...fields],
    facts.version,
  );
  try {
    for (let from = 0; from < rows.length; from += rowGroupSize) {
      const portion = rows.slice(from, from + rowGroupSize);
      const columnData = columns.map(({ name, value }): ColumnSource => {
        const data = portion.map((row) => value(...row)).map((each) => (Number.isNaN(each) ? null : each));
        return { name, data, encoding: 'PLAIN' };
      });
      await file.writeRowGroup(columnData);
    }
    await file.close(
      fileMetadata(
        facts,
        columns.map(({ name, type, unit, meaning }) => ({ name, type, unit, meaning })),
      ),
    );
  } catch (error) {
    await file.abort();
    throw error;
  }
}

function filled({ tissueMm2, nuclei }: Tiles): number[] {
  return Array.from(tissueMm2.keys()).filter((k) => tissueMm2[k]! > 0 || nuclei[k]! > 0);
}
