import { versionNotice } from '../cohort/versions.js';
import { tableClasses } from '../table/context.js';
import { classesOf, reasonOf, type Entry } from './cohort-entries.js';
import { distribution, type Sample } from './distribution.js';
import { featureSection } from './feature-section.js';
import { withFeatures } from './feature-table.js';
import { html, Html } from './html.js';
import { flagMeanings, flagsOf } from './quality.js';
import { quantity } from './quantity.js';
import { contentSecurityPolicy, script } from './script.js';
import { slideCard, type CardPictures, type Colors } from './slide-card.js';
import { style } from './style.js';
import type { CohortMaps } from './tile-maps.js';
import { slideTools } from './tools.js';

/** Largest number of slides with one flag whose links are shown without a click. */
const longestList = 30;

/**
 * Yields the report of a cohort as one self-contained HTML page. It comes in parts, so that thousands of pictures are
 * never in memory at once.
 * @param title name of the cohort
 * @param pictures of a slide
 * @param maps of the tiles of slides with features
 * @param featureFiles names of the tables of features
 */
export async function* reportPage(
  title: string,
  entries: readonly Entry[],
  pictures: (entry: Entry) => Promise<CardPictures>,
  maps: CohortMaps = { slides: [], tops: new Map() },
  featureFiles: readonly string[] = [],
): AsyncGenerator<string> {
  const classes = classesOf(entries);
  const colors = colorsOf(entries);
  const flags = flagsOf(entries, classes);
  const meanings = flagMeanings(classes);
  const flagged = entries.flatMap((entry, index) =>
    flags[index]!.length > 0 ? [{ entry, flags: flags[index]! }] : [],
  );
  const unfinished = entries.filter(({ state }) => state.state === 'queued' || state.state === 'running');
  yield `<!doctype html>\n<html lang="en">\n${head(title).text}\n<body><main>\n${heading(title, withFeatures(entries).length > 0).text}`;
  yield overview(entries, flagged.length).text;
  yield stateTable(
    'Failed',
    'failed',
    entries.filter(({ state }) => state.state === 'failed'),
  ).text;
  yield stateTable(
    'Skipped',
    'skipped',
    entries.filter(({ state }) => state.state === 'skipped'),
  ).text;
  yield stateTable('Not finished', 'unfinished', unfinished).text;
  yield flagTable(flagged, meanings).text;
  yield distributions(entries, classes, colors).text;
  const featured = withFeatures(entries);
  const done = entries.filter(({ results }) => results).length;
  yield featureSection(featured, done - featured.length, maps, featureFiles).text;
  yield legend(colors).text;
  const shown = entries.filter(({ results }) => results);
  const flagsShown = flags.filter((_, index) => entries[index]!.results);
  yield slideTools(shown, flagsShown, classes).text;
  yield '<div id="cards"><div class="cards">\n';
  for (const [index, entry] of shown.entries()) {
    yield slideCard(entry, flagsShown[index]!, meanings, colors, await pictures(entry)).text;
  }
  yield `</div></div></main><script>${script}</script></body></html>\n`;
}

function head(title: string): Html {
  return html`<head>
    <meta charset="utf-8" />
    ${new Html(`<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy}" />`)}
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title}: cohort report</title>
    ${new Html(`<style>${style}</style>`)}
  </head>`;
}

function heading(title: string, features: boolean): Html {
  return html`<h1>${title}</h1>
    <p class="soft">Nuclei in a cohort of H&amp;E slides, by hoverslide. For research use only.</p>
    <nav>
      <a href="#failed">Failed</a> <a href="#flags">Outliers and flags</a>
      <a href="#distributions">Distributions</a>
      ${features ? html`<a href="#features">Features</a> ` : undefined}<a href="#slides">Slides</a>
    </nav>`;
}

function overview(entries: readonly Entry[], flagged: number): Html {
  const results = entries.flatMap((entry) => entry.results ?? []);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const count = (name: string) => entries.filter(({ state }) => state.state === name).length;
  const tile = (value: string | number, text: string, alert = false) =>
    html`<div class="tile${alert ? ' alert' : ''}"><b>${value.toLocaleString('en-US')}</b>${text}</div>`;
  const cards = [...new Map(results.map(({ record }) => [record.model.sha256, record.model.card])).values()];
  const versions = results.map(({ record }) => record.versions.hoverslide);
  const older = versionNotice(versions);
  const hours = sum(results.map(({ record }) => record.seconds.wall)) / 3600;
  return html`<section>
    <div class="tiles">
      ${tile(entries.length, 'slides')}${tile(count('done'), 'done')}${tile(count('failed'), 'failed', count('failed') > 0)}
      ${tile(count('skipped'), 'skipped')}${tile(flagged, 'with flags')}
      ${tile(sum(results.map(({ summary }) => summary.count)), 'nuclei')}
      ${tile(`${quantity(sum(results.map(({ summary }) => summary.tissue_area_mm2)))} mm²`, 'tissue')}
      ${tile(hours < 1 ? `${(60 * hours).toFixed(1)} min` : `${hours.toFixed(1)} h`, 'computing')}
    </div>
    ${cards.map((card) => html`<p class="soft">Model ${card.name} ${card.version} (${card.licence}). Limits: ${card.limits}</p>`)}
    <p class="soft">
      hoverslide ${[...new Set(versions)].join(', ')}. The same numbers, a row per slide:
      <a href="cohort.csv">cohort.csv</a>, <a href="cohort.parquet">cohort.parquet</a>.
    </p>
    ${older === undefined ? undefined : html`<p>${older}</p>`}
  </section> `;
}

function stateTable(title: string, id: string, entries: readonly Entry[]): Html {
  if (entries.length === 0 && id !== 'failed') return html``;
  const rows = entries.map((entry) => {
    const { state } = entry;
    const where = state.state === 'failed' ? `${state.kind}, at stage ${state.stage}` : state.state;
    return html`<tr>
      <td data-label="Slide">${state.row.id}</td>
      <td data-label="What">${where}</td>
      <td data-label="Why" class="wide">${reasonOf(entry)}</td>
    </tr>`;
  });
  return tableSection(id, title, ['Slide', 'What', 'Why'], rows, 'No slide failed.');
}

function flagTable(
  flagged: readonly { entry: Entry; flags: readonly string[] }[],
  meanings: ReadonlyMap<string, string>,
): Html {
  const rows = [...meanings].flatMap(([flag, meaning]) => {
    const ids = flagged.filter(({ flags }) => flags.includes(flag)).map(({ entry }) => entry.state.row.id);
    const links = ids.map((id) => html`<a href="#slide-${encodeURIComponent(id)}">${id}</a> `);
    return ids.length === 0
      ? []
      : [
          html`<tr>
            <td data-label="Flag"><span class="flag">${flag}</span></td>
            <td data-label="Meaning">${meaning}</td>
            <td data-label="Slides" class="wide">${folded(links)}</td>
          </tr>`,
        ];
  });
  return tableSection(
    'flags',
    'Outliers and flags',
    ['Flag', 'Meaning', 'Slides'],
    rows,
    'No slide stands out.',
  );
}

/** Gives a section with a table of three columns, or with a sentence if there are no rows. */
function tableSection(
  id: string,
  title: string,
  [first, second, third]: readonly [string, string, string],
  rows: readonly Html[],
  none: string,
): Html {
  return html`<section id="${id}">
    <h2>${title}</h2>
    ${
      rows.length === 0
        ? html`<p>${none}</p>`
        : html`<div class="scroll">
            <table>
              <tr class="head">
                <th>${first}</th>
                <th>${second}</th>
                <th>${third}</th>
              </tr>
              ${rows}
            </table>
          </div>`
    }
  </section> `;
}

/** Hides a long list until the reader opens it. */
function folded(links: readonly Html[]): Html {
  if (links.length <= longestList) return html`${links}`;
  return html`<details>
    <summary>${links.length} slides</summary>
    ${links}
  </details>`;
}

function distributions(entries: readonly Entry[], classes: readonly string[], colors: Colors): Html {
  const results = entries.flatMap(({ results }) => results ?? []);
  const sample = (
    label: string,
    of: (summary: (typeof results)[number]['summary']) => number | null | undefined,
  ): Sample => ({
    label,
    color: colors.get(label) ?? [120, 130, 140],
    values: results.flatMap(({ summary }) => {
      const value = of(summary);
      return value === null || value === undefined ? [] : [{ id: summary.slide, value }];
    }),
  });
  const perClass = (of: (group: (typeof results)[number]['summary']['classes'][string]) => number | null) =>
    classes.map((name) => sample(name, ({ classes }) => (classes[name] ? of(classes[name]) : null)));
  return html`<section id="distributions">
    <h2>Distributions</h2>
    <p class="soft">
      A dot is a slide (of many slides only those far out), the box the middle half of the cohort, the line
      its median.
    </p>
    ${distribution(
      'Share of nuclei',
      '% of all nuclei of a slide',
      perClass(({ fraction }) => 100 * fraction),
    )}
    ${distribution('Density', 'nuclei per mm² of tissue', [sample('all', ({ density_per_mm2 }) => density_per_mm2), ...perClass((group) => group.density_per_mm2)])}
    ${distribution('Median nuclear area', 'µm²', [sample('all', ({ area_um2 }) => area_um2.median), ...perClass(({ area_um2 }) => area_um2.median)])}
  </section> `;
}

function legend(colors: Colors): Html {
  const entries = [...colors].map(
    ([name, color]) => html`<span><i style="background:rgb(${color.join(',')})"></i>${name}</span>`,
  );
  return html`<section id="slides">
    <h2>Slides</h2>
    <p class="legend">${entries}</p>
  </section> `;
}

function colorsOf(entries: readonly Entry[]): Colors {
  const cards = entries.flatMap(({ results }) => results?.record.model.card ?? []);
  return new Map(
    cards.flatMap(({ classes }) => tableClasses(classes).map(({ name, color }) => [name, color] as const)),
  );
}
