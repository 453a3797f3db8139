import { type ScaleBar, scaleBar } from '../format.js';
import type { LegendEntry } from './legend.js';
import type { Stage } from './stage.js';

/** The picture of a view with its scale bar, and below it what it shows and what the colours mean. */
export async function pictureOf(stage: Stage, legend: readonly LegendEntry[]): Promise<Blob> {
  const lines = linesOf(stage);
  const camera = stage.camera();
  const { width, height, ratio } = camera;
  const foot = (12 + 18 * (lines.length + (legend.length > 0 ? 1 : 0))) * ratio;
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height + foot;
  const context = canvas.getContext('2d')!;
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  const underlay = stage.element.querySelector<HTMLImageElement>('.underlay');
  if (underlay) {
    const { scale, left, top } = camera;
    context.drawImage(
      underlay,
      -left * scale,
      -top * scale,
      stage.slide.width * scale,
      stage.slide.height * scale,
    );
  }
  context.drawImage(stage.osd.drawer.canvas, 0, 0, width, height);
  stage.drawNow(); // what WebGL drew is gone once the frame is over
  context.drawImage(stage.nuclei, 0, 0);
  context.drawImage(stage.marks, 0, 0);
  drawBar(context, barOf(stage), height, ratio);
  context.fillStyle = '#111';
  context.textBaseline = 'top';
  context.font = `${13 * ratio}px sans-serif`;
  for (const [k, line] of lines.entries()) context.fillText(line, 10 * ratio, height + (8 + 18 * k) * ratio);
  drawLegend(context, legend, height + (8 + 18 * lines.length) * ratio, ratio);
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('the browser made no picture'))),
      'image/png',
    );
  });
}

function drawLegend(
  context: CanvasRenderingContext2D,
  legend: readonly LegendEntry[],
  top: number,
  ratio: number,
): void {
  let left = 10 * ratio;
  for (const { colors, text } of legend) {
    for (const color of colors) {
      context.fillStyle = color;
      context.fillRect(left, top + ratio, 11 * ratio, 11 * ratio);
      left += 11 * ratio;
    }
    context.fillStyle = '#111';
    context.fillText(text, left + 5 * ratio, top);
    left += context.measureText(text).width + 20 * ratio;
  }
}

/** Which slide, by whom its nuclei were found, and which part of it. */
function linesOf(stage: Stage): string[] {
  const { id, model, version, mpp } = stage.slide;
  const { x, y, mpp: screen } = stage.where();
  const made = [id];
  if (model) made.push(`${model.name} ${model.version}`);
  if (version !== undefined) made.push(`hoverslide ${version}`);
  const where = `middle at ${x.toFixed(0)}, ${y.toFixed(0)} px (${Number(mpp.toPrecision(5))} µm per px)`;
  return [made.join(' · '), `${where}, ${screen.toPrecision(3)} µm per screen px`];
}

/** The scale bar of a view, and its length in CSS pixels. */
export function barOf(stage: Stage): ScaleBar & { readonly length: number } {
  const { scale, ratio, width } = stage.camera();
  const mpp = (stage.slide.mpp * ratio) / scale;
  const bar = scaleBar(Math.min(180, width / ratio / 4) * mpp);
  return { ...bar, length: bar.um / mpp };
}

function drawBar(
  context: CanvasRenderingContext2D,
  { text, length }: ReturnType<typeof barOf>,
  height: number,
  ratio: number,
): void {
  const [left, bottom] = [14 * ratio, height - 14 * ratio];
  context.fillStyle = '#ffffffd8';
  context.fillRect(left - 8 * ratio, bottom - 26 * ratio, (length + 16) * ratio, 34 * ratio);
  context.fillStyle = '#111';
  context.fillRect(left, bottom - 4 * ratio, length * ratio, 4 * ratio);
  context.font = `${13 * ratio}px sans-serif`;
  context.textBaseline = 'bottom';
  context.fillText(text, left, bottom - 7 * ratio);
}
