import type { LabelMap } from '../label-map.js';

/** Labels of a field as a file holds them. */
export interface LabelSource {
  readonly file: string;
  /** Size of the map; for polygons, which have none, the box from the origin that holds them all. */
  readonly width: number;
  readonly height: number;
  /** Whether the size is that of the image. */
  readonly sized: boolean;
  /** As a map of this size; a map that has a size of its own is given as it is. */
  toMap(width: number, height: number): LabelMap;
}

/** A map that has the size of its image. */
export function sized(map: LabelMap): LabelSource {
  return { file: map.file, width: map.width, height: map.height, sized: true, toMap: () => map };
}
