import type { Metadata } from 'sharp';
import { bufferBytes, type ReadAt } from './tiff-bytes.js';
import { readTiff, type TiffDirectory } from './tiff-directories.js';

/** Pixels per unit on each axis, exactly as the file states them. */
export interface Resolution {
  readonly x: number;
  readonly y: number;
  readonly unit: 'inch' | 'centimeter';
}

export function resolutionOfDirectory(directory: TiffDirectory): Resolution | undefined {
  const { xResolution: x, yResolution: y, resolutionUnit } = directory;
  const unit = resolutionUnit === 2 ? 'inch' : resolutionUnit === 3 ? 'centimeter' : undefined;
  return unit && x && y && Number.isFinite(x + y) ? { x, y, unit } : undefined;
}

/**
 * Returns the resolution from a PNG's pHYs chunk, or from a JPEG's EXIF or JFIF header; undefined if it states no
 * physical size.
 */
export async function resolutionOfImage(read: ReadAt, metadata: Metadata): Promise<Resolution | undefined> {
  if (metadata.format === 'png') return pngResolution(read);
  const exif = metadata.exif && (await readTiff(bufferBytes(exifTiff(metadata.exif))));
  const [directory] = exif?.directories ?? [];
  return (directory && resolutionOfDirectory(directory)) ?? jfifResolution(await read(0, 18));
}

function exifTiff(exif: Buffer): Buffer {
  return exif.toString('latin1', 0, 6) === 'Exif\0\0' ? exif.subarray(6) : exif;
}

async function pngResolution(read: ReadAt): Promise<Resolution | undefined> {
  for (let at = 8; ;) {
    const chunk = await read(at, 17);
    const name = chunk.toString('latin1', 4, 8);
    if (chunk.length < 17 || name === 'IDAT') return undefined;
    if (name === 'pHYs') {
      const [x, y, metre] = [chunk.readUInt32BE(8), chunk.readUInt32BE(12), chunk[16] === 1];
      return metre && x > 0 && y > 0 ? { x: x / 100, y: y / 100, unit: 'centimeter' } : undefined;
    }
    at += 12 + chunk.readUInt32BE(0);
  }
}

function jfifResolution(head: Buffer): Resolution | undefined {
  if (head.length < 18 || head.toString('latin1', 6, 11) !== 'JFIF\0') return undefined;
  const unit = ([undefined, 'inch', 'centimeter'] as const)[head[13]!];
  const [x, y] = [head.readUInt16BE(14), head.readUInt16BE(16)];
  return unit && x > 0 && y > 0 ? { x, y, unit } : undefined;
}
