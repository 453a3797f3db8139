// Compares the model that is used unless another is named to itself in int8: quality, size and speed on the CPU.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { embeddedModel } from '../src/model/embedded.js';
import { packageRoot } from '../src/package-root.js';
import { shared } from '../testkit/shared.js';
import type { BenchSection } from './section.js';

interface Scores {
  readonly PQ: number;
  readonly F_d: number;
}

/** Figures of one model file. `1` and `2` are core-seconds per batch of 16 with that many threads. */
interface FileFigures {
  readonly bytes: number;
  readonly scores: { readonly reference: Scores; readonly seamless: Scores };
  readonly 1: number;
  readonly 2: number;
}

/** Output of int8.py. */
interface Int8Figures {
  readonly shares: { readonly nucleus: number; readonly class: number; readonly hv: number };
  readonly float: FileFigures;
  readonly int8: FileFigures;
}

export async function benchInt8(): Promise<BenchSection> {
  const data = shared('data');
  if (data.missing) throw new Error(`needs ${data.missing}`);
  const python = join(packageRoot, '.venv', 'bin', 'python');
  const script = join(packageRoot, 'bench', 'int8.py');
  const { stdout } = await promisify(execFile)(python, [script, data.path, embeddedModel]);
  const { shares, float, int8 } = JSON.parse(stdout) as Int8Figures;
  const row = (net: string, { bytes, scores: { reference, seamless }, 1: one, 2: two }: FileFigures) => ({
    net,
    MB: Number((bytes / 1e6).toFixed(1)),
    'PQ reference': Number(reference.PQ.toFixed(4)),
    'F_d reference': Number(reference.F_d.toFixed(4)),
    'PQ seamless': Number(seamless.PQ.toFixed(4)),
    'F_d seamless': Number(seamless.F_d.toFixed(4)),
    'core-s per batch of 16, 1 thread': Number(one.toFixed(3)),
    '2 threads': Number(two.toFixed(3)),
  });
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  return {
    title: 'The default net in int8',
    command: 'npm run bench int8',
    rows: [row('float32', float), row('in int8', int8)],
    notes: [
      `${(float[1] / int8[1]).toFixed(2)} times as fast with one thread, ${(float[2] / int8[2]).toFixed(2)} with two (ONNX Runtime in Python, ` +
        'processor time of all threads together, best of 7 in turns; fields of validation, mean of the sets, mirrored at their border).',
      'Made by `hoverslide_distill quantize`: static, activations uint8 by their extremes over 48 training crops, weights of 7 bits per channel; the ' +
        "encoder's finer blocks, head and packing stay in floating point.",
      `Equal pixels with the float net on 12 patches: nucleus ${percent(shares.nucleus)}, class ${percent(shares.class)}, h and v within .05 ${percent(shares.hv)}.`,
    ],
  };
}
