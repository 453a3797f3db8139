import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { quantile } from 'd3-array';
import { chromium, type Browser, type Page } from 'playwright-core';
import { overlayOf } from '../pipelines/overlay/overlay-of-slide.js';
import { openViewer, type Viewer } from '../pipelines/view/open-viewer.js';
import { ownedCores } from '../src/machine.js';
import { SlideFolder } from '../src/table/slide-folder.js';
import { generatedSlide } from '../testkit/generated-nuclei.js';
import { shared } from '../testkit/shared.js';
import { writeBigSlide } from './big-slide.js';
import { putNuclei, runOnBits } from './generated-results.js';
import type { BenchSection } from './section.js';

const counts = [1_000_000, 10_000_000];
/** Goals: seconds until the density is there, primitives of a frame, milliseconds of JavaScript. */
const goals = { open: [2, 3], points: 150_000, segments: 300_000, js: 4 };
/** Parts of writeBigSlide, in px. */
const part = { width: 8192, height: 4096 };

/** What the page tells of itself. */
interface Handle {
  readonly frame?: { readonly points: number; readonly segments: number; readonly triangles: number };
  readonly busy: boolean;
}

/** The most that any frame drew. */
interface Seen {
  points: number;
  strokes: number;
  /** Frames that were drawn. */
  drawn: number;
}

/** CSS px that a frame of the pan moves by: 1,200 a second at 60 frames a second. */
const dragStep = 20;
/** Steps of a stroke, and strokes. */
const [dragSteps, dragStrokes] = [20, 12];

/** Measures the page of the viewer in Chromium, which draws without a GPU here. */
export async function benchViewer(): Promise<BenchSection> {
  const load = loadavg()[0]!;
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--no-sandbox'],
  });
  const scratch = await mkdtemp(join(tmpdir(), 'hoverslide-viewer-'));
  try {
    const rows = [];
    for (const [k, nuclei] of counts.entries()) {
      const out = await writeResults(join(scratch, String(nuclei)), nuclei);
      rows.push({
        nuclei: nuclei.toExponential(0),
        'goal s': goals.open[k]!,
        ...(await measure(browser, out)),
      });
      await rm(out, { recursive: true });
    }
    return {
      title: "The viewer's page",
      command: 'npm run bench viewer',
      rows,
      notes: [
        `Goals: ${goals.open.join(' and ')} s from the address to the slide with the density of its nuclei; at most ${goals.points} points, or ${goals.segments} segments and triangles, in any frame; ${goals.js} ms of JavaScript in 95 of 100 frames; no byte for a class that is shown or hidden.`,
        `Generated nuclei, not tissue, 5,000 per mm2, over a picture of a real section repeated; 1920 x 1080 px. Frames: a zoom in 60 steps from the whole slide to 0.25 um per px, outlined and filled; then the slide is dragged by ${dragStrokes * dragSteps} steps of ${dragStep} px, each once the one before was drawn (as at 60 frames a second with a GPU). JavaScript: all that an animation frame runs on the main thread (OpenSeadragon, nuclei and marks together), while dragging, in time of that thread; "with waiting" is 95 of 100 from its begin to its end, while others had the core.`,
        'Chromium on software (SwiftShader), on the cores of the server.',
        `The machine had a load of ${load.toFixed(1)} on ${ownedCores()} cores before, from other work: where that is above 0, times are longer than on an idle one.`,
      ],
    };
  } finally {
    await browser.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Makes results of a slide of the size of so many generated nuclei, with these in place of its own. */
async function writeResults(folder: string, nuclei: number): Promise<string> {
  const { path, missing } = shared('slides/tcga-v5-a7re.tif');
  if (missing) throw new Error(`needs ${missing}`);
  await mkdir(folder, { recursive: true });
  const { width, height } = generatedSlide(nuclei);
  const [slide, out] = [join(folder, 'slide.tif'), join(folder, 'results')];
  await writeBigSlide(path, slide, Math.ceil(width / part.width), Math.ceil(height / part.height));
  await runOnBits(slide, out);
  const results = new SlideFolder(join(out, 'slide'));
  await putNuclei(results, nuclei);
  await overlayOf(results);
  return out;
}

async function measure(browser: Browser, out: string) {
  const viewer = await openViewer(out, { port: 0, host: '127.0.0.1' }, (line) => console.error(line));
  try {
    // The server is warm from the first time on, the browser's caches are empty each time.
    const seconds = [];
    for (let k = 0; k < 3; k++) seconds.push(await timeToOpen(browser, viewer));
    const page = await open(browser, viewer);
    const frames = await zoomAndPan(page);
    const requests = await requestsOnToggle(page);
    await page.context().close();
    await new Promise((rest) => setTimeout(rest, 2_000)); // tiles that are being read come to their end
    return {
      'open s': Math.min(...seconds).toFixed(1),
      'median s': quantile(seconds, 0.5)!.toFixed(1),
      'most points': frames.points,
      'most segments': frames.strokes,
      frames: frames.ran.length,
      'JS ms, median': quantile(frames.ran, 0.5)!.toFixed(1),
      'JS ms, 95 of 100': quantile(frames.ran, 0.95)!.toFixed(1),
      'with waiting': quantile(frames.lasted, 0.95)!.toFixed(1),
      'requests on a toggle': requests,
    };
  } finally {
    await viewer.close();
  }
}

async function open(browser: Browser, viewer: Viewer): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1920, height: 1080 } });
  const page = await context.newPage();
  // OpenSeadragon keeps the function that it finds at first.
  await page.addInitScript(() => {
    const scope = globalThis as unknown as {
      hoverslide?: Handle;
      seen: Seen;
      requestAnimationFrame(work: (time: number) => void): number;
    };
    scope.seen = { points: 0, strokes: 0, drawn: 0 };
    let last: Handle['frame'];
    const own = scope.requestAnimationFrame.bind(scope);
    scope.requestAnimationFrame = (work) =>
      own((time) => {
        work(time);
        const frame = scope.hoverslide?.frame;
        if (!frame || frame === last) return;
        last = frame;
        scope.seen.drawn++;
        const { points, segments, triangles } = frame;
        scope.seen.points = Math.max(scope.seen.points, points);
        scope.seen.strokes = Math.max(scope.seen.strokes, segments + triangles);
      });
  });
  await page.goto(`http://127.0.0.1:${viewer.port}/?token=${viewer.token}`);
  await page.getByRole('link', { name: 'slide' }).click();
  await settled(page);
  return page;
}

/** From the address of a slide to its picture with the density. */
async function timeToOpen(browser: Browser, viewer: Viewer): Promise<number> {
  const first = await open(browser, viewer);
  const hash = new URL(first.url()).hash.replace(/\?.*/, '');
  await first.context().close();
  const context = await browser.newContext({ viewport: { width: 1920, height: 1080 } });
  const page = await context.newPage();
  const begun = performance.now();
  await page.goto(`http://127.0.0.1:${viewer.port}/?token=${viewer.token}${hash}`);
  await settled(page, 10);
  const took = (performance.now() - begun) / 1000;
  await context.close();
  return took;
}

/** Waits until all that is in view is there. */
async function settled(page: Page, pause = 100): Promise<void> {
  for (;;) {
    const ready = await page.evaluate(() => {
      const { hoverslide } = globalThis as { hoverslide?: Handle };
      return hoverslide?.frame !== undefined && !hoverslide.busy;
    });
    if (ready) return;
    await page.waitForTimeout(pause);
  }
}

/** Moves through the slide and looks at every frame. */
async function zoomAndPan(page: Page) {
  for (const filled of [false, true]) {
    if (filled) await page.keyboard.press('o');
    await page.keyboard.press('f');
    await settled(page);
    const { x, y, mpp } = await where(page);
    for (let k = 0; k <= 60; k++) {
      const step = mpp * (0.25 / mpp) ** (k / 60);
      await go(page, { x, y, mpp: step });
    }
    await settled(page);
  }
  await page.keyboard.press('o');
  const times = await framesOf(page, () => drag(page));
  const seen = await page.evaluate(() => (globalThis as unknown as { seen: Seen }).seen);
  return { ...seen, ...times };
}

/**
 * Drags the slide to the left by half of the strokes, then upwards. A step is taken once the one before was
 * drawn: so the work of a frame is that of 60 frames a second, however long they take without a GPU.
 */
async function drag(page: Page): Promise<void> {
  const length = dragSteps * dragStep;
  for (let stroke = 0; stroke < dragStrokes; stroke++) {
    const [dx, dy] = stroke < dragStrokes / 2 ? [-dragStep, 0] : [0, -dragStep];
    const [x, y] = [800 - (length / 2) * Math.sign(dx), 500 - (length / 2) * Math.sign(dy)];
    await page.mouse.move(x, y);
    await page.mouse.down();
    for (let k = 1; k <= dragSteps; k++) {
      const before = await page.evaluate(() => (globalThis as unknown as { seen: Seen }).seen.drawn);
      await page.mouse.move(x + k * dx, y + k * dy);
      await page.waitForFunction(
        (count) => (globalThis as unknown as { seen: Seen }).seen.drawn > count,
        before,
        { polling: 5 },
      );
    }
    await page.mouse.up();
  }
  await settled(page);
}

/** Milliseconds of the animation frames of some work: those that the page's thread ran, and those that they lasted. */
async function framesOf(page: Page, work: () => Promise<void>) {
  const session = await page.context().browser()!.newBrowserCDPSession();
  const callbacks: Callback[] = [];
  session.on('Tracing.dataCollected', ({ value }) => {
    for (const event of value as unknown as (Partial<Callback> & { name?: string; ph?: string })[]) {
      if (event.name === 'FireAnimationFrame' && event.ph === 'X') callbacks.push(event as Callback);
    }
  });
  const traceConfig = { includedCategories: ['devtools.timeline'] };
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig });
  await work();
  const complete = new Promise((done) => session.once('Tracing.tracingComplete', done));
  await session.send('Tracing.end');
  await complete;
  await session.detach();
  // The callbacks of a frame run one right after the other.
  const frames: { ran: number; lasted: number; end: number }[] = [];
  for (const { ts, dur, tdur } of callbacks.toSorted((a, b) => a.ts - b.ts)) {
    const frame = frames.at(-1);
    if (!frame || ts - frame.end > 1_000) frames.push({ ran: tdur, lasted: dur, end: ts + dur });
    else Object.assign(frame, { ran: frame.ran + tdur, lasted: frame.lasted + dur, end: ts + dur });
  }
  return {
    ran: frames.map(({ ran }) => ran / 1e3),
    lasted: frames.map(({ lasted }) => lasted / 1e3),
  };
}

/** A function that an animation frame called, as Chromium traces it; in us. */
interface Callback {
  readonly ts: number;
  readonly dur: number;
  /** Of the thread itself. */
  readonly tdur: number;
}

interface Where {
  readonly x: number;
  readonly y: number;
  readonly mpp: number;
}

const where = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { hoverslide: { where: Where } }).hoverslide.where);

/** Goes to a place by its address, and gives it a few frames. */
async function go(page: Page, { x, y, mpp }: Where): Promise<void> {
  const base = page.url().replace(/\?.*/, '');
  await page.goto(`${base}?x=${x}&y=${y}&mpp=${mpp}`);
  await page.waitForTimeout(60);
}

/** Hides and shows a class, and counts what that asks for. */
async function requestsOnToggle(page: Page): Promise<number> {
  let requests = 0;
  page.on('request', () => requests++);
  for (let before = -1; before < requests;) {
    before = requests; // the picture's own tiles
    await page.waitForTimeout(3_000);
  }
  requests = 0;
  for (let k = 0; k < 2; k++) {
    await page.keyboard.press('1');
    await page.waitForTimeout(500);
  }
  return requests;
}
