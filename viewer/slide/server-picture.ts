import type { OverlayDirectory } from '../../src/overlay/layout.js';
import { nucleiAddress } from '../api.js';
import { h } from '../dom.js';
import type { Look } from '../look.js';
import type { Stage } from './stage.js';

/** Most cells across a picture of the server. */
const mostCells = 2048;

/** Shows nuclei without WebGL2: as counts in a picture from the server, over the slide. */
export class ServerPicture {
  readonly #image = h('img', { class: 'underlay', alt: '' });
  readonly #grid: number;

  constructor(
    readonly stage: Stage,
    readonly directory: OverlayDirectory,
  ) {
    const { slide } = stage;
    const { densities } = directory;
    const fits = densities.findIndex(({ cell }) => Math.max(slide.width, slide.height) <= cell * mostCells);
    this.#grid = fits === -1 ? densities.length - 1 : fits;
    stage.marks.before(this.#image);
    const { cell } = densities[this.#grid]!;
    stage.watch(({ left, top, scale, ratio }) => {
      const px = (scale / ratio) * cell;
      this.#image.style.transform = `translate(${(-left * scale) / ratio}px, ${(-top * scale) / ratio}px)`;
      this.#image.style.width = `${this.#image.naturalWidth * px}px`;
      this.#image.style.height = `${this.#image.naturalHeight * px}px`;
    });
    this.#image.onload = () => stage.redraw();
  }

  setLook({ hidden, opacity }: Look): void {
    const shown = this.directory.classes.filter((id) => !hidden.has(id));
    const address = `${nucleiAddress(this.stage.slide)}/density?level=${this.#grid}&classes=${shown.join(',')}`;
    this.#image.hidden = shown.length === 0;
    if (shown.length > 0 && this.#image.getAttribute('src') !== address) this.#image.src = address;
    this.#image.style.opacity = String(opacity);
  }
}
