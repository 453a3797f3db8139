// Cost of post-processing, from packed maps to measured nuclei with outlines, beside the reference recipe in Python.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { seamlessBlocks } from '../pipelines/field/postprocess.js';
import { npyBytes, type NpyData } from '../src/npy.js';
import { packageRoot } from '../src/package-root.js';
import { segmentBlobs } from '../src/nuclei/kernel.js';
import { blobBuffer, findBlobs } from '../testkit/blobs.js';
import { tissueMaps } from '../testkit/maps.js';
import { constants } from '../testkit/constants.js';
import type { BenchSection } from './section.js';

/** Nuclei per mm2: none, sparse stroma, tumour, lymphoid tissue, and more than tissue can hold. */
const densities = [0, 1000, 5000, 15000, 30000];
const sides = [256, 512, 1024, 2048, 4096, 8192];
/** Runs of the reference in Python, which takes a hundred times as long. */
const referenceRuns = [
  { side: 256, density: 5000 },
  { side: 1024, density: 5000 },
  { side: 2048, density: 5000 },
];
/**
 * Least number of map pixels that a figure is measured on. Of small maps there are as many as that takes, side by side.
 */
const pixelsPerFigure = 2048 * 2048;
/**
 * Returns the number of rounds for maps of a size. Small maps get more, since they are over before V8 has compiled the
 * code for them.
 */
const roundsOf = (side: number) => (side > 2048 ? 3 : 12);
/** Side of the largest map that is all one blob. Larger blobs are cut. */
const largestFull = 2048;

interface Maps {
  readonly width: number;
  readonly height: number;
  readonly packed: Uint8Array;
}

interface Cost {
  /** Core-seconds of all threads together, per mm2 at 0.25 um/px. */
  readonly perMm2: number;
  /** Nuclei that were found, those cut by a map's border included. */
  readonly nucleiPerMm2: number;
}

export async function benchPostprocess(): Promise<BenchSection> {
  const rows: BenchSection['rows'] = [];
  const python = new Map<string, number>();
  const ours = new Map<string, number>();
  const foundPerMm2: number[] = [];
  let kernel = 0;
  for (const density of densities) {
    const whole = tissueMaps(sides.at(-1)!, sides.at(-1)!, density, 1);
    const row: BenchSection['rows'][number] = { 'nuclei per mm2': density };
    for (const side of sides) {
      const cost = await seamlessCost(whole, side);
      ours.set(`${density} ${side}`, cost.perMm2);
      row[`${side} px`] = rounded(cost.perMm2);
      if (density === 5000) foundPerMm2.push(Math.round(cost.nucleiPerMm2));
      if (referenceRuns.some((run) => run.side === side && run.density === density)) {
        python.set(`${density} ${side}`, await referenceCost(crop(whole, 0, 0, side)));
      }
      if (side === 2048 && density === 5000) kernel = kernelCost(crop(whole, 0, 0, side));
    }
    rows.push(row);
  }
  const full: BenchSection['rows'][number] = { 'nuclei per mm2': 'all foreground' };
  const joined = foregroundOnly(tissueMaps(largestFull, largestFull, 15000, 1));
  for (const side of sides.filter((length) => length <= largestFull)) {
    full[`${side} px`] = rounded((await seamlessCost(joined, side)).perMm2);
  }
  rows.push(full);
  for (const density of new Set(referenceRuns.map((run) => run.density))) {
    const row: BenchSection['rows'][number] = { 'nuclei per mm2': `${density}, reference in Python` };
    for (const side of sides) {
      const cost = python.get(`${density} ${side}`);
      row[`${side} px`] = cost === undefined ? '' : rounded(cost);
    }
    rows.push(row);
  }
  const crowded = { of: 15000, density: 30000 };
  const times = sides.map(
    (side) => ours.get(`${crowded.density} ${side}`)! / ours.get(`${crowded.of} ${side}`)!,
  );
  const ratio = python.get('5000 2048')! / ours.get('5000 2048')!;
  return {
    title: 'Post-processing: core-seconds per mm2 by size of map and density of nuclei',
    command: 'npm run bench -- postprocess',
    rows,
    notes: [
      `Packed maps to measured nuclei with outlines, stitcher included, on synthetic tissue at 0.25 um/px; the best of ${roundsOf(2048)} rounds (${roundsOf(4096)} above 2048 px), processor time of all threads together.`,
      `2048 x 2048, 5,000 nuclei per mm2: ${rounded(ours.get('5000 2048')!)} core-seconds per mm2, of which the kernel takes ${rounded(kernel)} and the stitcher the rest; the reference recipe with OpenCV, SciPy and scikit-image, measured in the same call, ${rounded(python.get('5000 2048')!)}: ${Math.round(ratio)} times as much.`,
      `Relative to ${crowded.of} nuclei per mm2, ${crowded.density} cost ${times.map(rounded).join(', ')} times as much, size by size.`,
      `Small maps are cut from the large one, with the nuclei at their borders: of the 5,000 painted per mm2, ${foundPerMm2.join(', ')} are found, size by size.`,
      'All foreground: 15,000 nuclei per mm2, but every pixel is nucleus by its probability, so that a map is one blob.',
      'The reference recipe gives boxes, centroids, contours and classes; ours shape, stain and valid outlines as well.',
    ],
  };
}

const rounded = (seconds: number) => Number(seconds.toPrecision(3));

/** Copies a square of the map into an array of its own. */
function crop({ width, packed }: Maps, x0: number, y0: number, side: number): Maps {
  const part = new Uint8Array(4 * side * side);
  for (let y = 0; y < side; ++y) {
    const at = 4 * ((y0 + y) * width + x0);
    part.set(packed.subarray(at, at + 4 * side), 4 * y * side);
  }
  return { width: side, height: side, packed: part };
}

/** Returns the same maps with a probability of 1 everywhere. */
function foregroundOnly({ width, height, packed }: Maps): Maps {
  const all = packed.slice();
  for (let i = 0; i < all.length; i += 4) all[i] = 255;
  return { width, height, packed: all };
}

async function seamlessCost(whole: Maps, side: number): Promise<Cost> {
  const count = Math.max(1, pixelsPerFigure / side ** 2);
  const across = Math.floor(whole.width / side);
  const maps = Array.from({ length: count }, (_, k) =>
    side === whole.width ? whole : crop(whole, (k % across) * side, Math.floor(k / across) * side, side),
  );
  let best = Infinity;
  let nuclei = 0;
  for (let round = 0; round < roundsOf(side); ++round) {
    nuclei = 0;
    const start = process.cpuUsage();
    for (const map of maps) {
      for await (const block of seamlessBlocks(map.packed, map, constants)) nuclei += block.count;
    }
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1e6);
  }
  const mm2 = (maps.length * side ** 2) / 16e6;
  return { perMm2: best / mm2, nucleiPerMm2: nuclei / mm2 };
}

/** Measures the cost of the kernel alone. The blobs' windows are made before. */
function kernelCost(map: Maps): number {
  const blobs = blobBuffer(map, findBlobs(map));
  let best = Infinity;
  for (let round = 0; round < roundsOf(map.width); ++round) {
    const start = process.cpuUsage();
    segmentBlobs(blobs, constants);
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1e6);
  }
  return best / ((map.width * map.height) / 16e6);
}

/** Measures the cost of the reference recipe on the same maps, unpacked. */
async function referenceCost({ width, height, packed }: Maps): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'hoverslide-bench-'));
  try {
    const plane = (channel: number, unpack: (value: number) => number) =>
      Float32Array.from({ length: width * height }, (_, i) => unpack(packed[4 * i + channel]!));
    const planes: Record<string, NpyData> = {
      np: plane(0, (value) => (value + 0.5) / 256),
      h: plane(1, (value) => (value - 128) / 100),
      v: plane(2, (value) => (value - 128) / 100),
      type: Uint8Array.from({ length: width * height }, (_, i) => packed[4 * i + 3]!),
    };
    for (const [name, data] of Object.entries(planes)) {
      await writeFile(join(folder, `${name}.npy`), npyBytes({ shape: [height, width], data }));
    }
    const { stdout } = await promisify(execFile)(join(packageRoot, '.venv', 'bin', 'python'), [
      join(packageRoot, 'bench', 'postprocess_reference.py'),
      folder,
    ]);
    const { seconds } = JSON.parse(stdout) as { seconds: number };
    return seconds / ((width * height) / 16e6);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
