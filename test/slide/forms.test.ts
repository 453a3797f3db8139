import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, it } from 'vitest';
import { HoverslideError } from '../../src/errors.js';
import { readThumbnail } from '../../src/slide/region.js';
import { openSlide, type Slide } from '../../src/slide/slide.js';
import { packageRoot } from '../../src/package-root.js';
import { scratchFolder } from '../../testkit/folder.js';
import { needs } from '../../testkit/needs.js';
import { python } from '../../testkit/python.js';

/** What forms.py writes of each file. */
interface Cell {
  readonly file: string;
  readonly want: 'right' | 'refused' | 'either';
  /** Largest difference that the compression may make. */
  readonly lossy: number;
  readonly mpp: number | null;
  readonly kind: string;
  readonly reference?: string;
  readonly width?: number;
  readonly height?: number;
}

const folder = scratchFolder();
const { run, missing } = python('tifffile', 'imagecodecs', 'openslide', 'PIL');
const cells: Cell[] = [];

function mostApart(a: Uint8Array, b: Uint8Array): number {
  assert.equal(a.length, b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

/** Wrong in how it is read; undefined if all is as tifffile reads it. */
async function wrongIn(cell: Cell, slide: Slide): Promise<string | undefined> {
  const { width, height } = slide;
  if (width !== cell.width || height !== cell.height) return `${width} x ${height}`;
  const expected = readFileSync(join(folder, cell.reference!));
  const apart = mostApart(await slide.readLevel(0, { x: 0, y: 0, width, height }), expected);
  if (apart > cell.lossy + 1) return `pixels differ by up to ${apart}`;
  if (cell.mpp !== null && Math.abs(slide.pixelSize.mpp / cell.mpp - 1) > 1e-5)
    return `${slide.pixelSize.mpp} um`;
  return undefined;
}

/** How a cell ends: `right`, `refused`, or what is wrong. */
async function outcome(cell: Cell): Promise<string> {
  // Pixel sizes are another matter, but where a cell is about them.
  const mpp = cell.mpp === null && cell.kind !== 'pixelSize' ? 0.25 : undefined;
  let slide;
  try {
    slide = await openSlide(join(folder, cell.file), { mpp, forceMpp: true });
    return (await wrongIn(cell, slide)) ?? 'right';
  } catch (error) {
    if (!(error instanceof HoverslideError)) return String(error);
    const named = error.message.includes(cell.file) && !error.message.includes('\n');
    return named && error.kind === cell.kind ? 'refused' : `${error.kind}: ${error.message}`;
  } finally {
    await slide?.close();
  }
}

describe('an image in any form', needs(missing), () => {
  beforeAll(() => {
    run(join(packageRoot, 'test', 'slide', 'forms.py'), folder);
    cells.push(...(JSON.parse(readFileSync(join(folder, 'cells.json'), 'utf8')) as { cells: Cell[] }).cells);
  });

  it('is read as tifffile reads it, or refused by name', async ({ annotate }) => {
    const wrong: string[] = [];
    const counts: Record<string, number> = {};
    for (const cell of cells) {
      const found = await outcome(cell);
      counts[found] = (counts[found] ?? 0) + 1;
      const fits = cell.want === 'either' ? ['right', 'refused'].includes(found) : found === cell.want;
      if (!fits) wrong.push(`${cell.file}: expected ${cell.want}, found ${found}`);
    }
    await annotate(`${cells.length} forms: ${counts['right']} read right, ${counts['refused']} refused`);
    assert.deepEqual(wrong, []);
  });

  it('shows the same on a low level, padded to whole tiles or not', async () => {
    const thumbnails = [];
    for (const name of ['pyramid-exact', 'pyramid-padded', 'pyramid-padded-unsaid', 'pages-reduced-strip']) {
      const slide = await openSlide(join(folder, `${name}.tif`), { mpp: 0.25 });
      thumbnails.push(await readThumbnail(slide, 4));
      await slide.close();
    }
    const [exact, ...others] = thumbnails;
    for (const { width, height, data } of others) {
      assert.deepEqual([width, height], [exact!.width, exact!.height]);
      // but at the border, where pixels are mixed with what is beyond: background, or a plain image's mirror image
      const inner = (values: Uint8Array) =>
        values.filter((_, i) => {
          const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
          return x > 0 && y > 0 && x < width - 1 && y < height - 1;
        });
      assert.ok(mostApart(inner(data), inner(exact!.data)) < 4);
    }
  });
});
