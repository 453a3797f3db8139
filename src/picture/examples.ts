import type { Polygon } from '../geometry/polygon.js';
import type { NucleiBlock } from '../nuclei/block.js';
import { classOf, tableClasses, type NucleusClass, type TableContext } from '../table/context.js';
import { outline } from '../table/outline.js';
import { qualityFlags, qualityOf } from '../table/quality.js';

/** Nuclei of each kind. */
const perKind = 8;

/** A nucleus that was chosen to be looked at. */
export interface Example {
  /** In model px. */
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  /** In level-0 px. */
  readonly rings: Polygon;
  readonly color: NucleusClass['color'];
}

/** Examples with what they have in common. */
export interface ExampleRow {
  readonly title: string;
  readonly examples: readonly Example[];
}

/** What a nucleus is ranked by: those with the smallest values are taken. */
type Rank = (block: NucleiBlock, k: number) => number;

const extremes: readonly { readonly title: string; readonly rank: Rank }[] = [
  { title: 'largest', rank: ({ area }, k) => -area[k]! },
  { title: 'least convex', rank: ({ solidity }, k) => solidity[k]! },
  { title: 'palest', rank: ({ stain }, k) => stain[4 * k]! },
  { title: 'least sure', rank: ({ probability }, k) => probability[k]! },
];

/**
 * Chooses nuclei to look at while they stream by: some of each class at random, the strangest of these, and some of those
 * that were set aside. The choice is a function of the nuclei alone, whatever order they come in: chance is a hash of a
 * nucleus's first pixel.
 */
export class Examples {
  readonly #classes: Map<number, Chosen>;
  readonly #extremes: readonly Chosen[];
  readonly #aside: ReadonlyMap<string, Chosen>;

  constructor(private readonly context: TableContext) {
    this.#classes = new Map(
      tableClasses(context.classes).map(({ id, name }) => [id, new Chosen(name, chance)]),
    );
    this.#aside = new Map(qualityFlags.map(({ name }) => [name, new Chosen(`set aside as ${name}`, chance)]));
    this.#extremes = extremes.map(({ title, rank }) => new Chosen(title, rank));
  }

  add(block: NucleiBlock): void {
    for (let k = 0; k < block.count; k++) {
      const aside = this.#aside.get(qualityOf(block, k, this.context));
      if (aside) {
        aside.offer(block, k, this.context);
        continue;
      }
      this.#classes.get(block.type[k]!)?.offer(block, k, this.context);
      for (const chosen of this.#extremes) chosen.offer(block, k, this.context);
    }
  }

  /** Returns what was chosen: classes as tables list them, the strangest, those set aside; no rows without nuclei. */
  rows(): ExampleRow[] {
    const atRandom = (chosen: Chosen) =>
      chosen.row(`${chosen.offered.toLocaleString('en-US')}, some at random`);
    const classes = Array.from(this.#classes.values(), atRandom);
    const aside = Array.from(this.#aside.values(), atRandom);
    const strangest = this.#extremes.map((chosen) => chosen.row('of all'));
    return [...classes, ...strangest, ...aside].filter(({ examples }) => examples.length > 0);
  }
}

/** The nuclei of one kind with the smallest ranks so far, in order. Equal ranks go by first pixel, in raster order. */
class Chosen {
  readonly #best: (Example & { readonly key: readonly number[] })[] = [];
  offered = 0;

  constructor(
    private readonly title: string,
    private readonly rank: Rank,
  ) {}

  offer(block: NucleiBlock, k: number, context: TableContext): void {
    this.offered++;
    const key = [this.rank(block, k), block.firstPixel[2 * k + 1]!, block.firstPixel[2 * k]!];
    const last = this.#best.at(-1);
    if (last && this.#best.length === perKind && !isBefore(key, last.key)) return;
    const [x, y, width, height] = block.box.subarray(4 * k, 4 * k + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    const { color } = classOf(context.classes, block.type[k]!);
    const example = { key, box: { x, y, width, height }, rings: outline(block, k, context.space), color };
    const place = this.#best.findIndex((other) => isBefore(key, other.key));
    this.#best.splice(place < 0 ? this.#best.length : place, 0, example);
    this.#best.length = Math.min(this.#best.length, perKind);
  }

  row(what: string): ExampleRow {
    return { title: `${this.title} ${what}`, examples: this.#best };
  }
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const differs = a.findIndex((value, i) => value !== b[i]);
  return differs >= 0 && a[differs]! < b[differs]!;
}

/** Hashes a nucleus's first pixel (the finalizer of MurmurHash3): as good as a draw, and the same in every run. */
function chance({ firstPixel }: NucleiBlock, k: number): number {
  let hash = Math.imul(firstPixel[2 * k]!, 0x9e3779b1) ^ Math.imul(firstPixel[2 * k + 1]!, 0x85ebca77);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
