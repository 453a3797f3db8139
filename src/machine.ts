import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * Returns the number of cores that belong to this job, not to the node: the smallest of the CPU affinity, the cgroups'
 * quotas, and what Slurm gave to the task, or to the job on this node. At least 1.
 */
export function ownedCores(): number {
  const { SLURM_CPUS_PER_TASK, SLURM_CPUS_ON_NODE } = process.env;
  const slurm = Number(SLURM_CPUS_PER_TASK ?? SLURM_CPUS_ON_NODE);
  const limits = [availableParallelism(), ...cgroupCores(), slurm];
  return Math.max(1, Math.floor(Math.min(...limits.filter((limit) => limit > 0))));
}

/**
 * Returns the memory of this job in bytes: the smallest of the machine's memory, the cgroups' limits, and what Slurm
 * gave to the job.
 */
export function ownedMemory(): number {
  const cgroups = [...cgroupFiles('memory.max'), read('/sys/fs/cgroup/memory/memory.limit_in_bytes')];
  const slurm = Number(process.env['SLURM_MEM_PER_NODE']) * 2 ** 20;
  const limits = [...cgroups.map((text) => Number.parseInt(text, 10)), slurm];
  return Math.min(totalmem(), ...limits.filter((limit) => limit > 0));
}

function cgroupCores(): number[] {
  const version1 = ['cfs_quota_us', 'cfs_period_us'].map((name) => read(`/sys/fs/cgroup/cpu/cpu.${name}`));
  const quotas = [...cgroupFiles('cpu.max'), version1.join(' ')];
  return quotas.map((text) => {
    const [quota, period] = text.split(' ').map(Number);
    return quota! / period!;
  });
}

/** Reads a file of cgroups (version 2) in this process's group and in all groups above it: each of them is a limit. */
function cgroupFiles(name: string): string[] {
  const texts: string[] = [];
  let group = /^0::(.*)$/m.exec(read('/proc/self/cgroup'))?.[1] ?? '/';
  for (; ; group = dirname(group)) {
    texts.push(read(join('/sys/fs/cgroup', group, name)));
    if (group === '/') return texts;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Node's option to run WebAssembly without reserving 8 GiB of address space for speed. */
export const withoutWasmReservation = '--disable-wasm-trap-handler';

/** Returns whether this process's address space is limited, by ulimit -v or by Grid Engine's h_vmem. */
export function isAddressSpaceLimited(): boolean {
  return /^Max address space +\d/m.test(read('/proc/self/limits'));
}
