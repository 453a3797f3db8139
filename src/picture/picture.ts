import sharp from 'sharp';
import type { RgbImage } from '../slide/binding.js';

/** A picture of a slide or of a part of it. */
export interface Picture extends RgbImage {
  /** Upper left corner in level-0 px. */
  readonly x: number;
  readonly y: number;
  /** Level-0 px per pixel of the picture. */
  readonly scale: number;
}

/** Blends a colour into a pixel. Does nothing outside the picture. */
export function paint(
  { width, height, data }: RgbImage,
  x: number,
  y: number,
  color: readonly number[],
  opacity: number,
): void {
  if (x < 0 || y < 0 || x >= width || y >= height) return;
  const at = 3 * (y * width + x);
  for (let c = 0; c < 3; c++) {
    data[at + c] = Math.round(data[at + c]! * (1 - opacity) + color[c]! * opacity);
  }
}

/** Encodes a picture as PNG. The same pixels give the same bytes. */
export async function toPng({ width, height, data }: RgbImage): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** Encodes a picture as JPEG, with colours as sharp as the rest: outlines are one pixel wide. The same pixels give the same bytes. */
export async function toJpeg({ width, height, data }: RgbImage): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 80, chromaSubsampling: '4:4:4' })
    .toBuffer();
}

/** Longest side of a thumbnail in px. */
export const thumbnailSide = 480;

/** Encodes a picture as JPEG, within a square of thumbnailSide. The same pixels give the same bytes. */
export async function toThumbnail({ width, height, data }: RgbImage): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: thumbnailSide, height: thumbnailSide, fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: 75 })
    .toBuffer();
}
