import { isTissue, maskOf, type TissueMask } from '../tissue/mask.js';
import { paint, type Picture } from './picture.js';

const color = [20, 20, 20];

/** Draws the edge of the tissue into a picture of a whole slide, in lines that stay visible in a thumbnail. */
export function drawTissue(picture: Picture, mask: TissueMask): void {
  const { width, height, scale } = picture;
  const grid = { width, height, scale: { x: scale, y: scale } };
  const inside = mask.polygons
    ? maskOf(mask.polygons, grid).data
    : Uint8Array.from({ length: width * height }, (_, pixel) => {
        const x = pixel % width;
        return isTissue(mask, (x + 0.5) * scale, ((pixel - x) / width + 0.5) * scale) ? 1 : 0;
      });
  const reach = Math.max(0, Math.round(Math.max(width, height) / 1400));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const right = x + 1 < width && inside[at] !== inside[at + 1];
      const below = y + 1 < height && inside[at] !== inside[at + width];
      if (!right && !below) continue;
      for (let v = 0; v <= reach; v++)
        for (let u = 0; u <= reach; u++) paint(picture, x + u, y + v, color, 1);
    }
  }
}
