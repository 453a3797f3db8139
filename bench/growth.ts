import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shared } from '../testkit/shared.js';
import { stubModel } from '../testkit/stub.js';
import { writeBigSlide } from './big-slide.js';
import { runCommand, type ProductFigures } from './product.js';
import type { BenchSection } from './section.js';

/**
 * Parts of tissue per side of the slide, by how many times the smallest slide's content that is. The largest slide
 * would take the real net most of an hour.
 */
const sides = { 1: 3, 4: 6, 16: 12 } as const;
const realNet = [1, 4] as const;

/** Measures memory, journal and time of the first rows while slides grow, with the stub net and with the real one. */
export async function benchGrowth(): Promise<BenchSection> {
  const section = shared('slides/tcga-v5-a7re.tif');
  if (section.missing) throw new Error(`needs ${section.missing}`);
  const folder = await mkdtemp(join(tmpdir(), 'hoverslide-growth-'));
  try {
    const rows = [];
    const peaks = { stub: {} as Record<number, number>, real: {} as Record<number, number> };
    const measure = async (net: 'stub' | 'real', times: number, side: number) => {
      const slide = join(folder, `${times}-times.tif`);
      if (!existsSync(slide)) await writeBigSlide(section.path, slide, side, side);
      const model = net === 'stub' ? ['--model', stubModel] : [];
      const figures = await runCommand(slide, folder, [...model, '--provider', 'cpu']);
      await rm(figures.folder, { recursive: true });
      peaks[net][times] = figures.peakBytes;
      rows.push(row(`${times} x, ${net} net`, figures));
    };
    for (const [times, side] of Object.entries(sides)) await measure('stub', Number(times), side);
    for (const times of realNet) await measure('real', times, sides[times]);
    rows.push(
      row('tcga-v5-a7re.tif, real net', await runCommand(section.path, folder, ['--provider', 'cpu'])),
    );
    const { stub, real } = peaks;
    const net = real[1]! - stub[1]!;
    return {
      title: 'Growth: memory, journal and first rows',
      command: 'npm run bench growth',
      rows,
      notes: [
        'Content: 2.1 mm2 of a real section, repeated 9, 36 and 144 times into one slide.',
        'The stub net reads nuclei from the colours and takes about no memory itself; with the real one the largest slide ' +
          'would take most of an hour here.',
        `Peak of 16 times over that of once: ${(stub[16]! / stub[1]!).toFixed(2)} with the stub, ` +
          `${((stub[16]! + net) / real[1]!).toFixed(2)} with what the real net takes more added to both (limit 1.1). ` +
          `4 times over once with the real net: ${(real[4]! / real[1]!).toFixed(2)}.`,
        "What grows: tiles along the edge of what is done, as the slide's side does, lists with some bytes per patch, and " +
          'the chance that short-lived peaks of several stages fall together.',
        'Journal: rows and state at their largest. First rows: from the start of the command until the first nuclei are on disk.',
      ],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function row(content: string, figures: ProductFigures): Record<string, string | number> {
  const megabytes = (bytes: number) => Number((bytes / 1e6).toFixed(1));
  return {
    content,
    patches: figures.patches,
    nuclei: figures.nuclei,
    'wall s': Number(figures.wallSeconds.toFixed(1)),
    'peak RSS MB': megabytes(figures.peakBytes),
    'table MB': megabytes(figures.tableBytes),
    'journal MB': megabytes(figures.journalBytes),
    'journal / table': Number((figures.journalBytes / figures.tableBytes).toFixed(2)),
    'first rows s': Number(figures.firstRowsSeconds.toFixed(1)),
  };
}
