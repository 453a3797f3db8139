import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { packageRoot } from '../src/package-root.js';
import { readRunRecord } from '../src/table/run-record.js';
import { SlideFolder } from '../src/table/slide-folder.js';
import { readSummary } from '../src/table/summary.js';

export interface ProductFigures {
  readonly folder: string;
  readonly nuclei: number;
  readonly patches: number;
  /** Seconds of the slide, and of the whole process including its start. */
  readonly slideSeconds: number;
  readonly wallSeconds: number;
  /** Busy seconds per stage. */
  readonly stages: Readonly<Record<string, number>>;
  /** User and system time of all threads. */
  readonly cpuSeconds: number;
  /** Those of the thread that took most beside each process's first: the net's, where it has one thread. */
  readonly netSeconds: number;
  readonly peakBytes: number;
  readonly tableBytes: number;
  /** Size of the journal at its largest. */
  readonly journalBytes: number;
  /** Seconds from the start of the process until the first nuclei were on disk. */
  readonly firstRowsSeconds: number;
}

/** Runs the command as a user does, in a process of its own, and watches its journal. */
export async function runCommand(
  slide: string,
  out: string,
  options: readonly string[] = [],
): Promise<ProductFigures> {
  const files = new SlideFolder(join(out, parse(slide).name));
  const command = [
    join(packageRoot, 'bin', 'hoverslide.cjs'),
    'run',
    slide,
    '--out',
    out,
    '--json',
    ...options,
  ];
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.resume();
  let firstRowsSeconds = Infinity;
  let journalBytes = 0;
  let cpuSeconds = 0;
  let netSeconds = 0;
  const watch = setInterval(() => {
    cpuSeconds = Math.max(cpuSeconds, cpuOf(child.pid!) ?? 0);
    netSeconds = Math.max(netSeconds, busiestThread(child.pid!));
    void Promise.all(['rows', 'state'].map((name) => sizeOf(join(files.journal, name)))).then(
      ([rows, state]) => {
        if (rows! > 0) firstRowsSeconds = Math.min(firstRowsSeconds, seconds());
        journalBytes = Math.max(journalBytes, rows! + state!);
      },
    );
  }, 100);
  const [code] = (await once(child, 'exit')) as [number | null];
  const wallSeconds = seconds();
  clearInterval(watch);
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}`);
  const record = await readRunRecord(files.record);
  const { wall, ...stages } = record.seconds;
  return {
    folder: files.path,
    nuclei: (await readSummary(files.summary)).count,
    patches: record.patches,
    slideSeconds: wall,
    wallSeconds,
    stages,
    cpuSeconds,
    netSeconds,
    peakBytes: record.peak_memory_bytes,
    tableBytes: await sizeOf(files.table('parquet')),
    journalBytes,
    firstRowsSeconds,
  };
}

/** Returns the CPU seconds so far of a process and its children (proc(5)); undefined once it has ended. */
function cpuOf(pid: number): number | undefined {
  try {
    return withChildren(pid).reduce((sum, id) => sum + seconds(`/proc/${id}/stat`, 15), 0); // and of ended children
  } catch {
    return undefined;
  }
}

/** Returns the CPU seconds of the thread that took most so far, each process's first left out; 0 once all have ended. */
function busiestThread(pid: number): number {
  try {
    const threads = withChildren(pid).flatMap((id) =>
      readdirSync(`/proc/${id}/task`).flatMap((thread) =>
        thread === id ? [] : [`/proc/${id}/task/${thread}`],
      ),
    );
    return Math.max(0, ...threads.map((thread) => seconds(`${thread}/stat`, 13)));
  } catch {
    return 0;
  }
}

const withChildren = (pid: number): string[] => [
  String(pid),
  ...readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean),
];

/** Sums the fields of a stat file from user time on, in seconds. */
function seconds(file: string, to: number): number {
  const fields = readFileSync(file, 'utf8').split(') ')[1]!.split(' ').slice(11, to).map(Number);
  return fields.reduce((sum, count) => sum + count, 0) / 100;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}
