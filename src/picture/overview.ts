import { writeAtomically } from '../files.js';
import type { NucleiBlock } from '../nuclei/block.js';
import type { RgbImage } from '../slide/binding.js';
import { tableClasses, type TableContext } from '../table/context.js';
import { drawNuclei } from './draw-nuclei.js';
import { drawText, textHeight, textWidth } from './lettering.js';
import { paint, type Picture, toPng, toThumbnail } from './picture.js';
import { drawScaleBar } from './scale-bar.js';

const black = [0, 0, 0];

/**
 * The picture of a slide with its nuclei, coloured by class, a scale bar, and a legend with their numbers below. Nuclei are drawn as
 * they come, so memory holds only the picture.
 */
export class Overview {
  /** @param tissue the slide at low zoom; nuclei are drawn on it */
  constructor(
    private readonly tissue: Picture,
    private readonly context: TableContext,
  ) {}

  /** Writes the picture as a small JPEG without bar and legend, so that a report can hold thousands of them. */
  async writeThumbnail(path: string): Promise<void> {
    await writeAtomically(path, await toThumbnail(this.tissue));
  }

  add(block: NucleiBlock): void {
    drawNuclei(this.tissue, block, this.context, true);
  }

  /**
   * Writes the picture as PNG.
   * @param counts nuclei by class name
   * @throws HoverslideError `output`
   */
  async write(path: string, counts: ReadonlyMap<string, number>): Promise<void> {
    await writeAtomically(path, await toPng(withLegend(this.tissue, this.context, counts)));
  }
}

/** Returns a letter size that is readable when the whole picture fits a screen: about 1/90 of the picture's width. */
function letterSize(width: number): number {
  return Math.max(2, Math.round(width / 720));
}

function withLegend(
  tissue: Picture,
  { classes, space }: TableContext,
  counts: ReadonlyMap<string, number>,
): RgbImage {
  const entries = tableClasses(classes).map(({ name, color }) => ({
    color,
    text: `${name} ${(counts.get(name) ?? 0).toLocaleString('en-US')}`,
  }));
  const size = letterSize(tissue.width);
  const swatch = textHeight(size);
  const gap = swatch / 2;
  const textLeft = swatch + 2 * gap;
  const width = Math.max(tissue.width, ...entries.map(({ text }) => textLeft + textWidth(text, size) + gap));
  const height = tissue.height + gap + entries.length * (swatch + gap);
  const page = { width, height, data: new Uint8Array(width * height * 3).fill(255) };
  for (let y = 0; y < tissue.height; y++) {
    page.data.set(tissue.data.subarray(3 * y * tissue.width, 3 * (y + 1) * tissue.width), 3 * y * width);
  }
  drawScaleBar(page, { width: tissue.width, bottom: tissue.height }, tissue.scale * space.mpp, size);
  entries.forEach(({ color, text }, i) => {
    const top = tissue.height + gap + i * (swatch + gap);
    for (let y = 0; y < swatch; y++) {
      for (let x = 0; x < swatch; x++) paint(page, gap + x, top + y, color, 1);
    }
    drawText(text, size, textLeft, top, (x, y) => paint(page, x, y, black, 1));
  });
  return page;
}
