/** How the CPU threads of the net are divided between its sessions. */
export interface SessionPlan {
  /** Threads of each session. */
  readonly threads: readonly number[];
  /** Why it is so, in a few words. */
  readonly reason: string;
}

/** Share of the job's memory that all sessions may take. The rest is for readers, the stitcher and tables. */
const memoryShare = 0.5;

/**
 * Chooses as many sessions of one thread as there are threads, if the memory allows: threads of one session wait for
 * each other, which costs 7 to 10 % on two cores and more on many.
 * @param bytes memory that one session takes
 * @param memory of the job, in bytes
 */
export function planSessions(threads: number, bytes: number, memory: number): SessionPlan {
  const fitting = Math.max(1, Math.floor((memoryShare * memory) / bytes));
  const plan = divided(threads, Math.min(threads, fitting));
  if (fitting >= threads) return { threads: plan, reason: 'one for each thread' };
  const reason = `as many as fit into half of ${gigabytes(memory)}, each taking ${gigabytes(bytes)}`;
  return { threads: plan, reason };
}

/** Divides threads between sessions, of which the first ones have one more where it does not come out even. */
export function divided(threads: number, sessions: number): number[] {
  return Array.from({ length: sessions }, (_, k) =>
    Math.max(1, Math.floor(threads / sessions) + (k < threads % sessions ? 1 : 0)),
  );
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GiB`;
}
