import { v5 } from 'uuid';

/** Name space of nuclei. It was chosen once at random and must never change. */
const namespace = Buffer.from('5e0f3d0a7c4b4b0e9d5a1b6f2c88e417', 'hex');

/**
 * Returns the UUID of a nucleus, the same in every run (version 5 of RFC 9562: SHA-1 of a name space and a name). The
 * name is `<slide hash>:<x>,<y>` with the nucleus's first pixel in raster order, in model px. It is unique, since no
 * two nuclei of a slide share a pixel.
 */
export function nucleusId(slideHash: string, x: number, y: number): string {
  return v5(`${slideHash}:${x},${y}`, namespace);
}
