import type { NucleiBlock } from '../nuclei/block.js';
import { tableClasses, type TableContext } from '../table/context.js';
import { writeAtomically } from '../files.js';
import { drawNuclei } from './draw-nuclei.js';
import { drawText, textHeight, textWidth } from './lettering.js';
import { paint, type Picture, type Raster, toPng } from './picture.js';

const margin = 12;
const swatch = textHeight;
const lineHeight = textHeight + 8;
const black = [0, 0, 0];

/**
 * The picture of a slide with its nuclei, coloured by class, and a legend with their numbers below.
 * Nuclei are drawn as they come: memory holds the picture and nothing else.
 */
export class Overview {
  /** @param tissue the slide at low zoom; drawn upon */
  constructor(
    private readonly tissue: Picture,
    private readonly context: TableContext,
  ) {}

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

function withLegend(tissue: Raster, { classes }: TableContext, counts: ReadonlyMap<string, number>): Raster {
  const entries = tableClasses(classes).map(({ name, color }) => ({
    color,
    text: `${name} ${(counts.get(name) ?? 0).toLocaleString('en-US')}`,
  }));
  const textLeft = 2 * margin + swatch;
  const width = Math.max(tissue.width, ...entries.map(({ text }) => textLeft + textWidth(text) + margin));
  const height = tissue.height + 2 * margin + entries.length * lineHeight;
  const page = { width, height, data: new Uint8Array(width * height * 3).fill(255) };
  for (let y = 0; y < tissue.height; y++) {
    page.data.set(tissue.data.subarray(3 * y * tissue.width, 3 * (y + 1) * tissue.width), 3 * y * width);
  }
  entries.forEach(({ color, text }, i) => {
    const top = tissue.height + margin + i * lineHeight;
    for (let y = 0; y < swatch; y++) {
      for (let x = 0; x < swatch; x++) paint(page, margin + x, top + y, color, 1);
    }
    drawText(text, textLeft, top, (x, y) => paint(page, x, y, black, 1));
  });
  return page;
}
