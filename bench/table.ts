import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openEngine } from '../pipelines/engine/engine.js';
import { nucleiOf } from '../pipelines/slide/nuclei.js';
import { tableContext, tableFacts } from '../pipelines/slide/output.js';
import { prepare } from '../pipelines/slide/prepare.js';
import { ownedCores } from '../src/machine.js';
import { openModel } from '../src/model/model.js';
import type { NucleiBlock } from '../src/nuclei/block.js';
import { packageRoot } from '../src/package-root.js';
import { openSlide } from '../src/slide/slide.js';
import type { TableContext, TableFacts } from '../src/table/context.js';
import { openTable } from '../src/table/open.js';
import { rowsOf } from '../src/table/rows.js';
import { shared } from '../testkit/shared.js';
import type { BenchSection } from './section.js';

/** Side of the window that is read, in level-0 px: 1 mm. */
const windowSide = 4000;

/** Copies of the section, side by side in a square. */
const copiesAcross = [1, 8];

interface Section {
  readonly blocks: readonly NucleiBlock[];
  readonly context: TableContext;
  readonly facts: TableFacts;
}

/** Measures writing a slide's nuclei as Parquet, and reading a window of them with the usual programs. */
export async function benchTable(): Promise<BenchSection> {
  const section = await nucleiOfSection();
  const folder = await mkdtemp(join(tmpdir(), 'hoverslide-table-'));
  try {
    const rows = [];
    for (const across of copiesAcross) rows.push(await measure(section, across, join(folder, `${across}`)));
    return {
      title: 'The table in Parquet',
      command: 'npm run bench table',
      rows,
      notes: [
        'Nuclei of tcga-v5-a7re.tif, and of 8 x 8 copies of it side by side; from nuclei in memory to the file.',
        'Window: 1 mm2 in the middle, by bounding box (id, class, area and outline), a process each; MB: what the process read.',
        'The form of 0.1 (row groups of 16,384 rows, bounding boxes as four columns), with the same nuclei on 2026-11-25 on the same machine: ' +
          '15,142 nuclei 1.1 CPU s and 3.03 MB; 969,088 nuclei 34.4 CPU s and 192.4 MB, the window 0.17 CPU s and 10.8 MB in DuckDB, 0.59 CPU s and 13.2 MB in pyarrow. ' +
          'This form right after it, where the machine was as busy: 1.0 and 29.7 CPU s, 0.20 CPU s in DuckDB, 0.16 in pyarrow.',
      ],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function nucleiOfSection(): Promise<Section> {
  const { path, missing } = shared('slides/tcga-v5-a7re.tif');
  if (missing) throw new Error(`needs ${missing}`);
  const cores = ownedCores();
  const engine = await openEngine(await openModel(), { provider: 'cpu', threads: cores, workers: cores });
  const slide = await openSlide(path);
  try {
    const prepared = await prepare(slide, engine, { tissueMask: true, formats: [] });
    const seconds = { read: 0, net: 0, stitch: 0, segment: 0 };
    const blocks = [];
    for await (const { block } of nucleiOf(prepared, engine, seconds, () => false)) blocks.push(block);
    return { blocks, context: tableContext(prepared, engine), facts: tableFacts(prepared, engine) };
  } finally {
    await slide.close();
    await engine.close();
  }
}

async function measure({ blocks, context, facts }: Section, across: number, path: string) {
  const { space } = context;
  const start = process.cpuUsage();
  let nuclei = 0;
  const table = await openTable('parquet', path, facts);
  for (let row = 0; row < across; row++) {
    for (let column = 0; column < across; column++) {
      for (const block of blocks) {
        await table.write(rowsOf(moved(block, column * space.width, row * space.height), context));
        nuclei += block.count;
      }
    }
  }
  await table.close();
  const { user, system } = process.cpuUsage(start);
  const [x, y] = [space.width, space.height].map((side) => (space.toLevel0(side * across) - windowSide) / 2);
  const window = [x!, y!, x! + windowSide, y! + windowSide];
  const [duckdb, pyarrow] = [await read('duckdb', path, window), await read('pyarrow', path, window)];
  const megabytes = (bytes: number) => Number((bytes / 1e6).toFixed(2));
  return {
    nuclei,
    'write CPU s': Number(((user + system) / 1e6).toFixed(1)),
    'file MB': megabytes((await stat(path)).size),
    'window rows': duckdb.rows,
    'DuckDB CPU s': Number(duckdb.seconds.toFixed(3)),
    'DuckDB MB': megabytes(duckdb.bytes),
    'pyarrow CPU s': Number(pyarrow.seconds.toFixed(3)),
    'pyarrow MB': megabytes(pyarrow.bytes),
  };
}

function moved(block: NucleiBlock, x: number, y: number): NucleiBlock {
  const by = <Values extends Int32Array | Float64Array>(values: Values, period: number): Values =>
    values.map((value, k) => (k % period === 0 ? value + x : k % period === 1 ? value + y : value)) as Values;
  return {
    ...block,
    firstPixel: by(block.firstPixel, 2),
    box: by(block.box, 4),
    centroid: by(block.centroid, 2),
    vertices: by(block.vertices, 2),
  };
}

async function read(reader: string, path: string, window: readonly number[]) {
  const script = join(packageRoot, 'bench', 'table_window.py');
  const python = join(packageRoot, '.venv', 'bin', 'python');
  const { stdout } = await promisify(execFile)(python, [script, reader, path, ...window.map(String)]);
  return JSON.parse(stdout) as { readonly seconds: number; readonly rows: number; readonly bytes: number };
}
