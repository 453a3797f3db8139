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
  const refuse = (name: string): never => {
    const known = classes.map((each) => each.name).join(', ');
    throw new HoverslideError(
      'input',
      `${table.path}: expected classes of the model (${known}), found '${name}'`,
    );
  };
  return (rows) => {
    const { count } = rows;
    const [classIndex, role, used] = [new Uint8Array(count), new Uint8Array(count), new Uint8Array(count)];
    for (let k = 0; k < count; k++) {
      const id = ids.get(rows.class[k]!) ?? refuse(rows.class[k]!);
      classIndex[k] = id;
      role[k] = roleOf[id]!;
      used[k] = Number(rows.quality[k] === 'ok');
    }
    return [rows.centroid_x_um, rows.centroid_y_um, rows.orientation_rad, role, classIndex, used];
  };
}
