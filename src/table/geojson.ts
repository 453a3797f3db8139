import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { AtomicFile } from '../files.js';
import type { NucleiBlock } from '../nuclei/block.js';
import { columns, type NumberColumn } from './columns.js';
import { classOf, type TableContext, type TableWriter } from './context.js';
import { nucleusId } from './id.js';
import { outline } from './outline.js';
import { ChunkedText, decimal, outlineDecimals } from './text.js';

/**
 * Opens a GeoJSON file for QuPath (0.4 and later), compressed with gzip: one detection per nucleus.
 *
 * QuPath shows a slide cropped to openslide.bounds-* (unless it was imported with --no-crop) and counts pixels from
 * there. So the origin of the bounds is subtracted. QuPath's regions of interest run along pixel edges, as ours do:
 * (0, 0) is the upper left corner of the first pixel.
 */
export async function openGeoJson(path: string, context: TableContext): Promise<TableWriter> {
  const file = await AtomicFile.open(path);
  const gzip = new GzipFile(file);
  const text = new ChunkedText((chunk) => gzip.write(chunk));
  await text.append('{"type":"FeatureCollection","features":[');
  let separator = '\n';
  return {
    async write(block) {
      for (let k = 0; k < block.count; k++) {
        await text.append(separator + feature(block, k, context));
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
  (column): column is typeof column & MeasuredColumn => 'measurement' in column,
);
type MeasuredColumn = NumberColumn & { measurement: string };

function feature(block: NucleiBlock, k: number, context: TableContext): string {
  const id = nucleusId(context.slideHash, block.firstPixel[2 * k]!, block.firstPixel[2 * k + 1]!);
  const { name, color } = classOf(context.classes, block.type[k]!);
  const classification = JSON.stringify({ name, color });
  const measurements = measured.map(
    ({ measurement, value, decimals }) =>
      `${JSON.stringify(measurement)}:${decimal(value(block, k, context), decimals)}`,
  );
  return (
    `{"type":"Feature","id":"${id}",` +
    `"geometry":{"type":"Polygon","coordinates":${coordinates(block, k, context)}},` +
    `"properties":{"objectType":"detection","classification":${classification},` +
    `"measurements":{${measurements.join(',')}}}}`
  );
}

function coordinates(block: NucleiBlock, k: number, { space, origin }: TableContext): string {
  const rings = outline(block, k, space).map((ring) => {
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
