import assert from 'node:assert/strict';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import sharp from 'sharp';
import type { WithResults } from '../../src/cohort/state.js';
import { StateLog } from '../../src/cohort/state-log.js';
import { thisProcess } from '../../src/cohort/owner.js';
import { SlideFolder } from '../../src/table/slide-folder.js';
import { writeBrokenSlide, writeEmptySlide, writeTinySlide } from '../../testkit/cohort-slides.js';
import { discs, writePaddedSlide, writeSlide } from '../../testkit/slides.js';
import { stubColor, stubGround } from '../../testkit/stub.js';
import { runTest } from '../cohort/run.js';

/** Soft discs everywhere: any shift of the picture shows. */
const spots = Array.from({ length: 12 * 9 }, (_, k) => ({
  x: 60.3 + 120 * (k % 12) + 7 * (k % 3),
  y: 55.7 + 118 * Math.floor(k / 12) + 5 * (k % 5),
  radius: 12 + (k % 7) * 3,
  color: [stubColor(1 + (k % 3))[0], 40, 60] as const, // dark, so that a JPEG keeps their edges
}));

/** A slide of 1,500 x 1,100 px with a level of half its size. */
export const spotted = { width: 1500, height: 1100, pixels: discs(spots, stubGround) };

/** Where the pixels of `padded` lie in its frame. */
export const frame = { width: 900, height: 800, x: 200, y: 100 };

/**
 * Runs a cohort of every kind of slide: spotted, padded (with bounds), field (a PNG), tiny (with a region of interest), broken,
 * empty, and one that seems to be running.
 */
export async function writeCohort(folder: string): Promise<{ out: string; slides: string }> {
  const slides = join(folder, 'my slides');
  const out = join(folder, 'results');
  await mkdir(slides, { recursive: true });
  await writeSlide(join(slides, 'spotted.tif'), { ...spotted, mpp: 0.25, downsamples: [2] });
  const half = { width: 600, height: 500, pixels: spotted.pixels, mpp: 0.25, downsamples: [] };
  await writePaddedSlide(join(slides, 'padded.scn'), { ...half, frame });
  const field = await spotted.pixels(0, 0, 700, 300);
  await sharp(field, { raw: { width: 700, height: 300, channels: 3 } })
    .withMetadata({ density: 101600 })
    .png()
    .toFile(join(slides, 'field.png'));
  await appendFile(join(slides, 'field.png'), '1234'); // read by nobody, but part of its hash
  await writeTinySlide(join(slides, 'tiny.tif'), 1);
  await writeBrokenSlide(join(slides, 'broken.tif'));
  await writeEmptySlide(join(slides, 'empty.tif'));
  await writeTinySlide(join(slides, 'unfinished.tif'), 2);
  const manifest = join(slides, 'cohort.csv');
  await writeFile(
    manifest,
    'slide,patient,roi\nspotted.tif,"<b>P 1</b>",\npadded.scn,,\nfield.png,P 2,\ntiny.tif,,roi.geojson\nbroken.tif,,\nempty.tif,,\n',
  );
  const square = [
    [10, 20],
    [200, 20],
    [200, 250],
    [10, 250],
    [10, 20],
  ];
  await writeFile(join(slides, 'roi.geojson'), JSON.stringify({ type: 'Polygon', coordinates: [square] }));
  const { code, events } = await runTest({ out, manifest });
  assert.equal(code, 1, events.join('\n'));
  await writeRunning(out, join(slides, 'unfinished.tif'));
  return { out, slides };
}

/** Writes the state of a slide that a run is at work on, after number `after`. */
export async function writeRunning(
  out: string,
  path: string,
  after = 0,
  earlier?: WithResults,
): Promise<void> {
  const now = new Date().toISOString();
  const id = parse(path).name;
  const log = new StateLog(new SlideFolder(join(out, id)));
  await log.append(after, {
    state: 'running',
    row: { id, path, bytes: 1, columns: {} },
    owner: thisProcess,
    begun: now,
    heartbeat: now,
    progress: { stage: 'segment', done: 3, total: 12, nuclei: 40 },
    deaths: 0,
    furthest: 0,
    earlier,
  });
}
