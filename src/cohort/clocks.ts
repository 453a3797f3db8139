import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { thisProcess } from './owner.js';

/** Differences between two clocks below which nothing is said, in milliseconds. */
const tolerance = 30_000;

/**
 * Asks a folder's file system what time it is: on a network share that is the server's clock, by which the files of all
 * machines are dated. A file is written for that and removed again.
 * @returns milliseconds since 1970; undefined where the folder may not be written
 */
export async function clockOf(folder: string): Promise<number | undefined> {
  const path = join(folder, `.clock-${thisProcess.host}-${thisProcess.pid}`);
  try {
    const file = await open(path, 'w');
    await file.writeFile('?').finally(() => file.close());
    return (await stat(path)).mtimeMs;
  } catch {
    return undefined;
  } finally {
    await rm(path, { force: true }).catch(() => {});
  }
}

/** Says how far a clock is from another; undefined if they agree. `ahead` is in milliseconds, negative if it is behind. */
export function clockNotice(whose: string, ahead: number, other: string): string | undefined {
  if (Math.abs(ahead) < tolerance) return undefined;
  const seconds = Math.round(Math.abs(ahead) / 1000);
  const apart = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return `the clock of ${whose} is ${apart} ${ahead > 0 ? 'ahead of' : 'behind'} that of ${other}`;
}
