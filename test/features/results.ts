import { mkdir } from 'node:fs/promises';
import { openModel } from '../../src/model/model.js';
import { withCard, type ModelCard } from '../../src/model/card.js';
import { readFile, writeFile } from 'node:fs/promises';
import { writeAtomically } from '../../src/files.js';
import { columns } from '../../src/table/columns.js';
import { tableClasses, type TableFacts } from '../../src/table/context.js';
import { openTable } from '../../src/table/open.js';
import type { Rows } from '../../src/table/rows.js';
import { writeRunRecord } from '../../src/table/run-record.js';
import { SlideFolder } from '../../src/table/slide-folder.js';
import { everything } from '../../src/tissue/mask.js';
import { tissueGeoJson } from '../../src/tissue/tissue-file.js';
import { stubModel } from '../../testkit/stub.js';
import type { Golden } from './pattern.js';

/** What the classes of the stub model mean. */
const meanings: Readonly<Record<string, 'tumour' | 'immune' | 'stromal' | 'dead'>> = {
  neoplastic: 'tumour',
  inflammatory: 'immune',
  connective: 'stromal',
  dead: 'dead',
};

export async function stubCard(): Promise<ModelCard> {
  const { card } = await openModel(stubModel);
  const classes = card.classes.map((each) => ({ ...each, role: meanings[each.name] }));
  return { ...card, classes };
}

/** Writes the stub model with roles of its classes. */
export async function writeModelWithRoles(path: string): Promise<string> {
  await writeFile(path, withCard(await readFile(stubModel), await stubCard()));
  return path;
}

const mpp = 0.25;

/** Writes a pattern of nuclei as the results of a slide on which all is tissue. @param order of its rows */
export async function writeResults(
  path: string,
  golden: Pick<Golden, 'width' | 'height' | 'nuclei'>,
  order: readonly number[] = golden.nuclei['x']!.map((_, k) => k),
): Promise<SlideFolder> {
  const folder = new SlideFolder(path);
  await mkdir(path, { recursive: true });
  const card = await stubCard();
  const [width, height] = [golden.width / mpp, golden.height / mpp];
  const hash = 'a'.repeat(64);
  const facts: TableFacts = {
    slide: { id: 'pattern', hash, width, height, mpp, mpp_source: 'given', origin: { x: 0, y: 0 } },
    model: { name: card.name, version: card.version, sha256: 'b'.repeat(64), licence: card.licence },
    version: '0.0.0',
    classes: tableClasses(card.classes),
  };
  const table = await openTable('parquet', folder.table('parquet'), facts);
  await table.write(rowsOf(golden, order));
  await table.close();
  const frame = { path: 'pattern.tif', width, height, bounds: { x: 0, y: 0 }, pixelSize: { mpp } };
  await writeAtomically(folder.tissue, tissueGeoJson(frame, everything(frame)));
  await writeRunRecord(folder.record, {
    slide: { path: 'pattern.tif', hash, width, height, pixel_size: { mpp, source: 'given' } },
    model: { path: 'stub.onnx', sha256: 'b'.repeat(64), card },
    options: {
      tissueMask: false,
      formats: ['parquet'],
      provider: 'cpu',
      threads: 1,
      workers: 1,
      batch: 1,
      readBlock: 1,
    },
    device: null,
    sessions: null,
    providers_passed_over: [],
    patches: 0,
    level0_px_per_model_px: 1,
    versions: { hoverslide: '0.0.0', node: '', onnxruntime: '', openslide: null },
    machine: { processor: '', cores: 1, memory_bytes: 1 },
    device_busy: 0,
    finished: new Date(0).toISOString(),
    seconds: { read: 0, net: 0, stitch: 0, segment: 0, journal: 0, publish: 0, wall: 0 },
    peak_memory_bytes: 0,
  });
  return folder;
}

const classNames = ['neoplastic', 'epithelial', 'inflammatory', 'connective', 'dead'];

function rowsOf({ nuclei }: Pick<Golden, 'nuclei'>, order: readonly number[]): Rows {
  const at = (name: string, k: number) => nuclei[name]![k]!;
  const px = (name: 'x' | 'y', by: number) => (k: number) => at(name, k) / mpp + by;
  const values: Readonly<Record<string, (k: number) => unknown>> = {
    id: (k) => `${k}`.padStart(36, '0'),
    class: (k) => classNames[at('role', k)],
    quality: () => 'ok',
    centroid_x_um: (k) => at('x', k),
    centroid_y_um: (k) => at('y', k),
    centroid_x_px: px('x', 0),
    centroid_y_px: px('y', 0),
    bbox_xmin_px: px('x', -8),
    bbox_ymin_px: px('y', -8),
    bbox_xmax_px: px('x', 8),
    bbox_ymax_px: px('y', 8),
    outline: (k) => {
      const [x, y] = [at('x', k) / mpp, at('y', k) / mpp];
      return [Float64Array.of(x - 8, y - 8, x + 8, y - 8, x + 8, y + 8, x - 8, y + 8, x - 8, y - 8)];
    },
  };
  const arrays = columns.map(({ name, type }) => {
    const of = values[name] ?? ((k: number) => nuclei[name]?.[k] ?? 0.5);
    const list = order.map(of);
    if (type === 'float32') return [name, Float32Array.from(list as number[])];
    if (type === 'float64') return [name, Float64Array.from(list as number[])];
    return [name, list];
  });
  return { count: order.length, ...Object.fromEntries(arrays as [string, unknown][]) } as unknown as Rows;
}

/** GeoJSON of named rectangles, each x, y, width, height in level-0 px, as QuPath has them. */
export function regionsJson(rectangles: Readonly<Record<string, readonly number[]>>): string {
  const features = Object.entries(rectangles).map(([name, [x, y, w, h]]) => ({
    type: 'Feature',
    geometry: {
      type: 'Polygon',
      coordinates: [
        [
          [x, y],
          [x! + w!, y],
          [x! + w!, y! + h!],
          [x, y! + h!],
          [x, y],
        ],
      ],
    },
    properties: { objectType: 'annotation', classification: { name } },
  }));
  return JSON.stringify({ type: 'FeatureCollection', features });
}
