import assert from 'node:assert/strict';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { beforeAll, describe, it } from 'vitest';
import type { WithResults } from '../../src/cohort/state.js';
import { StateLog } from '../../src/cohort/state-log.js';
import { writeTumour } from '../../src/features/tumour-file.js';
import { SlideFolder } from '../../src/table/slide-folder.js';
import type { CohortView } from '../../src/view/messages.js';
import { scratchFolder } from '../../testkit/folder.js';
import { browse, writePage } from './client.js';
import { frame, writeCohort, writeRunning } from './cohort.js';

const scratch = scratchFolder();
let [out, slides, page] = ['', '', ''];

beforeAll(async () => {
  ({ out, slides } = await writeCohort(scratch));
  page = await writePage(scratch);
});

describe('the list of slides', () => {
  it('has every slide with its state, counts, flags and columns of the manifest', async () => {
    const browser = await browse(out, page);
    const { name, columns, slides, first } = await browser.json<CohortView>('/api/cohort');
    assert.equal(name, 'results');
    assert.equal(first, undefined);
    assert.deepEqual(columns, ['patient']);
    assert.deepEqual(
      slides.map(({ id, state }) => `${id} ${state}`),
      [
        'broken failed',
        'empty skipped',
        'field done',
        'padded done',
        'spotted done',
        'tiny done',
        'unfinished running',
      ],
    );
    const [broken, empty, , , spotted, , unfinished] = slides;
    assert.match(broken!.reason!, /^broken\.tif: /, 'without its folder');
    assert.deepEqual(empty!.flags, ['no tissue was found']);
    assert.equal(spotted!.manifest['patient'], '<b>P 1</b>');
    assert.ok(spotted!.nuclei! > 50 && spotted!.tissueMm2! > 0.05);
    assert.equal(
      Object.values(spotted!.counts!).reduce((sum, count) => sum + count),
      spotted!.nuclei,
    );
    assert.equal(unfinished!.progress, 0.25);
    assert.equal(new Set(slides.map(({ key }) => key)).size, slides.length);
  });

  it('keeps the keys of slides and shows what has changed', async () => {
    const before = await (await browse(out, page)).json<CohortView>('/api/cohort');
    const copy = join(scratch, 'changing');
    await cp(out, copy, { recursive: true });
    const browser = await browse(copy, page);
    const after = await browser.json<CohortView>('/api/cohort');
    assert.deepEqual(
      after.slides.map(({ key }) => key),
      before.slides.map(({ key }) => key),
    );
    await rm(join(copy, 'tiny'), { recursive: true });
    await new Promise((later) => setTimeout(later, 2_100)); // a look holds for two seconds
    const { slides } = await browser.json<CohortView>('/api/cohort');
    assert.ok(!slides.some(({ id }) => id === 'tiny'));
  });

  it("begins with the slide whose folder was named, in its run's list", async () => {
    const browser = await browse(join(out, 'tiny'), page);
    const { first, slides } = await browser.json<CohortView>('/api/cohort');
    assert.equal(slides.length, 7);
    assert.equal(slides.find(({ key }) => key === first)!.id, 'tiny');
  });

  it('shows the thumbnails of slides', async () => {
    const browser = await browse(out, page);
    const { key } = await browser.slide('spotted');
    const { status, headers, body } = await browser.ask(`/api/slides/${key}/thumbnail`);
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'image/jpeg');
    assert.deepEqual(body, await readFile(join(out, 'spotted', 'thumbnail.jpg')));
    const { key: broken, thumbnail } = await browser.slide('broken');
    assert.equal(thumbnail, false);
    assert.equal((await browser.ask(`/api/slides/${broken}/thumbnail`)).status, 404);
  });
});

describe('a slide', () => {
  it('has its size, classes in the colours of the card, measures and layers', async () => {
    const view = await (await browse(out, page)).view('spotted');
    assert.deepEqual([view.width, view.height, view.mpp], [1500, 1100, 0.25]);
    assert.deepEqual(view.origin, { x: 0, y: 0 });
    assert.deepEqual(view.pixels, { tileSize: 512, overlap: 1 });
    assert.ok('count' in view.nuclei && view.nuclei.count > 50);
    const counted = view.classes.reduce((sum, { count }) => sum + count, 0);
    assert.ok(counted > 0 && view.classes.every(({ color }) => /^#[0-9a-f]{6}$/.test(color)));
    assert.deepEqual(view.columns.find(({ name }) => name === 'area_um2')?.unit, 'um2');
    assert.deepEqual(
      view.layers.map(({ name }) => name),
      ['tissue'],
    );
    assert.equal(view.model?.name, 'stub');
  });

  it('that is running is shown without nuclei, with the reason', async () => {
    const view = await (await browse(out, page)).view('unfinished');
    assert.equal(view.state, 'running');
    assert.ok('missing' in view.nuclei && /its nuclei come when it is done/.test(view.nuclei.missing));
    assert.deepEqual(view.pixels, { tileSize: 512, overlap: 1 });
    assert.equal(view.width, 288);
  });

  it('that is being done anew is shown with the nuclei from before', async () => {
    const copy = join(scratch, 'anew');
    await cp(out, copy, { recursive: true });
    const last = (await new StateLog(new SlideFolder(join(copy, 'spotted'))).last())!;
    const before = await (await browse(copy, page)).view('spotted');
    await writeRunning(copy, join(slides, 'spotted.tif'), last.number, last.state as WithResults);
    const view = await (await browse(copy, page)).view('spotted');
    assert.equal(view.state, 'running');
    assert.deepEqual({ ...view, state: before.state }, before);
  });

  it('of which neither picture nor results can be read says so in one line without folders', async () => {
    const browser = await browse(out, page);
    const { key } = await browser.slide('broken');
    const { status, body } = await browser.ask(`/api/slides/${key}`);
    assert.equal(status, 422);
    const { error } = JSON.parse(body.toString()) as { error: string };
    assert.match(error, /^broken\.tif: /);
    assert.ok(!error.includes(basename(slides)), error);
  });

  it('without nuclei is shown', async () => {
    const browser = await browse(out, page);
    const view = await browser.view('empty');
    assert.ok('count' in view.nuclei && view.nuclei.count === 0);
    const layer = await browser.json<{ features: unknown[] }>(`/api/slides/${view.key}/layers/tissue`);
    assert.deepEqual(layer.features, []);
  });
});

interface Layer {
  readonly features: { readonly geometry: { readonly coordinates: [number, number][][] } }[];
}

describe('layers', () => {
  it('have the tumour region once features count by it', async () => {
    const copy = join(scratch, 'with-features');
    await cp(join(out, 'padded'), join(copy, 'padded'), { recursive: true });
    const folder = new SlideFolder(join(copy, 'padded'));
    const square = [
      frame.x,
      frame.y,
      frame.x + 200,
      frame.y,
      frame.x + 200,
      frame.y + 100,
      frame.x,
      frame.y + 100,
    ];
    await writeTumour(folder.tumour, { outlines: [[Float64Array.from(square)]] }, frame);
    const layers = async () => (await (await browse(copy, page)).view('padded')).layers;
    assert.ok(!(await layers()).some(({ name }) => name === 'tumour'), 'it is part of features');
    await writeFile(folder.features, '{}');
    assert.ok((await layers()).some(({ name }) => name === 'tumour'));
    const browser = await browse(copy, page);
    const { key } = await browser.slide('padded');
    const { features } = await browser.json<Layer>(`/api/slides/${key}/layers/tumour`);
    const [ring] = features[0]!.geometry.coordinates;
    assert.deepEqual(ring!.flat(), [...square, ...square.slice(0, 2)]);
  });

  it('are polygons in level-0 px, wherever QuPath counts from', async () => {
    const browser = await browse(out, page);
    const { key } = await browser.slide('padded');
    const { features } = await browser.json<Layer>(`/api/slides/${key}/layers/tissue`);
    const points = features.flatMap(({ geometry }) => geometry.coordinates.flat());
    const xs = points.map(([x]) => x);
    const ys = points.map(([, y]) => y);
    const cell = 32; // the mask's pixel: 8 um
    assert.ok(
      Math.min(...xs) >= frame.x - cell && Math.max(...xs) <= frame.x + 600 + cell,
      `${Math.min(...xs)} ${Math.max(...xs)}`,
    );
    assert.ok(Math.min(...ys) >= frame.y - cell && Math.max(...ys) <= frame.y + 500 + cell);
    assert.ok(Math.max(...xs) > frame.x + 300, 'moved by the origin');
    for (const { geometry } of features) {
      for (const ring of geometry.coordinates) assert.deepEqual(ring[0], ring.at(-1));
    }
  });

  it('have the region of interest of the run', async () => {
    const browser = await browse(out, page);
    const view = await browser.view('tiny');
    assert.deepEqual(
      view.layers.map(({ name }) => name),
      ['tissue', 'region'],
    );
    type Layer = { features: { geometry: { coordinates: unknown } }[] };
    const { features } = await browser.json<Layer>(`/api/slides/${view.key}/layers/region`);
    assert.deepEqual(features[0]!.geometry.coordinates, [
      [
        [10, 20],
        [200, 20],
        [200, 250],
        [10, 250],
        [10, 20],
      ],
    ]);
    const { key } = await browser.slide('spotted');
    assert.equal((await browser.ask(`/api/slides/${key}/layers/region`)).status, 404);
  });
});
