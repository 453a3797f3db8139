import { fill, type PixelGrid } from '../geometry/fill.js';
import type { Polygon } from '../geometry/polygon.js';

/** What masks need to know of a slide: an open one, or what its table says of it. */
export interface SlideFrame {
  readonly path: string;
  /** Of level 0, in px. */
  readonly width: number;
  readonly height: number;
  /** Corner of what QuPath shows, in level-0 px. */
  readonly bounds: { readonly x: number; readonly y: number };
  readonly pixelSize: { readonly mpp: number };
}

/** Where there is tissue: a coarse grid over the whole slide, anchored at level 0's origin. */
export interface TissueMask {
  readonly width: number;
  readonly height: number;
  /** [height, width], nonzero where there is tissue. */
  readonly data: Uint8Array;
  /** Level-0 pixels per mask pixel. */
  readonly scale: { readonly x: number; readonly y: number };
  /** The outline in level-0 px, where the mask was made from one: finer than the grid. */
  readonly polygons?: readonly Polygon[];
  /** Whether it says where to look, not what counts: nuclei at its edge count too. So where no mask was given. */
  readonly found?: boolean;
}

/** Pixel size of the masks made here, in um: two nuclei fit across. */
const maskMpp = 8;

/** Returns the grid on which masks of a slide are made. Its last column and row may reach beyond the slide. */
export function maskGrid(slide: SlideFrame): Omit<TissueMask, 'data'> {
  const scale = maskMpp / slide.pixelSize.mpp;
  return {
    width: Math.ceil(slide.width / scale),
    height: Math.ceil(slide.height / scale),
    scale: { x: scale, y: scale },
  };
}

/** Makes the mask that covers the whole slide. */
export function everything(slide: SlideFrame): TissueMask {
  const grid = maskGrid(slide);
  return { ...grid, data: new Uint8Array(grid.width * grid.height).fill(1), found: true };
}

/** Makes a mask on a grid from the pixels whose centres lie in one of the polygons (level-0 px). */
export function maskOf(polygons: readonly Polygon[], grid: Omit<TissueMask, 'data'>): TissueMask {
  const { width, height, scale } = grid;
  const data = new Uint8Array(width * height);
  const pixels: PixelGrid = { centre: 0.5, scale };
  const within = { left: 0, top: 0, right: width, bottom: height };
  for (const polygon of polygons) {
    fill(polygon, pixels, within, (y, from, to) => data.fill(1, y * width + from, y * width + to));
  }
  return { ...grid, data };
}

/** Says whether a point in level-0 px lies on tissue. */
export function isTissue({ width, height, data, scale }: TissueMask, x: number, y: number): boolean {
  const [column, row] = [Math.floor(x / scale.x), Math.floor(y / scale.y)];
  return column >= 0 && row >= 0 && column < width && row < height && data[row * width + column] !== 0;
}

/** Area of the tissue on the slide in mm2; what a mask pixel covers beyond the slide's edge does not count. */
export function tissueArea(slide: SlideFrame, mask: TissueMask): number {
  const covered = (index: number, scale: number, size: number) =>
    Math.max(0, Math.min((index + 1) * scale, size) - index * scale);
  let pixels = 0;
  for (let y = 0; y < mask.height; y++) {
    let row = 0;
    for (let x = 0; x < mask.width; x++) {
      if (mask.data[y * mask.width + x]) row += covered(x, mask.scale.x, slide.width);
    }
    pixels += row * covered(y, mask.scale.y, slide.height);
  }
  return (pixels * slide.pixelSize.mpp ** 2) / 1e6;
}
