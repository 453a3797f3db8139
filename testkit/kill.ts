import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ProductOptions } from './product.js';

const program = fileURLToPath(new URL('./product-process.js', import.meta.url));

/**
 * Runs the product in a process of its own and kills it (SIGKILL) some milliseconds after its slide was begun.
 * @returns whether the slide was done before that
 * @throws Error if the process fails by itself
 */
export async function runAndKill(
  slide: string,
  out: string,
  options: ProductOptions,
  milliseconds: number,
): Promise<boolean> {
  const child = fork(program, [slide, out, JSON.stringify(options)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let stderr = '';
  child.stderr!.on('data', (text: Buffer) => (stderr += text.toString()));
  const ended = once(child, 'exit') as Promise<[code: number | null, signal: string | null]>;
  let timer: NodeJS.Timeout | undefined;
  child.on('message', () => (timer = setTimeout(() => child.kill('SIGKILL'), milliseconds)));
  const [code, signal] = await ended;
  clearTimeout(timer);
  if (signal !== 'SIGKILL' && code !== 0)
    throw new Error(`the product ended with ${code ?? signal}: ${stderr}`);
  return signal === null;
}

export interface KillCount {
  kills: number;
  /** Number of runs that came to their end, each after some that were killed. */
  ends: number;
}

/**
 * Kills runs of a slide at random moments, each run going on from the one before. Ends when there were `kills` kills
 * and the last slide is done.
 * @param span kills come within so many milliseconds after a run has begun
 * @param ended checks the folder of a slide that is done
 */
export async function killOften(
  slide: string,
  out: string,
  ways: readonly ProductOptions[],
  { kills, span }: { kills: number; span: number },
  ended: () => Promise<void>,
): Promise<KillCount> {
  const count = { kills: 0, ends: 0 };
  for (let n = 0; ; n++) {
    const enough = count.kills >= kills;
    const done = await runAndKill(
      slide,
      out,
      ways[n % ways.length]!,
      enough ? 600_000 : Math.random() * span,
    );
    if (!done) count.kills++;
    else {
      count.ends++;
      await ended();
      if (enough) return count;
    }
  }
}
