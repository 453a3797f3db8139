import { sections, type Feature, type Section } from '../features/feature.js';
import type { Explained } from '../features/variance.js';
import { researchUse } from '../table/metadata.js';
import { explainedBy, featuresIn, studiedValues, type FeatureEntry } from './feature-table.js';
import { html, type Html } from './html.js';
import { outliers } from './quality.js';
import { quantity } from './quantity.js';
import { rangeOf, strip, type StripValue } from './strip.js';
import { tileMapFigures, type CohortMaps } from './tile-maps.js';

/** Features that are shown of each column of the manifest: those that it explains most of. */
const mostStrips = 6;
/** Features of a slide far from the others that are named. */
const mostFar = 12;
/** Largest number of groups of a column that are drawn. */
const mostGroups = 12;

/** Colours that people who see colours otherwise can tell apart (Okabe and Ito). */
const hues = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#5c6670'];

/**
 * Makes the report's part on features: distributions, what columns of the manifest explain, slides far from the others, and
 * maps of tiles.
 * @param without number of slides with results that have no features
 * @param files that hold the tables, relative to the report
 */
export function featureSection(
  entries: readonly FeatureEntry[],
  without: number,
  maps: CohortMaps,
  files: readonly string[],
): Html {
  if (entries.length === 0) return html``;
  const there = featuresIn(entries);
  const explained = explainedBy(entries);
  return html`<section id="features">
    <h2>Features</h2>
    <p class="soft">
      ${there.length} features of ${entries.length} slides. ${researchUse} What each is, and what it needs:
      <a href="features.md">features.md</a>. The numbers:
      ${files.map((file) => html`<a href="${file}">${file}</a> `)}
    </p>
    <p class="soft">
      A dot is a slide, hollow where the value differs by over 20 % without the nuclei whose class is in
      doubt; the bar is the middle half of the slides, the line their median.
      ${without > 0 ? `${without} more slides have no features: hoverslide features makes them.` : undefined}
    </p>
    ${(Object.keys(sections) as Section[]).map((section, k) => distributions(section, k === 0, entries, there))}
    ${explanations(entries, there, explained)} ${farOut(entries, there)} ${tileMapFigures(maps)}
  </section> `;
}

function valuesOf(entries: readonly FeatureEntry[], { name }: Feature): StripValue[] {
  return entries.flatMap(({ state, features }) => {
    const found = features.features[name];
    if (!found || found.value === null) return [];
    const { value, lo, hi, leans } = found;
    return [{ id: state.row.id, value, leans, interval: lo === null || hi === null ? undefined : [lo, hi] }];
  });
}

function labelOf({ name }: Feature): string {
  return name.replaceAll('_', ' ');
}

function describe({ definition, unit }: Feature): string {
  return unit === '' ? definition : `${definition} (${unit})`;
}

function distributions(
  section: Section,
  open: boolean,
  entries: readonly FeatureEntry[],
  there: readonly Feature[],
): Html {
  const own = there.filter((feature) => feature.section === section);
  if (own.length === 0) return html``;
  const rows = own.map((feature) => {
    const values = valuesOf(entries, feature);
    if (values.length === 0) {
      const { reason } = entries[0]!.features.features[feature.name] ?? {};
      return html`<div class="row">
        <span class="label" title="${describe(feature)}">${labelOf(feature)}</span
        ><span class="soft none"
          >no slide has enough${reason === undefined ? '' : `, for instance ${reason}`}</span
        >
      </div>`;
    }
    return strip({ label: labelOf(feature), values }, rangeOf(values), hues[0]!, describe(feature));
  });
  return html`<figure class="strips">
    <details ${open ? html`open` : undefined}>
      <summary>${sections[section]} <small>${own.length} features</small></summary>
      ${rows}
    </details>
  </figure> `;
}

function explanations(
  entries: readonly FeatureEntry[],
  there: readonly Feature[],
  explained: readonly Explained[],
): Html | undefined {
  const columns = [...new Set(explained.map(({ column }) => column))];
  if (columns.length === 0) return undefined;
  return html`<h3>What columns of the manifest explain</h3>
    <p class="soft">
      Eta squared: the share of a feature's variance that lies between the groups of a column. Of few slides
      much is explained by chance, in brackets. What a site or a scanner explains is not biology.
    </p>
    ${columns.map((column) => {
      const top = explained.filter((each) => each.column === column).slice(0, mostStrips);
      const groups = [...new Set(entries.map(({ state }) => state.row.columns[column] ?? ''))].filter(
        (group) => group !== '',
      );
      return html`<figure class="strips">
        <details>
          <summary>${column} <small>${groups.length} groups</small></summary>
          ${top.map((each) =>
            grouped(
              entries,
              there.find(({ name }) => name === each.feature)!,
              each,
              groups,
            ),
          )}
        </details>
      </figure> `;
    })}`;
}

function grouped(
  entries: readonly FeatureEntry[],
  feature: Feature,
  { column, eta2, byChance }: Explained,
  groups: readonly string[],
): Html {
  const range = rangeOf(valuesOf(entries, feature));
  const rows = groups.slice(0, mostGroups).map((group, k) => {
    const values = valuesOf(
      entries.filter(({ state }) => state.row.columns[column] === group),
      feature,
    );
    return values.length === 0 ? html`` : strip({ label: group, values }, range, hues[k % hues.length]!);
  });
  return html`<h4 title="${describe(feature)}">
      ${labelOf(feature)} <small>${eta2.toFixed(2)} (by chance ${byChance.toFixed(2)})</small>
    </h4>
    ${rows}
    ${groups.length > mostGroups ? html`<p class="soft">and ${groups.length - mostGroups} groups more</p>` : undefined}`;
}

function farOut(entries: readonly FeatureEntry[], there: readonly Feature[]): Html {
  const bySlide = new Map<number, Html[]>();
  for (const feature of there) {
    for (const k of outliers(studiedValues(entries, feature))) {
      const value = entries[k]!.features.features[feature.name]!.value!;
      const text = html`<span title="${describe(feature)}">${feature.name}</span> ${quantity(value)}; `;
      bySlide.set(k, [...(bySlide.get(k) ?? []), text]);
    }
  }
  const rows = [...bySlide]
    .sort(([a], [b]) => a - b)
    .map(([k, features]) => {
      const { id } = entries[k]!.state.row;
      return html`<tr>
        <td data-label="Slide"><a href="#slide-${encodeURIComponent(id)}">${id}</a></td>
        <td data-label="Features" class="wide">
          ${features.slice(0, mostFar)}${features.length > mostFar ? `and ${features.length - mostFar} more` : undefined}
        </td>
      </tr>`;
    });
  return html`<h3>Slides far from the others</h3>
    ${
      rows.length === 0
        ? html`<p>None (modified z-score over 3.5, of at least 8 slides).</p>`
        : html`<div class="scroll">
            <table>
              <tr class="head">
                <th>Slide</th>
                <th>Features (modified z-score over 3.5)</th>
              </tr>
              ${rows}
            </table>
          </div>`
    }`;
}
