import type { SlideSummary } from '../table/summary.js';
import type { Entry } from './cohort-entries.js';
import { html, Html } from './html.js';

/** Largest number of groups that a column of the manifest may make. */
const mostGroups = 50;

/** A number of each slide by which slides are sorted, and that stands in the table of groups. */
interface Measure {
  readonly label: string;
  /** Whether the sum over a group is given, and not the median. */
  readonly adds: boolean;
  readonly of: (summary: SlideSummary) => number | null | undefined;
}

function measures(classes: readonly string[]): Measure[] {
  return [
    { label: 'nuclei', adds: true, of: ({ count }) => count },
    { label: 'tissue, mm²', adds: true, of: ({ tissue_area_mm2 }) => tissue_area_mm2 },
    { label: 'nuclei per mm²', adds: false, of: ({ density_per_mm2 }) => density_per_mm2 },
    { label: 'median area, µm²', adds: false, of: ({ area_um2 }) => area_um2.median },
    ...classes.map((name) => ({
      label: `${name}, %`,
      adds: false,
      of: (summary: SlideSummary) => {
        const group = summary.classes[name];
        return group && summary.count > 0 ? 100 * group.fraction : null;
      },
    })),
  ];
}

/**
 * Makes the tools that sort, filter and group the cards, and the data that they need (script.ts). Without scripts they
 * stay hidden, and the cards are there all the same.
 * @param shown the slides that have cards, in their order
 * @param flags of these slides
 */
export function slideTools(
  shown: readonly Entry[],
  flags: readonly (readonly string[])[],
  classes: readonly string[],
): Html {
  const columns = [...new Set(shown.flatMap(({ state }) => Object.keys(state.row.columns)))];
  const values = (name: string) => new Set(shown.map(({ state }) => state.row.columns[name] ?? ''));
  const grouping = columns.filter((name) => values(name).size <= mostGroups);
  const list = measures(classes);
  const data = {
    columns,
    measures: list.map(({ label, adds }) => ({ label, adds })),
    slides: shown.map(({ state, results }, index) => ({
      id: state.row.id,
      columns: columns.map((name) => state.row.columns[name] ?? ''),
      measures: list.map(({ of }) => of(results!.summary) ?? null),
      flags: flags[index]!,
    })),
  };
  const options = (names: readonly string[], kind: string, of: readonly string[]) =>
    names.map((name) => html`<option value="${kind}${of.indexOf(name)}">${name}</option>`);
  const labels = list.map(({ label }) => label);
  return html`<form id="tools" hidden>
      <label>Find <input name="find" type="search" placeholder="name, value or flag" /></label>
      <label
        >Sort by
        <select name="sort">
          <option value="id">name</option>
          ${options(labels, 'm', labels)}
          <option value="flags">number of flags</option>
          ${options(columns, 'c', columns)}
        </select></label
      >
      <label><input name="down" type="checkbox" /> largest first</label>
      <label
        >Group by
        <select name="group">
          <option value="">nothing</option>
          ${options(grouping, 'c', columns)}
          <option value="flags">flags</option>
        </select></label
      >
      <output name="count"></output>
    </form>
    <div id="groups"></div>
    ${
      // Within a script element only "<" could end it; a data block is not run.
      new Html(
        `<script id="data" type="application/json">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>`,
      )
    }`;
}
