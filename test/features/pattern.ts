import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NucleiAround, SlideAround, Tiles } from '../../src/context/around.js';
import { roles, type Role } from '../../src/context/roles.js';
import { packageRoot } from '../../src/package-root.js';

/** The pattern that goldens.py made, and what NumPy, SciPy, esda and spatstat say of it. */
export interface Golden {
  readonly width: number;
  readonly height: number;
  readonly edge: number;
  readonly nuclei: Readonly<Record<string, readonly number[]>>;
  readonly kcross50: number;
  readonly features: Readonly<Record<string, number>> & { readonly gi_star_immune: never };
}

export function readGolden(): Golden {
  return JSON.parse(readFileSync(join(packageRoot, 'test', 'features', 'goldens.json'), 'utf8')) as Golden;
}

const present: readonly Role[] = ['tumour', 'immune', 'stromal', 'dead'];

/** The pattern's nuclei with what is around them, worked out pair by pair on a rectangle; in the order given. */
export function around({ width, height, edge, nuclei }: Golden, order: readonly number[]): NucleiAround {
  const pick = (name: string) => order.map((k) => nuclei[name]![k]!);
  const [x, y, role] = [pick('x'), pick('y'), pick('role')];
  const n = order.length;
  const each = (of: (k: number) => number) => Array.from({ length: n }, (_, k) => of(k));
  const distances = (k: number, to: number) =>
    x.flatMap((_, j) => (j !== k && role[j] === to ? [Math.hypot(x[j]! - x[k]!, y[j]! - y[k]!)] : []));
  const context = Object.fromEntries(
    present.flatMap((name) => {
      const to = roles.indexOf(name);
      const all = each((k) => k).map((k) => distances(k, to));
      return [
        [`nearest_${name}_um`, Float32Array.from(all, (of) => Math.min(...of))],
        ...[20, 50, 100].map((radius) => [
          `n_${name}_${radius}um`,
          Int32Array.from(all, (of) => of.filter((um) => um <= radius).length),
        ]),
      ] as [string, Float32Array | Int32Array][];
    }),
  );
  const float = (of: (k: number) => number) => Float32Array.from(each(of));
  return {
    count: n,
    used: new Uint8Array(n).fill(1),
    x: Float64Array.from(x),
    y: Float64Array.from(y),
    role: Uint8Array.from(role),
    classIndex: Uint8Array.from(role, (r) => r + 1),
    columns: {
      class_share: Float32Array.from(pick('class_share')),
      area_um2: Float32Array.from(pick('area_um2')),
      eccentricity: Float32Array.from(pick('eccentricity')),
      circularity: Float32Array.from(pick('circularity')),
      solidity: Float32Array.from(pick('solidity')),
      orientation_rad: new Float32Array(n),
      hematoxylin_od_mean: Float32Array.from(pick('hematoxylin_od_mean')),
    },
    context: {
      ...context,
      tissue_edge_um: float((k) => Math.min(x[k]!, y[k]!, width - x[k]!, height - y[k]!)),
      tumour_edge_um: float((k) => x[k]! - edge),
      gabriel_degree: new Int32Array(n),
      gabriel_mean_edge_um: new Float32Array(n),
      gabriel_same_class_share: new Float32Array(n),
      alignment_50um: Float32Array.from(pick('alignment_50um')),
      aggregate_id: new Int32Array(n).fill(-1),
      block_id: Int32Array.from(each((k) => 2 * Math.floor(y[k]! / 1000) + Math.floor(x[k]! / 1000))),
    },
  };
}

/** The slide of the pattern: all of a rectangle is tissue, and all left of the edge is tumour. */
export function slide({ width, height, edge, nuclei }: Golden): SlideAround {
  const [columns, rows] = [2, 2];
  const mm2 = (left: number, right: number) =>
    Float64Array.from({ length: columns * rows }, (_, block) => {
      const [c, r] = [block % columns, Math.floor(block / columns)];
      const w = Math.min(right, 1000 * (c + 1)) - Math.max(left, 1000 * c);
      const h = Math.min(height, 1000 * (r + 1)) - 1000 * r;
      return w > 0 ? (w * h) / 1e6 : 0;
    });
  const perBlock = (values: Float64Array) => ({
    total: values.reduce((sum, value) => sum + value, 0),
    perBlock: values,
  });
  const [x, y, role] = [nuclei['x']!, nuclei['y']!, nuclei['role']!];
  const pairsPerBlock = new Float64Array(columns * rows);
  const weightPerBlock = new Float64Array(columns * rows);
  x.forEach((_, k) => {
    if (role[k] !== 0) return;
    const block = 2 * Math.floor(y[k]! / 1000) + Math.floor(x[k]! / 1000);
    x.forEach((__, j) => {
      const [dx, dy] = [Math.abs(x[j]! - x[k]!), Math.abs(y[j]! - y[k]!)];
      if (role[j] !== 2 || Math.hypot(dx, dy) > 50) return;
      pairsPerBlock[block]!++;
      weightPerBlock[block]! += (width * height) / ((width - dx) * (height - dy));
    });
  });
  return {
    roles: present,
    blocks: { columns, rows },
    tissue: perBlock(mm2(0, width)),
    tumour: {
      source: 'file',
      outlines: [],
      areaMm2: perBlock(mm2(0, edge)),
      components: 1,
      largestMm2: (edge * height) / 1e6,
      interfaceMm: perBlock(Float64Array.of(1, 0, 0.25, 0)),
      frontMm2: perBlock(mm2(edge - 100, edge + 100)),
      peritumouralMm2: perBlock(mm2(edge, edge + 100)),
      stromaMm2: perBlock(mm2(edge, edge + 500)),
    },
    tiles: { small: tiles(250, width, height, edge), large: tiles(1000, width, height, edge) },
    aggregates: [],
    budsPerBlock: new Float64Array(columns * rows),
    isolatedTumourPerBlock: new Float64Array(columns * rows),
    crossK: { pairsPerBlock, weightPerBlock },
  };
}

function tiles(side: number, width: number, height: number, edge: number): Tiles {
  const [columns, rows] = [Math.ceil(width / side), Math.ceil(height / side)];
  const within = (k: number, right: number) => {
    const [c, r] = [k % columns, Math.floor(k / columns)];
    const w = Math.min(right, side * (c + 1)) - side * c;
    return w > 0 ? (w * (Math.min(height, side * (r + 1)) - side * r)) / 1e6 : 0;
  };
  const values = (of: (k: number) => number) =>
    Float64Array.from({ length: columns * rows }, (_, k) => of(k));
  const none = new Float64Array(columns * rows * present.length);
  return {
    side,
    columns,
    rows,
    tissueMm2: values((k) => within(k, width)),
    tumourMm2: values((k) => within(k, edge)),
    nuclei: values(() => 0),
    byRole: { n: none, areaSum: none, areaSquares: none, odSum: none, odSquares: none },
  };
}
