import type { SlideProgress } from '../slide/run-slide.js';

/** Seconds between lines where the output is not a terminal. */
const quietInterval = 30;

/** Progress of a slide on stderr: one line that is redrawn on a terminal, otherwise a plain line every half minute. */
export class ProgressLine {
  #label = '';
  #start = 0;
  #first: number | undefined;
  #shown = 0;

  constructor(private readonly stream: NodeJS.WriteStream = process.stderr) {}

  /** Begins the line of a slide. */
  begin(label: string): void {
    this.#label = label;
    this.#start = performance.now();
    this.#first = undefined;
    this.#shown = this.#start;
    this.#live('opening');
  }

  update({ done, total, nuclei, deviceBusy }: SlideProgress): void {
    const now = performance.now();
    this.#first ??= done; // patches done before a resume say nothing about speed
    const rate = (done - this.#first) / ((now - this.#start) / 1000);
    const left =
      rate > 0 ? `${rate.toFixed(1)} patches/s, ${duration((total - done) / rate)} left` : 'starting';
    const share = Math.floor((100 * done) / Math.max(total, 1));
    const text = `${share} % of ${total} patches, ${nuclei} nuclei, net at work ${Math.round(100 * deviceBusy)} % of the time, ${left}`;
    if (this.stream.isTTY) this.#live(text);
    else if (now - this.#shown > quietInterval * 1000) {
      this.#shown = now;
      this.stream.write(`${this.#label}: ${text}\n`);
    }
  }

  /** Says what is waited for: on a terminal until the next line is printed, otherwise once in a while. */
  wait(text: string): void {
    this.#label = 'waiting';
    const now = performance.now();
    if (this.stream.isTTY) this.#live(text);
    else if (now - this.#shown > quietInterval * 1000) {
      this.#shown = now;
      this.stream.write(`waiting: ${text}\n`);
    }
  }

  /** Writes a line of its own, above the progress line. */
  say(text: string): void {
    if (this.stream.isTTY) this.stream.write('\r\x1b[K');
    this.stream.write(`${text}\n`);
  }

  #live(text: string): void {
    if (!this.stream.isTTY) return;
    const line = `${this.#label}: ${text}`;
    this.stream.write(`\r\x1b[K${line.slice(0, this.stream.columns - 1)}`);
  }
}

/** Returns a duration as a person says it, in whole seconds, minutes or hours. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}
