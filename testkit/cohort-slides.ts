import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Canvas } from './paint.js';
import { stubColor } from './stub.js';

/**
 * Writes a slide of `side` px with a few nuclei that the stub model finds. `seed` decides where they are and of which
 * class.
 */
export async function writeTinySlide(path: string, seed: number, side = 288): Promise<void> {
  const canvas = new Canvas(side, side);
  for (let k = 0; k < 6; k++) {
    canvas.disc(
      30 + 40 * k,
      30 + ((53 * (k + 1) * (seed + 1)) % (side - 60)),
      7,
      stubColor(1 + ((k * (seed + 2)) % 3)),
    );
  }
  await canvas.write(path);
}

/** Writes a slide that is glass and nothing else. */
export async function writeEmptySlide(path: string): Promise<void> {
  await new Canvas(288, 288, [255, 255, 255]).write(path);
}

/** Writes a file that looks like a slide and is none. */
export async function writeBrokenSlide(path: string): Promise<void> {
  await writeFile(path, 'II*\0 and then nothing that is a TIFF');
}

/** Writes slides `a`, `b`, ... into a folder of their own and returns their paths. */
export async function writeSlides(folder: string, count: number): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const paths = Array.from({ length: count }, (_, k) => join(folder, `${String.fromCharCode(97 + k)}.tif`));
  await Promise.all(paths.map((path, seed) => writeTinySlide(path, seed)));
  return paths;
}
