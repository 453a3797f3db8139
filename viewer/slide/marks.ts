// What is drawn above the nuclei: outlines of layers, the selection, the nucleus that is pinned.
import type { Camera } from '../draw/camera.js';
import type { Point } from '../permalink.js';

export interface Marks {
  readonly layers: readonly { readonly path: Path2D; readonly color: string }[];
  readonly selection: readonly Point[] | undefined;
  /** Whether the last point of the selection is joined with the first. */
  readonly closed: boolean;
  /** Centroids of the nucleus that is pinned and of the one under the pointer. */
  readonly pinned: Point | undefined;
  readonly hovered: Point | undefined;
}

/** Radius of the ring around a nucleus, in um. */
const around = 9;

/** @param mpp um per level-0 px */
export function drawMarks(canvas: HTMLCanvasElement, camera: Camera, mpp: number, marks: Marks): void {
  const context = canvas.getContext('2d')!;
  const { left, top, scale, ratio } = camera;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.lineJoin = 'round';
  context.setTransform(scale, 0, 0, scale, -left * scale, -top * scale);
  for (const { path, color } of marks.layers) {
    context.strokeStyle = '#ffffffb0';
    context.lineWidth = (3.5 * ratio) / scale;
    context.stroke(path);
    context.strokeStyle = color;
    context.lineWidth = (2 * ratio) / scale;
    context.stroke(path);
  }
  context.setTransform(1, 0, 0, 1, 0, 0);
  const place = ([x, y]: Point) => [(x - left) * scale, (y - top) * scale] as const;
  if (marks.selection && marks.selection.length > 1) {
    context.beginPath();
    for (const point of marks.selection) context.lineTo(...place(point));
    if (marks.closed) context.closePath();
    context.fillStyle = '#1a73e814';
    if (marks.closed) context.fill();
    twoTone(context, ratio, [6 * ratio, 4 * ratio]);
  }
  for (const [point, size] of [
    [marks.hovered, 0.8],
    [marks.pinned, 1],
  ] as const) {
    if (!point) continue;
    const radius = Math.max(8 * ratio, (around / mpp) * scale) * size;
    context.beginPath();
    context.arc(...place(point), radius, 0, 2 * Math.PI);
    twoTone(context, ratio, []);
  }
}

/** Strokes in black on white, which can be seen on any ground. */
function twoTone(context: CanvasRenderingContext2D, ratio: number, dash: number[]): void {
  context.setLineDash([]);
  context.strokeStyle = '#fff';
  context.lineWidth = 3.5 * ratio;
  context.stroke();
  context.setLineDash(dash);
  context.strokeStyle = '#111';
  context.lineWidth = 1.5 * ratio;
  context.stroke();
  context.setLineDash([]);
}

/** The outlines of a layer, in level-0 px. */
export function pathOf({ features }: GeoJSON.FeatureCollection): Path2D {
  const path = new Path2D();
  for (const { geometry } of features) {
    const polygons =
      geometry.type === 'Polygon'
        ? [geometry.coordinates]
        : geometry.type === 'MultiPolygon'
          ? geometry.coordinates
          : [];
    for (const ring of polygons.flat()) {
      for (const [k, [x, y]] of ring.entries()) {
        if (k === 0) path.moveTo(x!, y!);
        else path.lineTo(x!, y!);
      }
      path.closePath();
    }
  }
  return path;
}
