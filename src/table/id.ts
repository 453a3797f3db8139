import { v5 } from 'uuid';

/** Name space of nuclei: chosen once at random, never to be changed. */
const namespace = Buffer.from('5e0f3d0a7c4b4b0e9d5a1b6f2c88e417', 'hex');

/**
 * Gives the UUID of a nucleus (version 5 of RFC 9562: SHA-1 of a name space and a name), the same in every run.
 * The name is `<slide hash>:<x>,<y>` with the nucleus's first pixel in raster order, in model px:
 * no two nuclei of a slide share a pixel.
 */
export function nucleusId(slideHash: string, x: number, y: number): string {
  return v5(`${slideHash}:${x},${y}`, namespace);
}
