import { createHash } from 'node:crypto';

/** Name space of nuclei: chosen once at random, never to be changed. */
const namespace = Buffer.from('5e0f3d0a7c4b4b0e9d5a1b6f2c88e417', 'hex');

/**
 * UUID of a nucleus (version 5 of RFC 9562: SHA-1 of a name space and a name), the same in every run.
 * The name is `<slide hash>:<x>,<y>` with the nucleus's first pixel in raster order, in model px:
 * no two nuclei of a slide share a pixel.
 */
export function nucleusId(slideHash: string, x: number, y: number): string {
  const bytes = createHash('sha1').update(namespace).update(`${slideHash}:${x},${y}`).digest();
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex', 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
