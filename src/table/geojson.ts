import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { AtomicFile } from '../files.js';
import type { Polygon } from '../geometry/polygon.js';
import { columns } from './columns.js';
import type { TableFacts } from './context.js';
import type { TableWriter } from './writer.js';
import type { Rows } from './rows.js';
import { ChunkedText, decimal, outlineDecimals } from './text.js';

/**
 * Opens a GeoJSON file for QuPath (0.4 and later), compressed with gzip: one detection per nucleus.
 *
 * QuPath shows a slide cropped to openslide.bounds-* (unless it was imported with --no-crop) and counts pixels from
 * there. So the origin of the bounds is subtracted. QuPath's regions of interest run along pixel edges, as ours do:
 * (0, 0) is the upper left corner of the first pixel.
 */
export async function openGeoJson(path: string, { slide, classes }: TableFacts): Promise<TableWriter> {
  const classifications = new Map(
    classes.map(({ name, color }) => [name, JSON.stringify({ name, color })] as const),
  );
  const file = await AtomicFile.open(path);
  const gzip = new GzipFile(file);
  const text = new ChunkedText((chunk) => gzip.write(chunk));
  await text.append('{"type":"FeatureCollection","features":[');
  let separator = '\n';
  return {
    async write(rows) {
      for (let k = 0; k < rows.count; k++) {
        await text.append(separator + feature(rows, k, classifications, slide.origin));
        separator = ',\n';
      }
    },
    async close() {
      await text.append('\n]}\n');
      await text.end();
      await gzip.end();
      await file.commit();
    },
    async abort() {
      await gzip.destroy();
      await file.discard();
    },
  };
}

/** A gzip stream into a file; its header holds no time. A write resolves when the compressor has taken all of it. */
class GzipFile {
  private readonly gzip = createGzip();
  private readonly written: Promise<void>;

  constructor(file: AtomicFile) {
    this.written = pipeline(this.gzip, async (compressed: AsyncIterable<Buffer>) => {
      for await (const bytes of compressed) await file.write(bytes);
    });
    // The next `write`, or `end`, gets the error.
    this.written.catch(() => {});
  }

  async write(chunk: Buffer): Promise<void> {
    const taken = new Promise<void>((resolve, reject) => {
      this.gzip.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
    // A failing file destroys the compressor. The compressor's own error says less.
    await Promise.race([this.written, taken.catch(() => this.written)]);
  }

  async end(): Promise<void> {
    this.gzip.end();
    await this.written;
  }

  async destroy(): Promise<void> {
    this.gzip.destroy();
    await this.written.catch(() => {});
  }
}

const measured = columns.filter(
  (column): column is Extract<Columns, { measurement: string }> => 'measurement' in column,
);
type Columns = (typeof columns)[number];

function feature(
  rows: Rows,
  k: number,
  classifications: ReadonlyMap<string, string>,
  origin: TableFacts['slide']['origin'],
): string {
  const measurements = measured.map(
    ({ name, measurement, decimals }) =>
      `${JSON.stringify(measurement)}:${decimal(rows[name][k]!, decimals)}`,
  );
  return (
    `{"type":"Feature","id":"${rows.id[k]}",` +
    `"geometry":{"type":"Polygon","coordinates":${coordinates(rows.outline[k]!, origin)}},` +
    `"properties":{"objectType":"detection","classification":${classifications.get(rows.class[k]!)},` +
    `"measurements":{${measurements.join(',')}},"metadata":{"quality":"${rows.quality[k]}"}}}`
  );
}

function coordinates(outline: Polygon, origin: TableFacts['slide']['origin']): string {
  const rings = outline.map((ring) => {
    const points: string[] = [];
    for (let i = 0; i < ring.length; i += 2) {
      const x = decimal(ring[i]! - origin.x, outlineDecimals);
      const y = decimal(ring[i + 1]! - origin.y, outlineDecimals);
      points.push(`[${x},${y}]`);
    }
    return `[${points.join(',')}]`;
  });
  return `[${rings.join(',')}]`;
}
