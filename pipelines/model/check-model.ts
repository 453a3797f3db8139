import type { NucleiBlock } from '../../src/nuclei/block.js';
import { paintInstances } from '../../src/nuclei/paint.js';
import type { Engine } from '../engine/engine.js';
import type { MapWindow } from '../field/field-maps.js';
import { seamlessBlocks } from '../field/postprocess.js';
import { sampleBlocks } from './sample-blocks.js';

/** Patches of the slide that the net is tried on. */
const patchCount = 64;

/** What a net makes of some tissue. */
export interface ModelCheck {
  readonly nuclei: number;
  /** Nuclei per mm2 of the blocks; median of their areas in um2, null if there are none. */
  readonly densityPerMm2: number;
  readonly medianAreaUm2: number | null;
  /** Number of nuclei by class name, in the order of the card. */
  readonly classes: Readonly<Record<string, number>>;
  /** Share of the pixels that are nucleus, 0 to 1. */
  readonly nuclear: number;
  /** Share of the nuclear pixels whose h or v lies at the end of what packed maps hold, +-1.27. */
  readonly clamped: number;
  /**
   * Correlation within nuclei of h with x, and of v with y: close to 1 for maps as they should be, and below 0 if an axis
   * is turned round. Null where there are no nuclei.
   */
  readonly along: { readonly h: number | null; readonly v: number | null };
  /** The same of h with y, and of v with x: close to 1 if the two are swapped. */
  readonly across: { readonly h: number | null; readonly v: number | null };
  /** What speaks against the model's fitness, one line each. */
  readonly doubts: readonly string[];
}

/**
 * Runs a model on some blocks of a slide's tissue and looks at what comes out, for a net that was exported or wrapped
 * and never seen at work.
 * @throws HoverslideError as openSlide does
 */
export async function checkModel(slide: string, engine: Engine): Promise<ModelCheck> {
  const { card } = engine.model;
  const windows = await sampleBlocks(slide, engine, patchCount);
  const areas: number[] = [];
  const classes = Object.fromEntries(card.classes.map(({ name }) => [name, 0]));
  const [hx, vy, hy, vx] = [new Correlation(), new Correlation(), new Correlation(), new Correlation()];
  let pixels = 0;
  let nuclear = 0;
  let clamped = 0;
  for (const window of windows) {
    const { packed } = window;
    pixels += packed.length / 4;
    for (let k = 0; k < packed.length; k += 4) {
      if (packed[k]! < 128) continue;
      nuclear++;
      const atEnd = (value: number) => value <= 1 || value === 255;
      if (atEnd(packed[k + 1]!) || atEnd(packed[k + 2]!)) clamped++;
    }
    for await (const block of seamlessBlocks(packed, window, engine.seamless)) {
      areas.push(...block.area);
      for (const type of block.type) {
        const name = card.classes[type]?.name;
        if (name !== undefined) classes[name]!++;
      }
      eachPixel(block, window, (dx, dy, place) => {
        const h = packed[4 * place + 1]! - 128;
        const v = packed[4 * place + 2]! - 128;
        hx.add(h, dx);
        vy.add(v, dy);
        hy.add(h, dy);
        vx.add(v, dx);
      });
    }
  }
  areas.sort((a, b) => a - b);
  const um2 = card.mpp ** 2;
  const found = {
    nuclei: areas.length,
    densityPerMm2: areas.length / ((pixels * um2) / 1e6),
    medianAreaUm2: areas.length > 0 ? areas[areas.length >> 1]! * um2 : null,
    classes,
    nuclear: nuclear / pixels,
    clamped: nuclear > 0 ? clamped / nuclear : 0,
    along: { h: hx.value, v: vy.value },
    across: { h: hy.value, v: vx.value },
  };
  return { ...found, doubts: doubtsOf(found) };
}

function doubtsOf({
  nuclei,
  medianAreaUm2,
  classes,
  nuclear,
  clamped,
  along,
  across,
}: Omit<ModelCheck, 'doubts'>): string[] {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  if (nuclei === 0) {
    return [
      `no nuclei, and ${percent(nuclear)} of the pixels are nucleus: are mean, scale and the head of np right?`,
    ];
  }
  const doubts: string[] = [];
  const follows = { h: along.h ?? 0, v: along.v ?? 0 }; // a flat map follows nothing
  if ((across.h ?? 0) > follows.h && (across.v ?? 0) > follows.v) {
    doubts.push('h follows y and v follows x: the two are swapped');
  } else {
    for (const [axis, way] of [
      ['h', 'to the right'],
      ['v', 'downwards'],
    ] as const) {
      const correlation = follows[axis].toFixed(2);
      if (follows[axis] < 0) doubts.push(`${axis} falls ${way} within nuclei: it is turned round`);
      else if (follows[axis] < 0.5) {
        doubts.push(`${axis} hardly follows the place within nuclei (correlation ${correlation})`);
      }
    }
  }
  if (clamped > 0.01) {
    doubts.push(
      `${percent(clamped)} of the nuclear pixels have h or v beyond 1.27: scale them before packing`,
    );
  }
  if (nuclear > 0.6) doubts.push(`${percent(nuclear)} of the pixels are nucleus: is np turned round?`);
  if (medianAreaUm2! < 10 || medianAreaUm2! > 150) {
    doubts.push(`the median area is ${medianAreaUm2!.toFixed(1)} um2: is the card's mpp right?`);
  }
  const [most] = Object.entries(classes).sort(([, a], [, b]) => b - a);
  if (Object.keys(classes).length > 2 && nuclei >= 50 && most![1] === nuclei)
    doubts.push(`all nuclei are ${most![0]}: is the head of the types right?`);
  return doubts;
}

/** Calls `visit` for each pixel of the nuclei of a block: where it lies from the nucleus's middle, and its place. */
function eachPixel(
  block: NucleiBlock,
  { width, height }: MapWindow,
  visit: (dx: number, dy: number, place: number) => void,
): void {
  const labels = new Int32Array(width * height);
  paintInstances(block, labels, width);
  for (let k = 0; k < block.count; k++) {
    const [x0, y0, w, h] = block.box.subarray(4 * k, 4 * k + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    for (let y = y0; y < Math.min(y0 + h, height); y++) {
      for (let x = x0; x < Math.min(x0 + w, width); x++) {
        const place = y * width + x;
        if (labels[place] !== k + 1) continue;
        visit(x + 0.5 - block.centroid[2 * k]!, y + 0.5 - block.centroid[2 * k + 1]!, place);
      }
    }
  }
}

/** Correlation of pairs of values that have a mean of about 0. */
class Correlation {
  #both = 0;
  #first = 0;
  #second = 0;

  add(first: number, second: number): void {
    this.#both += first * second;
    this.#first += first * first;
    this.#second += second * second;
  }

  get value(): number | null {
    const scale = Math.sqrt(this.#first * this.#second);
    return scale > 0 ? this.#both / scale : null;
  }
}
