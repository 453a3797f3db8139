import { HoverslideError } from '../errors.js';
import type { NucleusTable } from '../table/read.js';
import type { Rows } from '../table/rows.js';
import { rolesById, type Role } from './roles.js';

/** Columns of the table that say where nuclei are, what they are and whether they count. */
export const placeColumns = [
  'centroid_x_um',
  'centroid_y_um',
  'class',
  'quality',
  'orientation_rad',
] as const;

/** What the addon takes of the nuclei of a row group. */
export type PlaceValues = [
  x: Float64Array,
  y: Float64Array,
  orientation: Float32Array,
  role: Uint8Array,
  classIndex: Uint8Array,
  used: Uint8Array,
];

export interface RoleClass {
  readonly id: number;
  readonly name: string;
  readonly role?: Role | undefined;
}

/** Returns a function that turns rows of a table into what the addon takes. */
export function placesOf(
  table: Pick<NucleusTable, 'path'>,
  classes: readonly RoleClass[],
): (rows: Rows<(typeof placeColumns)[number]>) => PlaceValues {
  const ids = new Map(classes.map(({ id, name }) => [name, id]));
  const roleOf = rolesById(classes);
  return (rows) => {
    const classIndex = new Uint8Array(rows.count);
    rows.class.forEach((name, k) => {
      const id = ids.get(name);
      if (id === undefined) {
        const known = classes.map((each) => each.name).join(', ');
        throw new HoverslideError(
          'input',
          `${table.path}: expected classes of the model (${known}), found '${name}'`,
        );
      }
      classIndex[k] = id;
    });
    return [
      rows.centroid_x_um,
      rows.centroid_y_um,
      rows.orientation_rad,
      classIndex.map((id) => roleOf[id]!),
      classIndex,
      Uint8Array.from(rows.quality, (quality) => Number(quality === 'ok')),
    ];
  };
}
