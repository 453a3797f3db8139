// How much detail a view can bear. Without a GPU a million primitives take a second, so what is drawn is bounded, not only how near it is.

export type Detail = 'density' | 'points' | 'outlines';

/** Most primitives of a frame. */
export const most = { points: 150_000, segments: 300_000 } as const;

/** Diameter of a usual nucleus in um. */
const nucleus = 8;

/** Smallest diameter in CSS pixels of which an outline says more than a point. */
const smallest = 6;

/**
 * Chooses how nuclei are drawn.
 * @param nuclei in view
 * @param strokes segments and triangles of their outlines
 * @param mpp um per CSS pixel
 */
export function detailOf(nuclei: number, strokes: number, mpp: number): Detail {
  if (strokes <= most.segments && nucleus / mpp > smallest) return 'outlines';
  return nuclei <= most.points ? 'points' : 'density';
}
