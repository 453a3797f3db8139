import { html, type Html } from './html.js';
import { quantity } from './quantity.js';

/** Maps of a slide's tiles, one for each kind of nuclei, a pixel a tile. */
export interface TileMaps {
  readonly id: string;
  /** Columns and rows of tiles. */
  readonly columns: number;
  readonly rows: number;
  readonly maps: readonly { readonly label: string; readonly png: Uint8Array }[];
}

/** Maps of a cohort's slides, and the density that the darkest colour stands for, by kind of nuclei. */
export interface CohortMaps {
  readonly slides: readonly TileMaps[];
  readonly tops: ReadonlyMap<string, number>;
}

/** Density of each tile of a slide, row by row; NaN where less than half of it is tissue. */
export interface TileDensities {
  readonly columns: number;
  readonly rows: number;
  /** By kind of nuclei: all of them, or a role. */
  readonly densities: ReadonlyMap<string, Float64Array>;
}

/** Share of the cohort's tiles that the colours reach to: a few dense ones would leave the others pale. */
export const topShare = 0.99;

/** Colours from few to many nuclei: light to dark, and darker with every step (a part of ColorBrewer's YlGnBu). */
const ramp = [
  [255, 255, 217],
  [199, 233, 180],
  [65, 182, 196],
  [34, 94, 168],
  [8, 29, 88],
] as const;

/** Paints a map: a pixel of RGBA for each tile, clear where there is no tissue. @param top density of the darkest colour */
export function paintTiles(densities: Float64Array, top: number): Uint8Array {
  const pixels = new Uint8Array(4 * densities.length);
  densities.forEach((density, k) => {
    if (Number.isNaN(density)) return;
    const place = (ramp.length - 1) * Math.min(1, top > 0 ? density / top : 0);
    const below = Math.min(ramp.length - 2, Math.floor(place));
    for (let c = 0; c < 3; c++) {
      const [from, to] = [ramp[below]![c]!, ramp[below + 1]![c]!];
      pixels[4 * k + c] = Math.round(from + (place - below) * (to - from));
    }
    pixels[4 * k + 3] = 255;
  });
  return pixels;
}

/** Shows the maps of all slides side by side. */
export function tileMapFigures({ slides, tops }: CohortMaps): Html | undefined {
  if (slides.length === 0) return undefined;
  const scale = [...tops].map(([label, top]) => `${label} ${quantity(top)}`).join(', ');
  return html`<h3>Where the nuclei are</h3>
    <p class="soft">
      Nuclei per mm² of tissue in tiles of 250 µm: pale is none, the darkest colour the densest hundredth of
      the cohort's tiles (${scale} or more).
    </p>
    <div class="maps">
      ${slides.map(
        ({ id, columns, rows, maps }) =>
          html`<figure>
            <figcaption><a href="#slide-${encodeURIComponent(id)}">${id}</a></figcaption>
            <div class="multiples">
              ${maps.map(
                ({ label, png }) =>
                  html`<span
                    ><img
                      alt="${label} nuclei of ${id} by tile"
                      width="${columns}"
                      height="${rows}"
                      src="data:image/png;base64,${Buffer.from(png).toString('base64')}"
                    /><small>${label}</small></span
                  >`,
              )}
            </div>
          </figure>`,
      )}
    </div>`;
}
