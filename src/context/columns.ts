import { roles, type Role } from './roles.js';

/** Radii within which nuclei are counted, in um. */
export const radii = [20, 50, 100] as const;

export type Radius = (typeof radii)[number];

/** A column of `context.parquet`. */
export interface ContextColumn {
  readonly name: ContextColumnName;
  /** In memory, NaN stands for no value in float32 columns and -1 in int32 columns; in the file it is null. */
  readonly type: 'float32' | 'int32';
  /** Unit of the values; empty where they have none. */
  readonly unit: string;
  readonly meaning: string;
}

/** Columns that there are for each role that the model's card has. */
export type RoleColumnName = `nearest_${Role}_um` | `n_${Role}_${Radius}um`;

/** Columns that there are for every model. */
export type PlaceColumnName =
  | 'tissue_edge_um'
  | 'tumour_edge_um'
  | 'gabriel_degree'
  | 'gabriel_mean_edge_um'
  | 'gabriel_same_class_share'
  | 'alignment_50um'
  | 'aggregate_id'
  | 'block_id';

export type ContextColumnName = RoleColumnName | PlaceColumnName;

type ValuesOf<Name extends ContextColumnName> = Name extends
  `n_${string}` | 'gabriel_degree' | 'aggregate_id' | 'block_id'
  ? Int32Array
  : Float32Array;

/**
 * What is around the nuclei of a row group, column by column. Rows that are set aside have no values (NaN, -1). Columns of
 * roles that the card does not have are absent.
 */
export type ContextBlock = { readonly [Name in PlaceColumnName]: ValuesOf<Name> } & {
  readonly [Name in RoleColumnName]?: ValuesOf<Name>;
};

/** Side of the blocks that are drawn for intervals, in um, and of the larger tiles. */
export const blockSide = 1000;

/** Side in um of the smaller tiles, which divide a block; their number along its side; and their area. */
export const tileSide = 250;
export const tilesAcross = blockSide / tileSide;
export const tileMm2 = (tileSide / 1000) ** 2;

const nearest = (role: Role): ContextColumn => ({
  name: `nearest_${role}_um`,
  type: 'float32',
  unit: 'um',
  meaning: `distance to the nearest other nucleus whose class has the role ${role}, however far; null if the slide has none`,
});

const within = (role: Role, radius: Radius): ContextColumn => ({
  name: `n_${role}_${radius}um`,
  type: 'int32',
  unit: '',
  meaning: `other nuclei of the role ${role} within ${radius} um (at most that far, centroid to centroid)`,
});

const places: readonly ContextColumn[] = [
  {
    name: 'tissue_edge_um',
    type: 'float32',
    unit: 'um',
    meaning:
      "distance to the tissue's edge, positive inside, on a grid of 25 um (exact between centres of cells, interpolated between them)",
  },
  {
    name: 'tumour_edge_um',
    type: 'float32',
    unit: 'um',
    meaning:
      'distance to the border between the tumour region and other tissue, negative inside the tumour, on the same grid; null if there is no tumour region, -inf if all tissue is tumour',
  },
  {
    name: 'gabriel_degree',
    type: 'int32',
    unit: '',
    meaning:
      'neighbours in the Gabriel graph: nuclei at most 50 um away, with no third nucleus inside the circle whose diameter joins the two',
  },
  {
    name: 'gabriel_mean_edge_um',
    type: 'float32',
    unit: 'um',
    meaning: 'mean distance to these neighbours; null without any',
  },
  {
    name: 'gabriel_same_class_share',
    type: 'float32',
    unit: '',
    meaning: 'share of these neighbours that have its own class; null without any',
  },
  {
    name: 'alignment_50um',
    type: 'float32',
    unit: '',
    meaning:
      'how parallel the nuclei of its own role within 50 um are, itself included: mean resultant length of doubled orientations, 0 to 1; null where they are fewer than 5, or it has no role',
  },
  {
    name: 'aggregate_id',
    type: 'int32',
    unit: '',
    meaning:
      'number of the lymphoid aggregate (a candidate, by density alone) that an immune nucleus belongs to; null for none',
  },
  {
    name: 'block_id',
    type: 'int32',
    unit: '',
    meaning: "number of the 1 mm square that it lies in, from the slide's corner, row by row",
  },
];

/**
 * Returns the columns of `context.parquet` for a model with these roles, in the order of the file. They are defined nowhere
 * else.
 */
export function contextColumns(present: readonly Role[] = roles): ContextColumn[] {
  return [
    ...present.map(nearest),
    ...radii.flatMap((radius) => present.map((role) => within(role, radius))),
    ...places,
  ];
}
