import { writeAtomically } from '../files.js';
import { drawText, textHeight, textWidth } from '../picture/lettering.js';
import { paint, toPng } from '../picture/picture.js';
import type { RgbImage } from '../slide/binding.js';
import { type ClassSet, ignored, unclassified } from './classes.js';
import { type LabelMap, strips } from './label-map.js';

/** Longest side of a panel in px; larger fields are drawn smaller. */
const maxSide = 2048;
const gap = 8;
const letterSize = 2;
const white = 255;
const black = [0, 0, 0] as const;
const withoutClass = [0, 230, 230] as const;

/** Colours of classes 1, 2, ... The first five are HoVer-Net's colours for PanNuke, as in the model's card. */
const palette = [
  [255, 0, 0],
  [34, 221, 77],
  [35, 92, 236],
  [254, 255, 0],
  [255, 159, 68],
  [145, 30, 180],
  [110, 110, 110],
  [240, 50, 230],
  [150, 90, 40],
  [0, 0, 0],
] as const;

/**
 * Draws a field as three panels side by side: the image, the image with the true nuclei, and the image with the
 * predicted nuclei. Nuclei are outlined in the colour of their class. The names of the classes stand below.
 * @param classes that the classes of both maps are translated to
 */
export async function drawField(
  file: string,
  image: RgbImage,
  truth: LabelMap,
  prediction: LabelMap,
  classes: ClassSet,
): Promise<void> {
  const step = Math.ceil(Math.max(image.width, image.height) / maxSide);
  const panel = { width: Math.ceil(image.width / step), height: Math.ceil(image.height / step) };
  const width = 3 * panel.width + 2 * gap;
  const lines = legendLines(classes, width);
  const height = panel.height + lines.length * (textHeight(letterSize) + gap);
  const page = { width, height, data: new Uint8Array(width * height * 3).fill(white) };
  for (const [place, map] of [undefined, truth, prediction].entries()) {
    const left = place * (panel.width + gap);
    for (let y = 0; y < panel.height; y++) {
      for (let x = 0; x < panel.width; x++) {
        const from = 3 * (y * step * image.width + x * step);
        page.data.set(image.data.subarray(from, from + 3), 3 * (y * width + left + x));
      }
    }
    if (map) await outlineNuclei(page, left, map, step);
  }
  lines.forEach((entries, k) => {
    const y = panel.height + gap + k * (textHeight(letterSize) + gap);
    drawLegendLine(page, y, entries);
  });
  await writeAtomically(file, await toPng(page));
}

interface LegendEntry {
  readonly text: string;
  readonly color: readonly number[];
}

/** Splits the entries of the legend into lines, with as many to a line as there is room for. */
function legendLines(classes: ClassSet, width: number): LegendEntry[][] {
  const entries = [
    { text: 'image, truth, prediction', color: [white, white, white] },
    ...classes.classes.map(({ id, name }) => ({ text: name, color: colorOf(id) })),
    { text: 'no class', color: withoutClass },
  ];
  const lines: LegendEntry[][] = [[]];
  let used = 0;
  for (const entry of entries) {
    const own = entryWidth(entry);
    if (used > 0 && used + own > width) {
      lines.push([]);
      used = 0;
    }
    lines.at(-1)!.push(entry);
    used += own;
  }
  return lines;
}

/** Returns the width of a coloured square, the name, and the space behind it. */
function entryWidth({ text }: LegendEntry): number {
  return textHeight(letterSize) + gap + textWidth(text, letterSize) + 2 * gap;
}

function drawLegendLine(page: RgbImage, y: number, entries: readonly LegendEntry[]): void {
  const side = textHeight(letterSize);
  let x = 0;
  for (const entry of entries) {
    for (let i = 0; i < side * side; i++)
      paint(page, x + (i % side), y + Math.floor(i / side), entry.color, 1);
    drawText(entry.text, letterSize, x + side + gap, y, (u, v) => paint(page, u, v, black, 1));
    x += entryWidth(entry);
  }
}

/** Colours every pixel of a nucleus that has a neighbour outside the nucleus. */
async function outlineNuclei(page: RgbImage, left: number, map: LabelMap, step: number): Promise<void> {
  const width = Math.ceil(map.width / step);
  const labels = await everyNth(map, step);
  labels.forEach((label, i) => {
    const x = i % width;
    const beside = [x > 0 ? labels[i - 1] : 0, x < width - 1 ? labels[i + 1] : 0];
    const outside = (other: number | undefined) => other !== label;
    if (label === 0 || ![...beside, labels[i - width], labels[i + width]].some(outside)) return;
    const y = Math.floor(i / width);
    paint(page, left + x, y, colorOf(map.classes?.get(label) ?? unclassified), 1);
  });
}

/** Samples every step-th label of every step-th row. */
async function everyNth(map: LabelMap, step: number): Promise<Int32Array> {
  const width = Math.ceil(map.width / step);
  const sampled = new Int32Array(width * Math.ceil(map.height / step));
  for (const { top, count } of strips(map)) {
    const rows = await map.rows(top, count);
    for (let y = Math.ceil(top / step) * step; y < top + count; y += step) {
      for (let x = 0; x < width; x++) {
        sampled[(y / step) * width + x] = rows[(y - top) * map.width + x * step]!;
      }
    }
  }
  return sampled;
}

function colorOf(id: number): readonly number[] {
  return id === unclassified || id === ignored ? withoutClass : palette[(id - 1) % palette.length]!;
}
