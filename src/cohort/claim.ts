import { hasEnded, thisProcess } from './owner.js';
import {
  stateOfResults,
  type Progress,
  type Row,
  type Running,
  type Settled,
  type SlideState,
} from './state.js';
import type { Logged, StateLog } from './state-log.js';

/** Times of the heartbeat, in milliseconds. */
export interface Pace {
  readonly heartbeat: number;
  /**
   * A run without a heartbeat for this long is dead. Caches of network file systems can hide a heartbeat for a minute.
   */
  readonly patience: number;
  /** Time between checks of slides that other runs work on. */
  readonly look: number;
  /** A slide without any progress for this long hangs. No stage is silent for nearly as long. */
  readonly stall: number;
}

export const defaultPace: Pace = {
  heartbeat: 10_000,
  patience: 180_000,
  look: 2_000,
  stall: 3_600_000,
};

/** Number of deaths in a row at one place after which the slide is taken to be the cause. */
export const mostDeaths = 3;

/** The right of this process to work on a slide. A heartbeat keeps it alive until the slide ends in another state. */
export class Claim {
  readonly #timer: NodeJS.Timeout;
  readonly #lost = new AbortController();
  #beating: Promise<void> = Promise.resolve();

  private constructor(
    private readonly log: StateLog,
    private readonly number: number,
    private running: Running,
    { heartbeat }: Pace,
  ) {
    this.#timer = setInterval(() => void this.#beat(), heartbeat);
    this.#timer.unref();
  }

  /**
   * Claims a slide by appending a state after the last one seen. Returns undefined if another process was faster.
   * @param reached number of patches that are done according to the slide's journal
   */
  static async take(
    log: StateLog,
    seen: Logged,
    row: Row,
    reached: number,
    pace: Pace,
  ): Promise<Claim | undefined> {
    const now = new Date().toISOString();
    const running: Running = {
      state: 'running',
      row,
      owner: thisProcess,
      begun: now,
      heartbeat: now,
      progress: { stage: 'open', done: 0, total: 0, nuclei: 0 },
      deaths: 0,
      furthest: 0,
      earlier: stateOfResults(seen.state),
      ...(seen.state.state === 'running' ? afterDeath(seen.state, reached) : {}),
    };
    return (await log.append(seen.number, running))
      ? new Claim(log, seen.number + 1, running, pace)
      : undefined;
  }

  /** Signal that is aborted when another run has taken the slide over because it took this one for dead. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  get progress(): Progress {
    return this.running.progress;
  }

  /** Sets what the next heartbeat will say. */
  report(progress: Partial<Progress>): void {
    this.running = { ...this.running, progress: { ...this.running.progress, ...progress } };
  }

  /** Writes at once that the work hangs, because the process is about to be ended. */
  async reportStall(): Promise<void> {
    this.running = { ...this.running, stalled: true };
    await this.#beat();
  }

  /**
   * Ends the claim with an outcome. Returns undefined if another run has taken the slide over: then its state counts.
   */
  async settle(outcome: Outcome): Promise<Settled | undefined> {
    await this.#stop();
    const { row, begun, earlier } = this.running;
    const finished = new Date().toISOString();
    const settled: Settled = {
      ...outcome,
      row,
      begun,
      finished,
      ...(outcome.state === 'failed' && { earlier }),
    };
    return (await this.log.append(this.number, settled)) ? settled : undefined;
  }

  /** Gives the slide back so that the next run can continue it. */
  async giveBack(): Promise<void> {
    await this.#stop();
    await this.log.append(this.number, {
      state: 'queued',
      row: this.running.row,
      earlier: this.running.earlier,
    });
  }

  async #stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#beating;
  }

  /** Writes a heartbeat after the one before it: of two that are written at once, the older could stay. */
  #beat(): Promise<void> {
    return (this.#beating = this.#beating.then(() => this.#renew()));
  }

  /** A heartbeat that cannot be written does no harm: writing results will fail with the reason. */
  async #renew(): Promise<void> {
    try {
      if (await this.log.isBehind(this.number)) {
        clearInterval(this.#timer);
        this.#lost.abort();
        return;
      }
      this.running = { ...this.running, heartbeat: new Date().toISOString() };
      await this.log.renew(this.number, this.running);
    } catch {
      return;
    }
  }
}

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
/** A settled state without the fields that the claim adds. */
export type Outcome = Without<Settled, 'row' | 'begun' | 'finished'>;

/**
 * Counts the deaths in a row without further progress, for a run that takes over.
 * @param reached number of patches that are done according to the slide's journal, which knows more than the last
 *   heartbeat
 */
export function afterDeath(
  { deaths, furthest, progress }: Running,
  reached: number,
): Pick<Running, 'deaths' | 'furthest'> {
  const done = Math.max(progress.done, reached);
  return { deaths: done > furthest ? 1 : deaths + 1, furthest: Math.max(furthest, done) };
}

/** Watches the heartbeats of other runs by this process's own clock, since the clocks of two machines may differ. */
export class Watch {
  readonly #seen = new Map<string, { beat: string; since: number }>();

  constructor(private readonly pace: Pace) {}

  /** Returns whether the run that works on a slide is dead: its process has ended, or its heartbeat has stopped. */
  isDead({ number, state }: { number: number; state: Running }): boolean {
    if (hasEnded(state.owner)) return true;
    const beat = `${number} ${state.heartbeat}`;
    const seen = this.#seen.get(state.row.id);
    if (seen?.beat === beat) return performance.now() - seen.since > this.pace.patience;
    this.#seen.set(state.row.id, { beat, since: performance.now() });
    return false;
  }
}

export function isRunning(logged: Logged): logged is { number: number; state: Running } {
  return logged.state.state === 'running';
}

export function isSettled(state: SlideState): state is Settled {
  return state.state !== 'queued' && state.state !== 'running';
}
