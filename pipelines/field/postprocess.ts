import { join } from 'node:path';
import { HoverslideError } from '../../src/errors.js';
import { AtomicFile, makeFolder, writeAtomically } from '../../src/files.js';
import type { NucleiBlock } from '../../src/nuclei/block.js';
import {
  describeInstances,
  referenceInstances,
  segmentBlobs,
  type InstanceTable,
  type SeamlessConstants,
} from '../../src/nuclei/kernel.js';
import { readMaps } from '../../src/nuclei/map-folder.js';
import { packMaps, type FloatMaps } from '../../src/nuclei/maps.js';
import { paintInstances } from '../../src/nuclei/paint.js';
import { openStitcher } from '../../src/nuclei/stitcher.js';
import { npyBytes } from '../../src/npy.js';
import { ModelSpace } from '../../src/slide/model-space.js';
import { Lattice } from '../../src/tissue/lattice.js';

/** Mode of post-processing. `seamless` needs the constants of the model that made the maps. */
export type PostprocessMode =
  { readonly mode: 'reference' } | { readonly mode: 'seamless'; readonly constants: SeamlessConstants };

/** One entry of nuclei.json. */
interface ListedNucleus {
  /** Value of its pixels in instances.npy. */
  readonly id: number;
  /** row0 column0 row1 column1, the second pair exclusive. */
  readonly bbox: readonly number[];
  /** x y, in `reference` of integer pixel coordinates, in `seamless` of pixel centres (+0.5). */
  readonly centroid: readonly number[];
  readonly type: number;
  readonly share: number;
  /** Contour through pixel centres, as OpenCV gives it. */
  readonly contour: readonly (readonly number[])[];
  /** Outline, in `seamless` only: closed rings along pixel edges, shell first; a valid polygon. */
  readonly outline?: readonly (readonly (readonly number[])[])[];
}

/**
 * Post-processes the maps in a folder (np.npy, h.npy, v.npy, type.npy) and writes instances.npy and nuclei.json to `out`.
 * @returns the number of nuclei listed
 * @throws HoverslideError `missing` or `input` for maps that cannot be used, `output` for results that cannot be
 * written, `stopped` after the signal
 */
export async function postprocessFolder(
  folder: string,
  out: string,
  mode: PostprocessMode,
  signal?: AbortSignal,
): Promise<number> {
  const maps = readMaps(folder);
  const { width, height } = maps;
  const { instances, nuclei } = await postprocess(maps, mode, signal).catch((error: unknown) => {
    throw signal?.aborted ? new HoverslideError('stopped', `${folder}: stopped`, { cause: error }) : error;
  });
  await makeFolder(out);
  await writeAtomically(join(out, 'instances.npy'), npyBytes({ shape: [height, width], data: instances }));
  return writeNuclei(join(out, 'nuclei.json'), maps, nuclei);
}

function postprocess(maps: FloatMaps, mode: PostprocessMode, signal?: AbortSignal): Promise<FoundNuclei> {
  return mode.mode === 'reference' ? reference(maps, signal) : seamless(maps, mode.constants, signal);
}

interface FoundNuclei {
  readonly instances: Int32Array;
  readonly nuclei: Iterable<ListedNucleus>;
}

async function reference(maps: FloatMaps, signal?: AbortSignal): Promise<FoundNuclei> {
  const instances = await referenceInstances(maps, signal);
  return { instances, nuclei: asTheReferenceLists(instances, maps) };
}

/**
 * Lists nuclei as the reference code does. That code takes the first value in the instance map for the background. So
 * it leaves out a nucleus where there is no background. It also leaves out contours of fewer than three points.
 */
function* asTheReferenceLists(
  instances: Int32Array,
  { type, width, height }: FloatMaps,
): Generator<ListedNucleus> {
  const table = describeInstances(instances, type, width, height);
  for (let k = instances.includes(0) ? 0 : 1; k < table.count; ++k) {
    const contour = contourOf(table, k);
    if (contour.length < 3) continue;
    yield {
      id: table.id[k]!,
      bbox: [...table.box.subarray(4 * k, 4 * k + 4)],
      centroid: [...table.centroid.subarray(2 * k, 2 * k + 2)],
      type: table.type[k]!,
      share: table.share[k]!,
      contour,
    };
  }
}

/**
 * Finds the nuclei of packed maps, uint8 [height, width, 4]. The maps go through the stitcher as those of slides do.
 * White stands for the colours, which maps do not have.
 */
export async function* seamlessBlocks(
  packed: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  constants: SeamlessConstants,
  signal?: AbortSignal,
): AsyncGenerator<NucleiBlock> {
  // The patches have no margin, since the surroundings of a patch's kept square are in its neighbours. Their size fits
  // the map.
  const longest = Math.max(width, height);
  const side = Math.ceil(longest / Math.ceil(longest / largestSide));
  const lattice = new Lattice(new ModelSpace(width, height, 1, 1), { patch: side, stride: side });
  const { columns, rows } = lattice;
  const run = Uint32Array.from({ length: 2 * columns * rows }, (_, k) =>
    k % 2 === 0 ? (k / 2) % columns : Math.floor(k / 2 / columns),
  );
  const stitcher = openStitcher(lattice, run);
  const white = new Uint8Array(columns * side * side * 3).fill(255);
  const tiles = new Uint8Array(columns * side * side * 4);
  for (let row = 0; row < rows; ++row) {
    signal?.throwIfAborted();
    cutTiles(packed, lattice, row, tiles);
    const blobs = await stitcher.add(white, tiles);
    yield segmentBlobs(blobs, constants);
  }
}

const largestSide = 192;

/** The bytes 0, 128, 128, 0 of a packed pixel, as one number. */
const background = new Uint32Array(Uint8Array.of(0, 128, 128, 0).buffer)[0]!;

/**
 * Fills `tiles`, uint8 [columns, side, side, 4], with a row of patches of packed maps. Beyond the border is background.
 */
function cutTiles(
  packed: Uint8Array,
  { width, height, stride: side }: Lattice,
  row: number,
  tiles: Uint8Array,
): void {
  new Uint32Array(tiles.buffer).fill(background);
  for (let y = 0; y < Math.min(side, height - row * side); ++y) {
    const at = (row * side + y) * width;
    for (let x = 0; x < width; x += side) {
      const source = packed.subarray(4 * (at + x), 4 * (at + Math.min(x + side, width)));
      tiles.set(source, 4 * (x * side + y * side));
    }
  }
}

async function seamless(
  maps: FloatMaps,
  constants: SeamlessConstants,
  signal?: AbortSignal,
): Promise<FoundNuclei> {
  const instances = new Int32Array(maps.width * maps.height);
  const blocks: NucleiBlock[] = [];
  let first = 1;
  for await (const block of seamlessBlocks(packMaps(maps), maps, constants, signal)) {
    paintInstances(block, instances, maps.width, first);
    first += block.count;
    blocks.push(block);
  }
  const table = describeInstances(instances, maps.type, maps.width, maps.height);
  return { instances, nuclei: listBlocks(blocks, table) };
}

function* listBlocks(blocks: readonly NucleiBlock[], table: InstanceTable): Generator<ListedNucleus> {
  let place = 0;
  let id = 0;
  for (const block of blocks) {
    for (let k = 0; k < block.count; ++k) {
      ++id;
      // Where a blob was cut, windows overlap. A nucleus that was painted over may have no pixel left.
      const painted = table.id[place] === id;
      const [x, y, width, height] = block.box.subarray(4 * k, 4 * k + 4) as unknown as number[];
      yield {
        id,
        bbox: [y!, x!, y! + height!, x! + width!],
        centroid: [...block.centroid.subarray(2 * k, 2 * k + 2)],
        type: block.type[k]!,
        share: block.share[k]!,
        contour: painted ? contourOf(table, place++) : [],
        outline: outlineOf(block, k),
      };
    }
  }
}

function contourOf({ contour, contourStart }: InstanceTable, k: number): number[][] {
  return points(contour, contourStart[k]!, contourStart[k + 1]!);
}

function outlineOf({ vertices, ringStart, nucleusRing }: NucleiBlock, k: number): number[][][] {
  const rings: number[][][] = [];
  for (let ring = nucleusRing[k]!; ring < nucleusRing[k + 1]!; ++ring) {
    rings.push(points(vertices, ringStart[ring]!, ringStart[ring + 1]!));
  }
  return rings;
}

function points(vertices: Int32Array, from: number, to: number): number[][] {
  return Array.from({ length: to - from }, (_, k) => [
    vertices[2 * (from + k)]!,
    vertices[2 * (from + k) + 1]!,
  ]);
}

/** Writes the nuclei one by one, since the text of a whole map would not fit into a string. Returns their number. */
async function writeNuclei(
  path: string,
  { width, height }: FloatMaps,
  nuclei: Iterable<ListedNucleus>,
): Promise<number> {
  const file = await AtomicFile.open(path);
  try {
    let count = 0;
    let text = `{"height":${height},"width":${width},"nuclei":[`;
    for (const nucleus of nuclei) {
      text += (count++ === 0 ? '\n' : ',\n') + JSON.stringify(nucleus);
      if (text.length < 1 << 20) continue;
      await file.write(Buffer.from(text));
      text = '';
    }
    await file.write(Buffer.from(`${text}\n]}\n`));
    await file.commit();
    return count;
  } catch (error) {
    await file.discard();
    throw error;
  }
}
