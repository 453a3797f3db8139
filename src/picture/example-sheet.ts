import { writeAtomically } from '../files.js';
import { readRegion } from '../slide/region.js';
import type { RgbImage } from '../slide/binding.js';
import type { ModelSpace } from '../slide/model-space.js';
import type { Slide } from '../slide/slide.js';
import { drawOutline } from './draw-nuclei.js';
import type { Example, ExampleRow } from './examples.js';
import { drawText, textHeight } from './lettering.js';
import { paint, toJpeg, type Picture } from './picture.js';
import { drawScaleBar } from './scale-bar.js';

/** Side of a crop in px: 20 um of a model of 0.25 um/px. */
const side = 80;
const gap = 4;
const letters = 2;
const columns = 8;
const black = [0, 0, 0];

/**
 * Writes a sheet of nuclei as the net saw them, each with its outline, a line of text and a row of crops for each kind. A
 * nucleus that is too large for a crop is shown at half its size, or a third, and so on; its corner says so.
 * @throws HoverslideError `output`; `input` if the slide cannot be read
 */
export async function writeExampleSheet(
  path: string,
  rows: readonly ExampleRow[],
  slide: Slide,
  space: ModelSpace,
): Promise<void> {
  const line = textHeight(letters) + 2 * gap;
  const width = columns * (side + gap) + gap;
  const height = rows.length * (line + side + gap) + 2 * line + 2 * gap;
  const sheet = { width, height, data: new Uint8Array(width * height * 3).fill(255) };
  const ink = (x: number, y: number) => paint(sheet, x, y, black, 1);
  for (const [index, { title, examples }] of rows.entries()) {
    const top = index * (line + side + gap);
    drawText(title, letters, gap, top + 1.5 * gap, ink);
    for (const [column, example] of examples.entries()) {
      const { picture, shrunk } = await cropOf(example, slide, space);
      drawOutline(picture, example.rings, example.color, false);
      const left = gap + column * (side + gap);
      place(sheet, picture, left, top + line);
      if (shrunk > 1) drawText(`1/${shrunk}`, 1, left + 2, top + line + 2, ink);
    }
  }
  drawScaleBar(sheet, { width, bottom: height }, space.toMicrons(1), letters);
  await writeAtomically(path, await toJpeg(sheet));
}

/** Reads the pixels around a nucleus, as many times smaller as it takes to show all of it. */
async function cropOf(
  { box }: Example,
  slide: Slide,
  space: ModelSpace,
): Promise<{ picture: Picture; shrunk: number }> {
  const shrunk = Math.ceil(Math.max(box.width, box.height) / (side - 2 * gap));
  const scale = space.scale * shrunk;
  const x = Math.round((box.x + box.width / 2) / shrunk - side / 2);
  const y = Math.round((box.y + box.height / 2) / shrunk - side / 2);
  const data = await readRegion(slide, { scale }, { x, y, width: side, height: side });
  return { picture: { x: x * scale, y: y * scale, scale, width: side, height: side, data }, shrunk };
}

function place(sheet: RgbImage, { width, height, data }: RgbImage, left: number, top: number): void {
  for (let y = 0; y < height; y++) {
    sheet.data.set(data.subarray(3 * y * width, 3 * (y + 1) * width), 3 * ((top + y) * sheet.width + left));
  }
}
