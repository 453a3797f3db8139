import { max, quantileSorted, ticks } from 'd3-array';
import { html, type Html } from './html.js';

/** Largest number of slides at which every slide is a dot. With more, only those beyond the whiskers are. */
const mostDots = 200;

/** Height of a row in CSS px. */
const height = 30;

export interface Sample {
  readonly label: string;
  /** Red, green, blue. */
  readonly color: readonly number[];
  readonly values: readonly { readonly id: string; readonly value: number }[];
}

/**
 * Draws box plots, one above the other on a common scale from 0: quartiles, median, and whiskers to the last value
 * within 1.5 interquartile ranges (Tukey). Slides are dots that link to their cards. Positions are percentages, so that
 * letters keep their size on a narrow screen.
 */
export function distribution(title: string, unit: string, samples: readonly Sample[]): Html {
  const marks = ticks(0, max(samples.flatMap(({ values }) => values.map(({ value }) => value))) || 1, 5);
  const step = marks[1]! - marks[0]!;
  const end = Math.max(marks.at(-1)!, Math.ceil((marks.at(-1)! + step / 2) / step) * step);
  const at = (value: number) => `${((96 * value) / end + 2).toFixed(2)}%`;
  const rows = samples.map(
    ({ label, color, values }) =>
      html` <div class="row">
        <span class="label"><i style="background:rgb(${color.join(',')})"></i>${label}</span>
        <svg height="${height}" role="img" aria-label="${label}: ${values.length} slides">
          ${grid(marks, at)}${box(values, color, at)}
        </svg>
      </div>`,
  );
  const axis = marks.map(
    (mark) => html`<text x="${at(mark)}" y="14" text-anchor="middle">${mark.toLocaleString('en-US')}</text>`,
  );
  return html`<figure>
    <figcaption>${title} <small>${unit}</small></figcaption>
    ${rows}
    <div class="row axis"><span class="label"></span><svg height="18">${axis}</svg></div>
  </figure> `;
}

function grid(marks: readonly number[], at: (value: number) => string): Html[] {
  return marks.map(
    (mark) => html`<line class="grid" x1="${at(mark)}" x2="${at(mark)}" y1="0" y2="${height}" />`,
  );
}

function box(
  values: Sample['values'],
  color: Sample['color'],
  at: (value: number) => string,
): Html | undefined {
  const sorted = values.map(({ value }) => value).sort((a, b) => a - b);
  if (sorted.length === 0) return undefined;
  const [lower, middle, upper] = [0.25, 0.5, 0.75].map((p) => quantileSorted(sorted, p)!) as [
    number,
    number,
    number,
  ];
  const whisker = 1.5 * (upper - lower);
  const inside = (value: number) => value >= lower - whisker && value <= upper + whisker;
  const whiskers = [sorted.find(inside)!, sorted.findLast(inside)!] as const;
  const shown = values.filter(({ value }) => values.length <= mostDots || !inside(value));
  const half = height / 2;
  // Boxes are thick lines, because a rectangle's width cannot be the difference of two percentages.
  const dots = shown.map(
    ({ id, value }, index) =>
      html`<a href="#slide-${encodeURIComponent(id)}"
        ><circle
          cx="${at(value)}"
          cy="${(6 + ((index * 0.618034) % 1) * (height - 12)).toFixed(1)}"
          r="3"
          fill="rgb(${color.join(',')})"
          ><title>${id}: ${value.toLocaleString('en-US')}</title></circle
        ></a
      >`,
  );
  return html`<line
      class="whisker"
      x1="${at(whiskers[0])}"
      x2="${at(whiskers[1])}"
      y1="${half}"
      y2="${half}"
    />
    <line class="box" x1="${at(lower)}" x2="${at(upper)}" y1="${half}" y2="${half}" />${dots}
    <line class="median" x1="${at(middle)}" x2="${at(middle)}" y1="4" y2="${height - 4}" />`;
}
