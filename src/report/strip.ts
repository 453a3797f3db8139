import { quantileSorted } from 'd3-array';
import { html, type Html } from './html.js';

const height = 26;

/** Largest number of slides at which every slide is a dot; with more only the extremes are. */
const mostDots = 200;
const extremes = 5;

export interface StripValue {
  readonly id: string;
  readonly value: number;
  /** Ends of its interval. */
  readonly interval?: readonly [number, number] | undefined;
  /** Whether it leans on nuclei whose class is in doubt: then its dot is hollow. */
  readonly leans?: boolean | undefined;
}

/** A row of dots, one for each slide. */
export interface Strip {
  readonly label: string;
  readonly values: readonly StripValue[];
}

/** Range of values that strips share. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

export function rangeOf(values: readonly StripValue[]): Range {
  const of = values.map(({ value }) => value);
  const [low, high] = [Math.min(...of), Math.max(...of)];
  return low < high
    ? { low, high }
    : { low: low - Math.max(1, Math.abs(low)) / 2, high: low + Math.max(1, Math.abs(low)) / 2 };
}

/** Draws a row: its slides as dots that link to their cards, the middle half as a bar, the median as a line. */
export function strip({ label, values }: Strip, range: Range, hue: string, title = label): Html {
  const at = (value: number) => `${(2 + (96 * (value - range.low)) / (range.high - range.low)).toFixed(2)}%`;
  const sorted = [...values].sort((a, b) => a.value - b.value);
  const numbers = sorted.map(({ value }) => value);
  const q = (share: number) => at(quantileSorted(numbers, share)!);
  const shown =
    sorted.length <= mostDots ? sorted : [...sorted.slice(0, extremes), ...sorted.slice(-extremes)];
  const middle = height / 2;
  return html`<div class="row">
    <span class="label" title="${title}">${label}</span>
    <svg height="${height}" role="img" aria-label="${label}: ${values.length} slides">
      <line class="grid" x1="2%" x2="98%" y1="${middle}" y2="${middle}" />
      ${values.length > 1 ? html`<line class="box" x1="${q(0.25)}" x2="${q(0.75)}" y1="${middle}" y2="${middle}" /><line class="median" x1="${q(0.5)}" x2="${q(0.5)}" y1="4" y2="${height - 4}" />` : undefined}
      ${shown.map(
        ({ id, value, interval, leans }) =>
          html`<a href="#slide-${encodeURIComponent(id)}"
            ><circle
              cx="${at(value)}"
              cy="${middle}"
              r="3.5"
              fill="${leans ? '#fff' : hue}"
              ${leans ? html`style="stroke:${hue}"` : undefined}
              ><title>${id}: ${digits(value)}${interval && ` (${ends(...interval)})`}</title></circle
            ></a
          >`,
      )}
    </svg>
    <span class="ends">${ends(numbers[0]!, numbers.at(-1)!)}</span>
  </div>`;
}

/** Writes the ends of a range, to three digits. */
function ends(low: number, high: number): string {
  return low === high ? digits(low) : `${digits(low)} to ${digits(high)}`;
}

function digits(value: number): string {
  return value.toLocaleString(
    'en-US',
    Math.abs(value) < 1000 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 0 },
  );
}
