import type { NucleusClass } from '../table/context.js';
import { tableFiles, type TableFormat } from '../table/open.js';
import type { RunRecord } from '../table/run-record.js';
import { SlideFolder } from '../table/slide-folder.js';
import type { Entry } from './cohort-entries.js';
import { scaleBar } from '../picture/scale-bar.js';
import { html, type Html } from './html.js';
import { quantity } from './quantity.js';

/** Colours of classes, by name. */
export type Colors = ReadonlyMap<string, NucleusClass['color']>;

/** JPEGs of a slide: its overview, and its sheet of nuclei, in the page or as a file that the card links to. */
export interface CardPictures {
  readonly overview: Uint8Array | undefined;
  readonly nuclei: Uint8Array | 'linked' | undefined;
}

/** Makes the card of one slide in a report: its picture, its numbers, what is known of it, and links to its files. */
export function slideCard(
  { state, results }: Entry,
  flags: readonly string[],
  meanings: ReadonlyMap<string, string>,
  colors: Colors,
  pictures: CardPictures,
): Html {
  const { id, columns } = state.row;
  const { summary, record } = results!;
  const folder = new SlideFolder(id);
  const overview = folder.link(folder.overview);
  const examples = folder.link(folder.examples);
  const shares = Object.entries(summary.classes).filter(([, { count }]) => count > 0);
  const ours = Object.entries({
    nuclei: summary.count.toLocaleString('en-US'),
    tissue: `${quantity(summary.tissue_area_mm2)} mm²`,
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
        pictures.overview
          ? html`<span class="frame"
              ><img
                alt="${id} with its nuclei"
                decoding="async"
                src="${dataUri(pictures.overview)}"
              />${scaleOf(record)}</span
            >`
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
      ${flags.length > 0 ? html`<p>${flags.map((flag) => html`<a class="flag" href="#flags" title="${meanings.get(flag)}">${flag}</a>`)}</p>` : undefined}
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
      ${
        pictures.nuclei instanceof Uint8Array
          ? html`<details class="nuclei">
              <summary>nuclei at full resolution</summary>
              <a href="${examples}"><img alt="nuclei of ${id}" src="${dataUri(pictures.nuclei)}" /></a>
            </details>`
          : undefined
      }
      <p>
        <a href="${overview}">picture</a>
        ${pictures.nuclei === 'linked' ? html`<a href="${examples}">nuclei</a>` : undefined}
        ${tablesOf(state).map((format) => html`<a href="${folder.link(folder.table(format))}">${tableFiles[format]}</a> `)}
      </p>
    </div>
  </article> `;
}

function dataUri(jpeg: Uint8Array): string {
  return `data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}`;
}

/** Makes the scale bar of an overview, which shows all of a slide however large it is drawn. */
function scaleOf({ slide }: RunRecord): Html {
  const width = slide.width * slide.pixel_size.mpp;
  const { um, text } = scaleBar(width);
  return html`<span class="scale" style="width:${((100 * um) / width).toFixed(2)}%"
    >${text.replace('um', 'µm')}</span
  >`;
}

function tablesOf(state: Entry['state']): TableFormat[] {
  return 'made' in state ? (state.made.options.formats as TableFormat[]) : [];
}
