import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { withoutWasmReservation } from '../src/machine.js';
import { kinds, type Kind, type Outcome } from './mutant-subjects.js';
import type { BenchSection } from './section.js';

/** Address space of the process that runs mutants, in KiB, and the longest that one may take, in milliseconds. */
const addressSpace = 8_000_000;
const patience = 60_000;

const program = fileURLToPath(new URL('./mutant-process.js', import.meta.url));

interface Count {
  mutants: number;
  done: number;
  refused: number;
  wrong: number;
  crashes: number;
  hangs: number;
  slowest: number;
}

/**
 * Runs damaged files of every kind under a limit of memory: each must be done or refused in one clear line, within a
 * minute, and leave nothing half-written. HOVERSLIDE_MUTANTS=10 runs a tenth of them, or `kind:number` one.
 */
export async function benchMutants(): Promise<BenchSection> {
  const folder = await mkdtemp(join(tmpdir(), 'hoverslide-mutants-'));
  const wanted = process.env['HOVERSLIDE_MUTANTS'] ?? '1';
  const [only, number] = wanted.split(':');
  const runner = new Runner(folder);
  const rows = [];
  try {
    for (const kind of Object.keys(kinds) as Kind[]) {
      if (number !== undefined && only !== kind) continue;
      const seeds = number === undefined ? range(kinds[kind] / Number(wanted)) : [Number(number)];
      const count: Count = { mutants: 0, done: 0, refused: 0, wrong: 0, crashes: 0, hangs: 0, slowest: 0 };
      for (const seed of seeds) await runner.run(kind, seed, count);
      rows.push({ kind, ...count, slowest: `${(count.slowest / 1000).toFixed(1)} s` });
    }
  } finally {
    runner.end();
    await rm(folder, { recursive: true, force: true });
  }
  return {
    title: 'Mutants: damaged files of every kind',
    command: 'npm run bench mutants',
    rows,
    notes: [
      'Bit flips, truncation, swapped offsets, absurd sizes, parts moved or zeroed, bombs; all by seed. Slides: tiled and striped TIFF, ' +
        'JPEG in TIFF, PNG, JPEG, Aperio, DICOM. Run with the stub net through the functions that the command calls, many in one process.',
      `Each under a limit of ${addressSpace / 1e6} GB of address space and ${patience / 1000} s. Done: with whole results (damage that does not ` +
        'matter, or that no checksum covers). Refused: one clear line. Wrong: an internal error, more than a line, results that are not whole, ' +
        "or after a damaged journal another table than without. Crashes: by a signal, which the command's supervisor survives.",
    ],
  };
}

function range(count: number): number[] {
  return Array.from({ length: Math.ceil(count) }, (_, k) => k);
}

/** The process that runs mutants, started anew when one of them ends it. */
class Runner {
  #child: ChildProcess | undefined;
  #stderr = '';

  constructor(private readonly folder: string) {}

  async run(kind: Kind, seed: number, count: Count): Promise<void> {
    const child = (this.#child ??= await this.#start());
    this.#stderr = '';
    const start = performance.now();
    const over = new AbortController();
    const { signal } = over;
    const ended = Promise.race([
      once(child, 'message', { signal }).then(([outcome]) => outcome as Outcome),
      once(child, 'exit', { signal }).then(([code, name]) => `crash: ${(name ?? code) as string}`),
      delay(patience, 'hang', { signal }),
    ]);
    child.send({ kind, seed });
    const outcome = await ended;
    over.abort();
    count.mutants++;
    count.slowest = Math.max(count.slowest, performance.now() - start);
    if (typeof outcome === 'string') {
      count[outcome === 'hang' ? 'hangs' : 'crashes']++;
      console.log(`${kind}:${seed} ${outcome} ${this.#stderr.slice(-2000)}`);
      child.kill('SIGKILL');
      this.#child = undefined;
      return;
    }
    const traced = /^\s+at /m.test(this.#stderr);
    count[traced ? 'wrong' : outcome.ended]++;
    if (traced || outcome.ended === 'wrong' || process.env['HOVERSLIDE_MUTANTS']) {
      console.log(`${kind}:${seed} ${outcome.ended} ${outcome.line} ${this.#stderr.slice(-500)}`);
    }
  }

  end(): void {
    this.#child?.kill('SIGKILL');
  }

  async #start(): Promise<ChildProcess> {
    const limit = `ulimit -v ${addressSpace}; ulimit -c 0; exec "$@"`;
    const command = [process.execPath, withoutWasmReservation, program, this.folder];
    const child = spawn('bash', ['-c', limit, '-', ...command], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child.stderr!.on('data', (text: Buffer) => (this.#stderr += text.toString()));
    const [first] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [unknown];
    if (first !== 'ready') throw new Error(`the process of mutants did not start: ${this.#stderr}`);
    return child;
  }
}
