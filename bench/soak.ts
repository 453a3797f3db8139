import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedModel } from '../src/model/embedded.js';
import { openSlide } from '../src/slide/slide.js';
import { largeShapes } from '../testkit/adversaries.js';
import { killOften } from '../testkit/kill.js';
import { assertSameBytes, fixedBytes, runProduct } from '../testkit/product.js';
import { seamFigures } from '../testkit/seams.js';
import { shared } from '../testkit/shared.js';
import type { BenchSection } from './section.js';

const kills = 100;
/** Ways to cut the same work, of all runs together. */
const ways = [2, 4, 8, 16].flatMap((readBlock) => [1, 2, 8].map((workers) => ({ readBlock, workers })));

/** Runs checks that take too long for a test: 100 kills, and a whole real slide with the real net, run in two ways. */
export async function benchSoak(): Promise<BenchSection> {
  const folder = await mkdtemp(join(tmpdir(), 'hoverslide-soak-'));
  try {
    const rows = [await soakKills(folder)];
    const section = shared('slides/tcga-v5-a7re.tif');
    if (!section.missing) rows.push(...(await soakSection(folder, section.path)));
    return {
      title: 'Soak: kills, and a whole slide without seams',
      command: 'npm run bench soak',
      rows,
      notes: [
        `Kills: SIGKILL at random moments of runs with the stub net, each going on from the one before with read blocks of 2 to 16 ` +
          'patches and 1 to 8 workers; every slide that came to its end was compared byte for byte.',
        'Seams: overlaps of any two nuclei by any pixel; nuclei per area within 20 px of patch lines over elsewhere, with the ' +
          'standard deviations by which a random count would be off.',
      ],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function soakKills(folder: string) {
  const slide = join(folder, 'slide.tif');
  await largeShapes().write(slide);
  const start = performance.now();
  const whole = await runProduct(slide, join(folder, 'whole'));
  const span = performance.now() - start;
  const expected = await fixedBytes(whole.result.folder);
  const out = join(folder, 'killed');
  const count = await killOften(slide, out, ways, { kills, span }, async () => {
    await assertSameBytes(join(out, 'slide'), expected, 'after kills');
    await rm(out, { recursive: true });
  });
  return { what: 'kills', result: `${count.kills} kills, ${count.ends} slides ended in the same bytes` };
}

async function soakSection(folder: string, path: string) {
  const options = { model: embeddedModel, tissueMask: true };
  const { result } = await runProduct(path, join(folder, 'first'), { ...options, readBlock: 4, workers: 2 });
  const other = await runProduct(path, join(folder, 'other'), { ...options, readBlock: 8, workers: 8 });
  await assertSameBytes(other.result.folder, await fixedBytes(result.folder), 'read blocks of 8, 8 workers');
  const slide = await openSlide(path);
  const figures = await seamFigures(result.folder, slide);
  await slide.close();
  const { nuclei, overlapping, densityRatio, deviations, edgesOnLines } = figures;
  return [
    { what: 'tcga-v5-a7re.tif, read blocks of 4 and 2 workers, of 8 and 8', result: 'the same bytes' },
    { what: 'its nuclei', result: `${nuclei}, of which ${overlapping} overlap` },
    {
      what: 'near patch lines over elsewhere',
      result: `${densityRatio.toFixed(3)} (${deviations.toFixed(1)} standard deviations)`,
    },
    { what: 'boxes that end at patch lines, over chance', result: edgesOnLines.toFixed(2) },
  ];
}
