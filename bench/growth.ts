import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shared } from '../test/support/shared.js';
import { stubModel } from '../test/support/stub.js';
import { writeBigSlide } from './big-slide.js';
import { runCommand, type ProductFigures } from './product.js';
import type { BenchSection } from './section.js';

/** Parts of tissue per side: the same content once, 4 times and 16 times. */
const sides = [3, 6, 12];

/** Memory, journal and first rows while slides grow, with the stub net, and on a real slide with the real one. */
export async function benchGrowth(): Promise<BenchSection> {
  const section = shared('slides/tcga-v5-a7re.tif');
  if (section.skip) throw new Error(section.skip);
  const folder = await mkdtemp(join(tmpdir(), 'hoverslide-growth-'));
  try {
    const rows = [];
    const peaks: number[] = [];
    for (const side of sides) {
      const slide = join(folder, `${side * side}-parts.tif`);
      await writeBigSlide(section.path, slide, side, side);
      const figures = await runCommand(slide, folder, ['--model', stubModel, '--provider', 'cpu']);
      peaks.push(figures.peakBytes);
      rows.push(row(`${(side / sides[0]!) ** 2} x, stub net`, figures));
    }
    rows.push(
      row('tcga-v5-a7re.tif, real net', await runCommand(section.path, folder, ['--provider', 'cpu'])),
    );
    return {
      title: 'Growth: memory, journal and first rows',
      command: 'npm run bench growth',
      rows,
      notes: [
        'Content: 2.1 mm2 of a real section, repeated 9, 36 and 144 times into one slide.',
        'Growing slides run with a stub net that reads nuclei from the colours, since the real one would take hours here: ' +
          'it takes about no memory itself, so that growth shows undiluted.',
        `Peak of the largest over that of the smallest: ${(peaks.at(-1)! / peaks[0]!).toFixed(2)} (limit 1.1). What grows: ` +
          "tiles along the edge of what is done, as the slide's side does, and lists with some bytes per patch.",
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
