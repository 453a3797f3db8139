import type { Polygon } from '../geometry/polygon.js';
import type { NucleiBlock } from '../nuclei/block.js';
import { classOf, type TableContext, votedClass } from './context.js';
import { nucleusId } from './id.js';
import { outline } from './outline.js';
import { qualityFlags, qualityOf } from './quality.js';

interface ColumnText {
  readonly name: string;
  /** Unit of the values; empty where they have none. */
  readonly unit: string;
  readonly meaning: string;
}

/** Function that gives the value of nucleus k of a block. */
type Value<T> = (block: NucleiBlock, k: number, context: TableContext) => T;

export interface StringColumn extends ColumnText {
  readonly type: 'string';
  readonly value: Value<string>;
}

export interface NumberColumn extends ColumnText {
  readonly type: 'float32' | 'float64';
  /** Decimals in text formats. Parquet keeps what the type holds. */
  readonly decimals: number;
  /** Name of the measurement in QuPath, where the column is one. */
  readonly measurement?: string;
  /** Its name within the struct `bbox` in Parquet, where it is part of that. */
  readonly edge?: 'xmin' | 'ymin' | 'xmax' | 'ymax';
  readonly value: Value<number>;
}

/** A column of polygons: well-known binary in Parquet, well-known text in CSV, the geometry in GeoJSON. */
export interface PolygonColumn extends ColumnText {
  readonly type: 'polygon';
  readonly value: Value<Polygon>;
}

export type Column = StringColumn | NumberColumn | PolygonColumn;

/**
 * The columns of a nucleus table, defined nowhere else. The Parquet metadata, the CSV header, the measurements in
 * QuPath and the README's table come from here.
 * Positions are float64, since float32 resolves only 1/64 px on a slide of 200,000 px. Measures are float32: its seven
 * digits are far finer than a pixel's share of any nucleus.
 */
export const columns = [
  {
    name: 'id',
    type: 'string',
    unit: '',
    meaning:
      'UUID (version 5) from the hash of the slide and the first pixel of the nucleus in raster order: the same in every run',
    value: (block, k, { slideHash }) =>
      nucleusId(slideHash, block.firstPixel[2 * k]!, block.firstPixel[2 * k + 1]!),
  },
  {
    name: 'centroid_x_px',
    type: 'float64',
    decimals: 3,
    unit: 'level-0 px',
    meaning: 'mean of the pixel centres; pixel x of the slide covers x to x + 1',
    value: (block, k, { space }) => space.toLevel0(block.centroid[2 * k]!),
  },
  {
    name: 'centroid_y_px',
    type: 'float64',
    decimals: 3,
    unit: 'level-0 px',
    meaning: 'as centroid_x_px, downwards',
    value: (block, k, { space }) => space.toLevel0(block.centroid[2 * k + 1]!),
  },
  {
    name: 'centroid_x_um',
    type: 'float64',
    decimals: 3,
    unit: 'um',
    meaning: "the same from the slide's left edge",
    value: (block, k, { space }) => space.toMicrons(block.centroid[2 * k]!),
  },
  {
    name: 'centroid_y_um',
    type: 'float64',
    decimals: 3,
    unit: 'um',
    meaning: "the same from the slide's upper edge",
    value: (block, k, { space }) => space.toMicrons(block.centroid[2 * k + 1]!),
  },
  {
    name: 'class',
    type: 'string',
    unit: '',
    meaning:
      "the model's class that most pixels of the nucleus voted for; class 0 (unclassified) where all voted for background, or most for a class that the model has not learned",
    value: (block, k, { classes }) => classOf(classes, block.type[k]!).name,
  },
  {
    name: 'class_share',
    type: 'float32',
    decimals: 4,
    unit: '',
    meaning:
      'share of the pixels that voted for the class, 0 to 1 (a vote share, not a probability); 0 where the class is void since the model has not learned it',
    measurement: 'Class share',
    value: (block, k, { classes }) =>
      votedClass(classes, block.type[k]!).learned === false ? 0 : block.share[k]!,
  },
  {
    name: 'nuclear_probability',
    type: 'float32',
    decimals: 4,
    unit: '',
    meaning: 'mean over the pixels of the probability of being nucleus, 0 to 1',
    measurement: 'Nuclear probability',
    value: (block, k) => block.probability[k]!,
  },
  {
    name: 'quality',
    type: 'string',
    unit: '',
    meaning: `\`ok\`, or why the nucleus is set aside, by the bounds of the model's card: ${qualityFlags.map(({ name, meaning }) => `\`${name}\`, ${meaning}`).join('; ')}`,
    value: qualityOf,
  },
  {
    name: 'area_um2',
    type: 'float32',
    decimals: 3,
    unit: 'um2',
    meaning: 'number of pixels times the area of one; holes not counted',
    measurement: 'Area µm^2',
    value: (block, k, { space }) => space.toSquareMicrons(block.area[k]!),
  },
  {
    name: 'perimeter_um',
    type: 'float32',
    decimals: 3,
    unit: 'um',
    meaning: "by Crofton's formula over four directions, not along the staircase of pixels",
    measurement: 'Perimeter µm',
    value: (block, k, { space }) => space.toMicrons(block.perimeter[k]!),
  },
  {
    name: 'major_axis_um',
    type: 'float32',
    decimals: 3,
    unit: 'um',
    meaning: 'long axis of the ellipse with the same second moments',
    measurement: 'Major axis µm',
    value: (block, k, { space }) => space.toMicrons(block.majorAxis[k]!),
  },
  {
    name: 'minor_axis_um',
    type: 'float32',
    decimals: 3,
    unit: 'um',
    meaning: 'short axis of that ellipse',
    measurement: 'Minor axis µm',
    value: (block, k, { space }) => space.toMicrons(block.minorAxis[k]!),
  },
  {
    name: 'eccentricity',
    type: 'float32',
    decimals: 4,
    unit: '',
    meaning: 'of that ellipse: 0 for a circle, towards 1 for a line',
    measurement: 'Eccentricity',
    value: (block, k) => block.eccentricity[k]!,
  },
  {
    name: 'solidity',
    type: 'float32',
    decimals: 4,
    unit: '',
    meaning: "area over that of the convex hull's pixels, as scikit-image's regionprops has it",
    measurement: 'Solidity',
    value: (block, k) => block.solidity[k]!,
  },
  {
    name: 'circularity',
    type: 'float32',
    decimals: 4,
    unit: '',
    meaning:
      '4 pi area / perimeter^2, at most 1: a larger value would only say that the perimeter of a small disc is an estimate',
    measurement: 'Circularity',
    value: (block, k) => Math.min(1, (4 * Math.PI * block.area[k]!) / block.perimeter[k]! ** 2),
  },
  {
    name: 'orientation_rad',
    type: 'float32',
    decimals: 4,
    unit: 'rad',
    meaning: 'angle from the x axis to the major axis, above -pi/2 and up to pi/2, y pointing down',
    measurement: 'Orientation rad',
    value: (block, k) => block.orientation[k]!,
  },
  {
    name: 'hematoxylin_od_mean',
    type: 'float32',
    decimals: 4,
    unit: 'OD',
    meaning: 'mean optical density of haematoxylin (Ruifrok and Johnston, fixed vectors, white is 255)',
    measurement: 'Hematoxylin OD mean',
    value: (block, k) => block.stain[4 * k]!,
  },
  {
    name: 'hematoxylin_od_sd',
    type: 'float32',
    decimals: 4,
    unit: 'OD',
    meaning: 'its standard deviation over the pixels of the nucleus',
    measurement: 'Hematoxylin OD std dev',
    value: (block, k) => block.stain[4 * k + 1]!,
  },
  {
    name: 'eosin_od_mean',
    type: 'float32',
    decimals: 4,
    unit: 'OD',
    meaning: 'mean optical density of eosin',
    measurement: 'Eosin OD mean',
    value: (block, k) => block.stain[4 * k + 2]!,
  },
  {
    name: 'eosin_od_sd',
    type: 'float32',
    decimals: 4,
    unit: 'OD',
    meaning: 'its standard deviation over the pixels of the nucleus',
    measurement: 'Eosin OD std dev',
    value: (block, k) => block.stain[4 * k + 3]!,
  },
  {
    name: 'bbox_xmin_px',
    type: 'float64',
    decimals: 3,
    edge: 'xmin',
    unit: 'level-0 px',
    meaning: 'left edge of the bounding box (in Parquet `bbox.xmin`)',
    value: (block, k, { space }) => space.toLevel0(block.box[4 * k]!),
  },
  {
    name: 'bbox_ymin_px',
    type: 'float64',
    decimals: 3,
    edge: 'ymin',
    unit: 'level-0 px',
    meaning: 'its upper edge (in Parquet `bbox.ymin`)',
    value: (block, k, { space }) => space.toLevel0(block.box[4 * k + 1]!),
  },
  {
    name: 'bbox_xmax_px',
    type: 'float64',
    decimals: 3,
    edge: 'xmax',
    unit: 'level-0 px',
    meaning: 'its right edge (in Parquet `bbox.xmax`)',
    value: (block, k, { space }) => space.toLevel0(block.box[4 * k]! + block.box[4 * k + 2]!),
  },
  {
    name: 'bbox_ymax_px',
    type: 'float64',
    decimals: 3,
    edge: 'ymax',
    unit: 'level-0 px',
    meaning: 'its lower edge (in Parquet `bbox.ymax`)',
    value: (block, k, { space }) => space.toLevel0(block.box[4 * k + 1]! + block.box[4 * k + 3]!),
  },
  {
    name: 'outline',
    type: 'polygon',
    unit: 'level-0 px',
    meaning:
      'polygon along the edges of the pixels, holes included (GeoParquet, well-known binary; text in CSV)',
    value: (block, k, { space }) => outline(block, k, space),
  },
] as const satisfies readonly Column[];

export type ColumnName = (typeof columns)[number]['name'];

/** Returns column names, types, units and meanings for the Parquet metadata, in the order of the table. */
export function columnMetadata(): { name: string; type: string; unit: string; meaning: string }[] {
  return columns.map(({ name, type, unit, meaning }) => ({
    name,
    type: parquetTypeNames[type],
    unit,
    meaning,
  }));
}

const parquetTypeNames = {
  string: 'string',
  float32: 'float32',
  float64: 'float64',
  polygon: 'binary (WKB polygon)',
};
