import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { readStatus, type CohortStatus, type SlideStatus } from '../../src/cohort/status.js';
import { duration } from './progress.js';

/** Milliseconds between two looks at the states while runs are at work. */
const interval = 2000;

/**
 * Number of looks without a running slide after which no run counts as being at work. Between two slides, no slide is
 * running for a moment.
 */
const idleLooks = 4;
const idleInterval = 300;

export function registerStatus(program: Command): void {
  program
    .command('status')
    .summary('say how far a cohort is: done, running, failed, time left')
    .description(
      'Says in what state each slide of a run is; on a terminal it renews itself while runs are at work.',
    )
    .argument('<out>', 'folder of results of a run')
    .option('--json', 'all slides and their states as JSON')
    .action(async (out: string, { json }: { json?: boolean }) => {
      if (json) process.stdout.write(`${JSON.stringify(await readStatus(out), null, 2)}\n`);
      else if (process.stdout.isTTY) await follow(out);
      else process.stdout.write(`${page(await readStatus(out)).join('\n')}\n`);
    });
}

/** Draws the page over itself again and again while a run is at work. */
async function follow(out: string): Promise<void> {
  let drawn = 0;
  for (let idle = 0; ;) {
    const status = await readStatus(out);
    const { queued, running, dead } = status.counts;
    idle = running > 0 ? 0 : idle + 1;
    const live = queued + running + dead > 0 && idle < idleLooks;
    // Lines that have scrolled off the screen cannot be drawn over, so only the last page is shown in full.
    const { columns, rows } = process.stdout;
    const lines = live
      ? page(status)
          .slice(0, rows - 1)
          .map((line) => line.slice(0, columns - 1))
      : page(status);
    process.stdout.write(`${drawn > 0 ? `\x1b[${drawn}A\x1b[J` : ''}${lines.join('\n')}\n`);
    if (!live) return;
    drawn = lines.length;
    await delay(running > 0 ? interval : idleInterval);
  }
}

/** Returns the status as lines of text. */
export function page({
  counts,
  slides,
  slides_per_hour,
  seconds_left,
  clock_known,
  notices,
}: CohortStatus): string[] {
  const settled = counts.done + counts.skipped + counts.failed;
  const { dead, ...states } = counts;
  const lines = [
    `${settled} of ${slides.length} slides settled: ` +
      Object.entries(states)
        .map(([state, count]) => `${count} ${state}`)
        .join(', ') +
      (dead > 0 ? `, ${dead} without a sign of life` : ''),
  ];
  if (slides_per_hour !== null && seconds_left !== null) {
    lines.push(
      `${slides_per_hour.toLocaleString('en-US', { maximumSignificantDigits: 3 })} slides per hour, about ${duration(seconds_left)} left`,
    );
  } else if (settled < slides.length && counts.running === 0) {
    lines.push(
      counts.dead > 0 && !clock_known
        ? "no run shows a sign of life by this machine's clock; if that is wrong, one may be at work"
        : 'no run is at work: the same command goes on',
    );
  }
  lines.push(...notices);
  const of = (...wanted: SlideStatus['state'][]) => slides.filter(({ state }) => wanted.includes(state));
  lines.push(...section('at work', of('running', 'dead'), progressCells));
  lines.push(...section('failed', of('failed'), ({ id, stage, reason }) => [id, stage ?? '', reason ?? '']));
  lines.push(...section('skipped', of('skipped'), ({ id, reason }) => [id, reason ?? '']));
  return lines;
}

function progressCells({ id, host, state, progress, seconds }: SlideStatus): string[] {
  const { stage, done, total, nuclei } = progress!;
  const share =
    total > 0 ? `${Math.floor((100 * done) / total)} % of ${total} patches, ${nuclei} nuclei` : stage;
  const since = `for ${duration(seconds!)}`;
  return [id, host!, state === 'dead' ? 'no sign of life' : share, since];
}

/** Returns a heading and a table. Each column is as wide as its widest cell. */
function section(
  title: string,
  slides: readonly SlideStatus[],
  cells: (slide: SlideStatus) => string[],
): string[] {
  const rows = slides.map(cells);
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]!.length))) ?? [];
  const lines = rows.map((row) => `  ${row.map((cell, c) => cell.padEnd(widths[c]!)).join('  ')}`.trimEnd());
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines];
}
