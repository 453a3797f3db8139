import type { NucleusClass } from '../table/context.js';
import { tableFiles, type TableFormat } from '../table/open.js';
import { SlideFolder } from '../table/slide-folder.js';
import type { Entry } from './cohort-entries.js';
import { html, type Html } from './html.js';

/** Colours of classes, by name. */
export type Colors = ReadonlyMap<string, NucleusClass['color']>;

/** Makes the card of one slide in a report: its picture, its numbers, what is known of it, and links to its files. */
export function slideCard(
  { state, results }: Entry,
  flags: readonly string[],
  meanings: ReadonlyMap<string, string>,
  colors: Colors,
  picture: Uint8Array | undefined,
): Html {
  const { id, columns } = state.row;
  const { summary, record } = results!;
  const folder = new SlideFolder(id);
  const overview = folder.link(folder.overview);
  const shares = Object.entries(summary.classes).filter(([, { count }]) => count > 0);
  const ours = Object.entries({
    nuclei: summary.count.toLocaleString('en-US'),
    tissue: `${summary.tissue_area_mm2.toLocaleString('en-US', { maximumFractionDigits: 2 })} mm²`,
    density:
      summary.density_per_mm2 === null
        ? ''
        : `${Math.round(summary.density_per_mm2).toLocaleString('en-US')} per mm²`,
    'median area': summary.area_um2.median === null ? '' : `${summary.area_um2.median.toFixed(1)} µm²`,
    time: `${record.seconds.wall.toFixed(0)} s on ${record.options.provider}`,
  });
  return html`<article id="slide-${id}">
    <a class="picture" href="${overview}"
      >${
        picture
          ? html`<img
              alt="${id} with its nuclei"
              decoding="async"
              src="data:image/jpeg;base64,${Buffer.from(picture).toString('base64')}"
            />`
          : html`<span class="soft">no picture</span>`
      }</a
    >
    <div class="text">
      <h3>${id}</h3>
      <div class="bar">
        ${shares.map(([name, { fraction }]) => html`<i style="width:${(100 * fraction).toFixed(2)}%;background:rgb(${colors.get(name)!.join(',')})" title="${name} ${(100 * fraction).toFixed(1)} %"></i>`)}
      </div>
      <p>
        ${shares.map(([name, { fraction }]) => html`<small>${name} ${(100 * fraction).toFixed(1)} % </small>`)}
      </p>
      ${flags.length > 0 ? html`<p>${flags.map((flag) => html`<span class="flag" title="${meanings.get(flag)}">${flag}</span>`)}</p>` : undefined}
      <dl>
        ${[...ours, ...Object.entries(columns)]
          .filter(([, value]) => value !== '')
          .map(
            ([name, value]) =>
              html`<dt>${name}</dt>
                <dd>${value}</dd>`,
          )}
      </dl>
      ${summary.notices.map((notice) => html`<p class="soft">${notice}</p>`)}
      <p>
        <a href="${overview}">picture</a>
        ${tablesOf(state).map((format) => html`<a href="${folder.link(folder.table(format))}">${tableFiles[format]}</a> `)}
      </p>
    </div>
  </article> `;
}

function tablesOf(state: Entry['state']): TableFormat[] {
  return 'made' in state ? (state.made.options.formats as TableFormat[]) : [];
}
