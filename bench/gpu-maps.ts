// node dist/bench/gpu-maps.js MODEL PROVIDER BATCH [OUT]: computes the net's maps of fixed patches of the sample slide,
// in a fresh process. Prints what ran and the SHA-256 of the maps. Writes the maps, uint8 [BATCH, stride, stride, 4],
// to OUT.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Inference } from '../src/model/inference.js';
import { openModel } from '../src/model/model.js';
import type { ProviderChoice } from '../src/model/provider.js';
import { packageRoot } from '../src/package-root.js';
import { readPatches } from '../src/slide/patches.js';
import { openSlide } from '../src/slide/slide.js';

const [path, provider, size, out] = process.argv.slice(2);
const model = await openModel(path);
const batch = Number(size);
const slide = await openSlide(join(packageRoot, 'samples', 'CMU-1-Small-Region.svs'));
const { patch, mpp } = model.card;
const origins = Int32Array.from({ length: 2 * batch }, (_, n) => (n % 2 === 0 ? 61 * n : 89 * n) % 3800);
const [patches] = await readPatches(slide, mpp / slide.pixelSize.mpp, patch, origins);
await slide.close();
const inference = await Inference.open(model, { provider: provider as ProviderChoice, threads: 2, batch });
const { maps } = await inference.run(patches!);
await inference.close();
if (out !== undefined) writeFileSync(out, maps);
const sha256 = createHash('sha256').update(maps).digest('hex');
console.log(
  JSON.stringify({ provider: inference.provider, device: inference.device, batch: inference.batch, sha256 }),
);
