/** What the screen shows, in device pixels of the canvas and px of level 0. */
export interface Camera {
  /** Level-0 px at the canvas's upper left corner. */
  readonly left: number;
  readonly top: number;
  /** Device pixels per level-0 px. */
  readonly scale: number;
  /** Of the canvas, in device pixels. */
  readonly width: number;
  readonly height: number;
  /** Device pixels per CSS pixel. */
  readonly ratio: number;
}

export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The rectangle of level 0 that is in view. */
export const viewOf = ({ left, top, scale, width, height }: Camera): Rect => ({
  left,
  top,
  right: left + width / scale,
  bottom: top + height / scale,
});

/** The nearest place to one along a side of so many px. */
export const within = (at: number, size: number): number => Math.min(Math.max(at, 0), size);

export const meet = (a: Rect, b: Rect): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/**
 * The middle of the view from a corner, as two float32 whose sum it is: what lies there is subtracted from coordinates before
 * they are scaled, so that no digit is lost however far the corner is from the view.
 */
export function anchorOf(camera: Camera, x: number, y: number): [hi: [number, number], lo: [number, number]] {
  const middle = [
    camera.left - x + camera.width / camera.scale / 2,
    camera.top - y + camera.height / camera.scale / 2,
  ] as const;
  const hi: [number, number] = [Math.fround(middle[0]), Math.fround(middle[1])];
  return [hi, [middle[0] - hi[0], middle[1] - hi[1]]];
}
