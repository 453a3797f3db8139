import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll } from 'vitest';
import { runCohort } from '../../pipelines/cohort/run-cohort.js';
import { openCohort, type CohortOptions } from '../../pipelines/cohort/open-cohort.js';
import { defaultPace, type Pace } from '../../src/cohort/claim.js';
import type { CohortRequest } from '../../pipelines/cohort/collect-slides.js';
import type { SlideState } from '../../src/cohort/state.js';
import { StateLog } from '../../src/cohort/state-log.js';
import { SlideFolder } from '../../src/table/slide-folder.js';
import { readStates } from '../../src/cohort/status.js';
import { HoverslideError, exitCodes } from '../../src/errors.js';
import { writeSlides } from '../../testkit/cohort-slides.js';
import { scratchFolder } from '../../testkit/folder.js';
import { stubModel } from '../../testkit/stub.js';

export const quick: Pace = { heartbeat: 50, patience: 400, look: 20, stall: 60_000 };

export interface TestRun extends Partial<CohortRequest>, Partial<Omit<CohortOptions, 'engine'>> {
  readonly out: string;
  readonly signal?: AbortSignal;
  readonly pace?: Pace;
  readonly begin?: (id: string, why: string | undefined) => unknown;
}

export interface RunLog {
  readonly code: number;
  /** What happened, one line per event: `begin a`, `done a`, `failed b: why`, `kept a done`. */
  readonly events: readonly string[];
}

/** Events in the order in which slides were begun, those of a slide together: near its end it is joined by the next. */
class Events {
  readonly #bySlide = new Map<string, string[]>();

  add(id: string, event: string): void {
    this.#bySlide.set(id, [...(this.#bySlide.get(id) ?? []), event]);
  }

  get list(): string[] {
    return [...this.#bySlide.values()].flat();
  }
}

/** Three slides for the tests of a file, in a folder of theirs, and places for results. The slides are there once tests begin. */
export function threeSlides() {
  const scratch = scratchFolder();
  const folder = join(scratch, 'slides');
  const slides: string[] = [];
  let outs = 0;
  beforeAll(async () => void slides.push(...(await writeSlides(folder, 3))));
  return { scratch, folder, slides, newOut: () => join(scratch, `out-${outs++}`) };
}

/** Runs a cohort in this process with the stub model, as the command does; errors become their exit code. */
export async function runTest(test: TestRun): Promise<RunLog> {
  const { out, signal, pace = { ...defaultPace, look: 50 }, begin } = test;
  const engine = { provider: 'cpu', threads: 1, workers: 1, batch: 16, readBlock: 4 } as const;
  const options: CohortOptions = { tissueMask: true, formats: ['parquet'], ...test, engine };
  const events = new Events();
  const observer = {
    begin: ({ id }: { id: string }, _cohort: unknown, why?: string) => {
      events.add(id, why === undefined ? `begin ${id}` : `begin ${id}: ${why}`);
      begin?.(id, why);
    },
    done: ({ id }: { id: string }) => events.add(id, `done ${id}`),
    failed: ({ id }: { id: string }, error: unknown) => events.add(id, `failed ${id}: ${String(error)}`),
    settled: ({ id }: { id: string }, { state }: SlideState) => events.add(id, `kept ${id} ${state}`),
  };
  try {
    const cohort = await openCohort({ slides: [], model: stubModel, ...test });
    return { code: await runCohort(cohort, out, options, observer, signal, pace), events: events.list };
  } catch (error) {
    if (!(error instanceof HoverslideError)) throw error;
    return { code: exitCodes[error.kind], events: [...events.list, error.message] };
  }
}

/** `a done`, `b failed`, ... by id. */
export async function states(out: string): Promise<string[]> {
  return (await readStates(out)).map(({ row, state }) => `${row.id} ${state}`);
}

export async function stateOf<Name extends SlideState['state']>(
  out: string,
  id: string,
  name: Name,
): Promise<Extract<SlideState, { state: Name }>> {
  const { state } = (await new StateLog(new SlideFolder(join(out, id))).last())!;
  if (state.state !== name) throw new Error(`${id} is ${state.state}, not ${name}`);
  return state as Extract<SlideState, { state: Name }>;
}

export async function table(out: string, id: string): Promise<Buffer> {
  return readFile(join(out, id, 'nuclei.parquet'));
}
