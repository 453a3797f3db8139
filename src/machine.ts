import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';

/**
 * Cores that this job owns, not those of the node: the least of the CPU affinity, the cgroup's quota and what Slurm
 * gave to the task; at least 1.
 */
export function ownedCores(): number {
  const limits = [availableParallelism(), cgroupCores(), Number(process.env['SLURM_CPUS_PER_TASK'])];
  return Math.max(1, Math.floor(Math.min(...limits.filter((limit) => limit > 0))));
}

/** Memory that this job owns in bytes: the least of the machine's and the cgroup's limit. */
export function ownedMemory(): number {
  const limits = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'].map((file) =>
    Number.parseInt(read(file), 10),
  );
  return Math.min(totalmem(), ...limits.filter((limit) => limit > 0));
}

function cgroupCores(): number {
  const [quota, period] = read('/sys/fs/cgroup/cpu.max').split(' ').map(Number);
  if (quota && period) return quota / period;
  return (
    Number(read('/sys/fs/cgroup/cpu/cpu.cfs_quota_us')) / Number(read('/sys/fs/cgroup/cpu/cpu.cfs_period_us'))
  );
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
