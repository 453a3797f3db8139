import type { Claim, Pace } from '../../src/cohort/claim.js';
import { placeOf } from '../../src/cohort/state.js';

/**
 * Runs work on a claimed slide and checks that it makes progress. Work that hangs in a library or a file system cannot
 * be ended from within. Without this check its heartbeat would go on till morning.
 * @param stalled called once if the work makes no progress for `pace.stall`, with the place where it hangs
 */
export async function watched<Result>(
  claim: Claim,
  pace: Pace,
  stalled: (where: string) => void,
  work: () => Promise<Result>,
): Promise<Result> {
  let seen = JSON.stringify(claim.progress);
  let since = performance.now();
  const timer = setInterval(() => {
    const now = JSON.stringify(claim.progress);
    if (now !== seen) [seen, since] = [now, performance.now()];
    else if (performance.now() - since > pace.stall) {
      clearInterval(timer);
      void claim.reportStall().then(() => stalled(placeOf(claim.progress)));
    }
  }, pace.stall / 20);
  timer.unref();
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
