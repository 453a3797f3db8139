import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { embeddedModel } from '../src/model/embedded.js';
import { traits, type Provider } from '../src/model/provider.js';
import { packageRoot } from '../src/package-root.js';
import type { BenchSection } from './section.js';

const processes = 10;
const providers: readonly Provider[] = ['cpu', 'cuda'];

interface Maps {
  readonly device: string | null;
  readonly batch: number;
  readonly sha256: string;
}

/**
 * Measures whether a provider gives the same maps for the same batch in every process. All that is promised rests on
 * this.
 */
export async function benchRepeats(): Promise<BenchSection> {
  const rows = [];
  const notes = [
    'A batch of patches of the sample slide, the model that comes with hoverslide; maps compared byte by byte.',
  ];
  for (const provider of providers) {
    try {
      const found: Maps[] = [];
      while (found.length < processes) found.push(await mapsOf(provider));
      const different = new Set(found.map(({ sha256 }) => sha256)).size;
      const { device, batch } = found[0]!;
      rows.push({ provider, device: device ?? '', batch, processes, 'different maps': different });
    } catch (error) {
      const reason = String((error as { stderr?: string }).stderr).match(/HoverslideError: (.*)/)?.[1];
      notes.push(`${provider} was not measured: ${reason ?? String(error)}`);
    }
  }
  return { title: 'Maps of ten fresh processes', command: 'npm run bench repeats', rows, notes };
}

async function mapsOf(provider: Provider): Promise<Maps> {
  const program = join(packageRoot, 'dist', 'bench', 'gpu-maps.js');
  const args = [program, embeddedModel, provider, `${traits[provider].batch}`];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Maps;
}
