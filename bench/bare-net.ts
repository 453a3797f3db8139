import { readPatches } from '../src/slide/patches.js';
import type { Engine } from '../pipelines/engine/engine.js';
import type { PreparedSlide } from '../pipelines/slide/prepare.js';

/** Seconds by the clock, and of all threads of the process. */
export interface Seconds {
  readonly wall: number;
  readonly cpu: number;
}

/** Measures work of any kind. */
export async function timed(work: () => Promise<unknown>): Promise<Seconds> {
  const before = process.cpuUsage();
  const start = performance.now();
  await work();
  const wall = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { wall, cpu: (user + system) / 1e6 };
}

export function sumOf(parts: readonly Seconds[]): Seconds {
  return parts.reduce((sum, part) => ({ wall: sum.wall + part.wall, cpu: sum.cpu + part.cpu }), {
    wall: 0,
    cpu: 0,
  });
}

/** Reads all patches of a slide, batch by batch as its run has them. */
export async function readBatches(
  { slide, lattice, patchIndices }: PreparedSlide,
  { settings }: Engine,
): Promise<Uint8Array[]> {
  const { patch, stride, space } = lattice;
  const batches: Uint8Array[] = [];
  for (let from = 0; from < patchIndices.length; from += 2 * settings.batch) {
    const origins = Int32Array.from(
      patchIndices.subarray(from, from + 2 * settings.batch),
      (index) => index * stride - (patch - stride) / 2,
    );
    batches.push((await readPatches(slide, space.scale, patch, origins))[0]!);
  }
  return batches;
}

/**
 * Runs the net alone on batches that were read before, with as many in flight as a run has. Their buffers come back into
 * the list.
 */
export async function runNet(batches: Uint8Array[], { inference }: Engine): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < batches.length) {
      const k = next++;
      ({ patches: batches[k] } = await inference.run(batches[k]!));
    }
  };
  await Promise.all(Array.from({ length: 2 * inference.width }, lane));
}

/** Returns the columns that set work beside the net alone. @param name of the work */
export function besideNet(name: string, alone: Seconds, whole: Seconds) {
  return {
    'net alone s': Number(alone.wall.toFixed(1)),
    [`${name} s`]: Number(whole.wall.toFixed(1)),
    ratio: Number((whole.wall / alone.wall).toFixed(3)),
    'net alone CPU s': Number(alone.cpu.toFixed(1)),
    [`${name} CPU s`]: Number(whole.cpu.toFixed(1)),
    'ratio of CPU': Number((whole.cpu / alone.cpu).toFixed(3)),
  };
}
