import { rm } from 'node:fs/promises';
import type { TumourAround } from '../context/around.js';
import { naming, writeAtomically } from '../files.js';
import { annotations } from '../tissue/annotations.js';

/** Its name in QuPath; where a user corrects it there, `features --regions` takes it back. */
const name = 'Tumour';

/**
 * Writes the tumour region as GeoJSON for QuPath; of a slide without one the file of before is removed.
 * @param origin corner of what QuPath shows, in level-0 px
 * @throws HoverslideError `output`
 */
export async function writeTumour(
  path: string,
  tumour: Pick<TumourAround, 'outlines'> | undefined,
  origin: { readonly x: number; readonly y: number },
): Promise<void> {
  if (!tumour) return naming(path, () => rm(path, { force: true }));
  const features = annotations(name, tumour.outlines, origin);
  await writeAtomically(path, `{"type":"FeatureCollection","features":${features}}\n`);
}
