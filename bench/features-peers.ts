// Parts of what features are made of, by the libraries that people use for them, on the same table in the same call.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../src/package-root.js';
import { measureFeatures } from './features.js';
import { placeGeneratedTable } from './generated-table.js';
import type { BenchSection } from './section.js';

/** Names a folder with an environment of Python per library: `squidpy/bin/python`, `histolytics/bin/python`. */
export const peersVariable = 'HOVERSLIDE_PEERS';

const steps = {
  squidpy: ['pairs within 50 um', 'enrichment', 'Ripley'],
  histolytics: ['Gabriel graph', 'counts within 50 um', 'Ripley'],
};
/** Seconds of processor after which a step is given up. */
const limit = 180;

/** Output of features_peers.py. */
interface Figures {
  readonly wall: number;
  readonly cpu: number;
  readonly peak: number;
}

interface GivenUp {
  readonly reason: string;
}

export async function benchFeaturesPeers(): Promise<BenchSection> {
  const peers = process.env[peersVariable];
  if (!peers) throw new Error(`needs ${peersVariable}`);
  const folder = await mkdtemp(join(tmpdir(), 'hoverslide-peers-'));
  try {
    const rows = [];
    for (const nuclei of [1e5, 1e6]) {
      const path = join(folder, 'nuclei.parquet');
      await placeGeneratedTable(path, nuclei);
      const row = (tool: string, step: string, found: Figures | GivenUp) => ({
        nuclei,
        tool,
        step,
        s: 'reason' in found ? '' : found.wall.toFixed(1),
        'CPU s': 'reason' in found ? found.reason : found.cpu.toFixed(1),
        'peak RSS MB': 'reason' in found ? '' : found.peak.toFixed(),
      });
      const { seconds, cpuSeconds, peakMegabytes } = await measureFeatures(path, folder);
      rows.push(row('hoverslide', 'all of it', { wall: seconds, cpu: cpuSeconds, peak: peakMegabytes }));
      for (const [library, names] of Object.entries(steps)) {
        const python = join(peers, library, 'bin', 'python');
        for (const step of names) rows.push(row(library, step, await peer(python, path, library, step)));
      }
    }
    return {
      title: 'Features beside squidpy and histolytics',
      command: `${peersVariable}=... npm run bench features-peers`,
      rows,
      notes: [
        'Generated nuclei as above. hoverslide: all columns of context.parquet and all features with their intervals, written to disk; the others: the step alone, in memory, without reading the table.',
        'squidpy 1.8.2: radius graph of 50 um, then the interaction matrix, or 1,000 permutations; Ripley: mode L, no edge correction. histolytics 0.3.0: libpysal graphs; Ripley: K of immune nuclei in the bounding box.',
        'CPU s, of all threads together; wall seconds are longer than on an idle machine where other work ran.',
      ],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Returns what a step took, or why it was given up. */
async function peer(python: string, path: string, library: string, step: string): Promise<Figures | GivenUp> {
  const script = join(packageRoot, 'bench', 'features_peers.py');
  try {
    const { stdout } = await promisify(execFile)(python, [script, path, library, step, String(limit)]);
    return JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Figures;
  } catch (error) {
    const { signal, stderr } = error as { signal: string | null; stderr: string };
    if (signal) return { reason: `over ${limit}` };
    const asked = /Unable to allocate ([\d.]+ \w+)/.exec(stderr)?.[1];
    if (asked === undefined) throw error;
    return { reason: `fails: asks for ${asked}` };
  }
}
