import type { LabelMap } from '../label-map.js';

/** The labels of a field, as a file holds them. */
export interface LabelSource {
  readonly file: string;
  /** Size of the map. Polygons have no size: for them it is the box from the origin that holds them all. */
  readonly width: number;
  readonly height: number;
  /** Whether this size is the size of the image. */
  readonly sized: boolean;
  /** Returns a map of the given size. If the map has a size of its own, it is returned unchanged. */
  toMap(width: number, height: number): LabelMap;
}

/** Wraps a map that has the size of its image. */
export function sized(map: LabelMap): LabelSource {
  return { file: map.file, width: map.width, height: map.height, sized: true, toMap: () => map };
}
