import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';

/** A process that works on a slide, described so that another process can find out whether it is still alive. */
export const ownerSchema = z.object({
  host: z.string(),
  pid: z.int(),
  /** Start time of the process in the kernel's ticks since boot, because pids are reused. */
  started: z.string(),
  /** This boot of the machine and its pid namespace. Within one of them a pid identifies a process. */
  machine: z.string(),
});
export type Owner = z.infer<typeof ownerSchema>;

/** This process. */
export const thisProcess: Owner = {
  host: hostname(),
  pid: process.pid,
  started: startOf('self') ?? '',
  machine: `${read('/proc/sys/kernel/random/boot_id')} ${pidNamespace()}`,
};

/** Returns whether the process has certainly ended; for other machines this cannot be known. */
export function hasEnded({ machine, pid, started }: Owner): boolean {
  return machine === thisProcess.machine && startOf(pid) !== started;
}

/**
 * Returns field 22 of /proc/PID/stat; undefined if there is no such process. Counts from behind the command's name,
 * because that may contain anything.
 */
function startOf(pid: number | 'self'): string | undefined {
  const fields = read(`/proc/${pid}/stat`).split(') ').at(-1)!.split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]; // a zombie has ended
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
