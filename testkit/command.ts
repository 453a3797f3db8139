import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../src/package-root.js';
import type { SlideSummary } from '../src/table/summary.js';

/** One line of `hoverslide run --json`, about one slide. */
export interface SlideLine {
  readonly slide: string;
  readonly state: string;
  readonly kind?: string;
  readonly error?: string;
  readonly notices: readonly string[];
  readonly summary: SlideSummary;
}

/** Runs `hoverslide run` as a user does, on the CPU. */
export async function runCommand(
  ...args: string[]
): Promise<{ code: number | null; slides: SlideLine[]; stderr: string }> {
  const bin = join(packageRoot, 'bin', 'hoverslide.cjs');
  const child = spawn(process.execPath, [bin, 'run', '--json', '--provider', 'cpu', ...args]);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => (stdout += text));
  child.stderr.on('data', (text) => (stderr += text));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const lines = stdout.split('\n').filter((line) => line !== '');
  return { code, slides: lines.map((line) => JSON.parse(line) as SlideLine), stderr };
}
