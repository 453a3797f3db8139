import { release } from '../../src/memory.js';
import { openSlide } from '../../src/slide/slide.js';
import { modelSpace } from '../../src/slide/model-space.js';
import { findTissue } from '../../src/tissue/find.js';
import { Lattice, tissuePatches } from '../../src/tissue/lattice.js';
import type { Engine } from '../engine/engine.js';
import { copyKept, type MapWindow } from '../field/field-maps.js';
import { mapsOf } from '../slide/maps.js';
import { readBlocksOf, type PatchRange } from '../slide/read-blocks.js';

/** Side in model px that a block has at least: some fifty nuclei lie across it. */
const smallestSide = 512;

/**
 * Runs the net on blocks of a slide's tissue, evenly spread over it.
 * @param patches how many patches at most, but for a block's own
 * @returns per block packed maps, uint8 [height, width, 4], of a square of model space; background where no patch ran
 * @throws HoverslideError as openSlide does
 */
export async function sampleBlocks(path: string, engine: Engine, patches: number): Promise<MapWindow[]> {
  const slide = await openSlide(path);
  try {
    const { card } = engine.model;
    const lattice = new Lattice(modelSpace(slide, card.mpp), card);
    const { stride } = lattice;
    const all = tissuePatches(lattice, await findTissue(slide));
    let side = 1;
    while (side * stride < smallestSide) side *= 2;
    const count = Math.max(1, Math.floor(patches / side ** 2));
    const blocks = evenly(fullest(readBlocksOf(all, side), side), count);
    const windows = blocks.map(({ from }) => {
      const [x, y] = [0, 1].map((axis) => Math.floor(all[2 * from + axis]! / side) * side * stride);
      return emptyWindow(x!, y!, side * stride);
    });
    const patchIndices = Uint32Array.from(
      blocks.flatMap(({ from, to }) => [...all.subarray(2 * from, 2 * to)]),
    );
    const whole = { from: 0, to: patchIndices.length / 2 };
    for await (const batch of mapsOf({ slide, lattice, patchIndices }, [whole], engine, {
      read: 0,
      net: 0,
    })) {
      for (const window of windows) copyKept(batch, patchIndices, stride, window);
      release(batch.patches);
      release(batch.maps);
    }
    return windows;
  } finally {
    await slide.close();
  }
}

/** Returns the blocks that have all of their patches; if there are none, all blocks. */
function fullest(blocks: readonly PatchRange[], side: number): readonly PatchRange[] {
  const full = blocks.filter(({ from, to }) => to - from === side * side);
  return full.length > 0 ? full : blocks;
}

function evenly<Item>(items: readonly Item[], count: number): Item[] {
  const chosen = Math.min(count, items.length);
  return Array.from({ length: chosen }, (_, k) => items[Math.floor(((k + 0.5) * items.length) / chosen)]!);
}

function emptyWindow(x: number, y: number, side: number): MapWindow {
  const packed = new Uint8Array(side * side * 4);
  for (let k = 0; k < packed.length; k += 4) packed[k + 1] = packed[k + 2] = 128;
  return { x, y, width: side, height: side, packed };
}
