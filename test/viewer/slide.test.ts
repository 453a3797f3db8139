import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Papa from 'papaparse';
import sharp from 'sharp';
import { beforeAll, describe, it } from 'vitest';
import { scratchFolder } from '../../testkit/folder.js';
import { readTable } from '../../testkit/product.js';
import { writeCohort } from '../view/cohort.js';
import { browserForFile, needsChromium, type Tab } from './browser.js';

const mpp = 0.25;
const scratch = scratchFolder();
const browse = browserForFile();

interface Row {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly type: string;
  readonly quality: string;
  readonly area: number;
}

describe('the page of a slide', needsChromium, () => {
  let tab: Tab;
  let rows: Row[];

  beforeAll(async () => {
    const { out } = await writeCohort(scratch);
    tab = await browse(out);
    await tab.open();
    const groups = await readTable(join(out, 'spotted'), [
      'id',
      'centroid_x_px',
      'centroid_y_px',
      'class',
      'quality',
      'area_um2',
    ]);
    rows = groups.flatMap((group) =>
      group.id.map((id, k) => ({
        id,
        x: group.centroid_x_px[k]!,
        y: group.centroid_y_px[k]!,
        type: group.class[k]!,
        quality: group.quality[k]!,
        area: group.area_um2[k]!,
      })),
    );
  });

  /** Waits for a class's row in the panel: its name, the key, counts of the slide and, once the view rests, of the view. */
  const classRowIs = async (name: string, expected: RegExp) => {
    const row = tab.page.locator('.classes tbody tr', { hasText: name });
    let text = '';
    await tab.until(
      async () => expected.test((text = await row.innerText())),
      () => text,
    );
  };

  /** Number of requests that some work leads to. */
  const asked = async (work: () => Promise<unknown>) => {
    await tab.settled();
    const before = tab.requests.length;
    await work();
    await tab.settled();
    return tab.requests.slice(before);
  };

  it('opens from the list and shows all nuclei, near by with their outlines', async () => {
    const { page } = tab;
    await page.getByRole('link', { name: 'spotted' }).click();
    await tab.settled();
    const shown = rows.filter(({ quality, type }) => quality === 'ok' && type === 'neoplastic').length;
    await classRowIs('neoplastic', new RegExp(`\\b${shown}\\s+${shown}$`));
    await page.keyboard.press('+');
    await page.keyboard.press('+');
    await tab.settled();
    const { detail, segments } = await tab.frame();
    assert.equal(detail, 'outlines');
    assert.ok(segments > 0);
    tab.check();
  });

  it('counts what is in view', async () => {
    await tab.openSlide('spotted', '?x=400&y=400&mpp=0.2');
    const box = (await tab.page.locator('.stage').boundingBox())!;
    const [halfWidth, halfHeight] = [(box.width * 0.2) / mpp / 2, (box.height * 0.2) / mpp / 2];
    const inside = rows.filter(
      ({ x, y, quality, type }) =>
        quality === 'ok' &&
        type === 'neoplastic' &&
        Math.abs(x - 400) < halfWidth &&
        Math.abs(y - 400) < halfHeight,
    );
    assert.ok(inside.length > 2);
    await classRowIs('neoplastic', new RegExp(`\\b${inside.length}$`));
  });

  it('fetches nothing for classes, opacity, filling, palettes and thresholds', async () => {
    const { page } = tab;
    await tab.openSlide('spotted', '?x=700&y=500&mpp=0.5');
    const fetched = await asked(() => page.selectOption('select[aria-label="Colour nuclei by"]', 'area_um2'));
    assert.ok(
      fetched.some((url) => url.includes('/columns/area_um2')),
      'the first choice fetches values',
    );
    const requests = await asked(async () => {
      await page.getByRole('checkbox', { name: 'neoplastic' }).uncheck();
      await page.getByRole('checkbox', { name: 'filled' }).check();
      await page.getByLabel('Opacity').fill('0.5');
      await page.selectOption('.controls select', 'okabe-ito');
      await page.getByLabel('Lowest area shown').fill('300');
      await page.getByLabel('Highest area shown').fill('700');
    });
    assert.deepEqual(requests, []);
    const { triangles, segments } = await tab.frame();
    assert.ok(triangles > 0 && segments > 0);
    const address = new URL(page.url()).hash;
    assert.match(address, /hide=1&column=area_um2&min=[\d.]+&max=[\d.]+/);
  });

  it('comes back to the same view from its address', async () => {
    const hash = new URL(tab.page.url()).hash;
    const where = await tab.where();
    const other = await browse(join(scratch, 'results'));
    await other.open(hash);
    await other.settled();
    const there = await other.where();
    assert.ok(Math.abs(there.x - where.x) < 0.1 && Math.abs(there.y - where.y) < 0.1);
    assert.ok(Math.abs(there.mpp / where.mpp - 1) < 1e-4);
    assert.equal(await other.page.getByRole('checkbox', { name: 'neoplastic' }).isChecked(), false);
    assert.equal(await other.page.locator('select[aria-label="Colour nuclei by"]').inputValue(), 'area_um2');
    assert.doesNotMatch(hash, /results|slides/, 'no path');
    other.check();
  });

  it('shows the nucleus under the pointer and all that is known of the one that is clicked', async () => {
    const { page } = tab;
    const row = rows.find(({ quality, type }) => quality === 'ok' && type === 'inflammatory')!;
    await tab.openSlide('spotted', `?x=${row.x}&y=${row.y}&mpp=0.125`);
    const { x, y } = await tab.onScreen(row.x, row.y, mpp);
    await page.mouse.move(x + 3, y + 3);
    await page.locator('.tip:visible').waitFor();
    const tip = await page.locator('.tip').first().innerText();
    assert.match(tip, /^inflammatory\n/);
    assert.equal(Number(/area: ([\d.]+) µm²/.exec(tip)![1]), Number(row.area.toPrecision(3)));
    await page.mouse.click(x + 3, y + 3);
    const table = page.locator('.rows table');
    await table.waitFor();
    assert.match(await table.innerText(), new RegExp(row.id));
    await page.keyboard.press('Escape');
    await table.waitFor({ state: 'detached' });
  });

  it('finds a nucleus by its id, or says that there is none', async () => {
    const { page } = tab;
    const row = rows.at(-1)!;
    await page.keyboard.press('/');
    await page.keyboard.type(row.id);
    await page.keyboard.press('Enter');
    await page.locator('.rows table').waitFor();
    await tab.settled();
    const where = await tab.where();
    assert.ok(Math.abs(where.x - row.x) < 0.01 && Math.abs(where.y - row.y) < 0.01);
    const complaints = tab.complaints.length;
    await page.getByLabel('Find a nucleus by its id').fill('00000000-0000-5000-8000-000000000000');
    await page.keyboard.press('Enter');
    await page.locator('.problem:visible').waitFor();
    tab.complaints.length = complaints; // the browser reports the 404
  });

  it('selects by a rectangle and by a lasso, and exports exactly those rows', async () => {
    const { page } = tab;
    await tab.openSlide('spotted', '?x=700&y=500&mpp=0.5&hide=2');
    for (const [key, corners] of [
      [
        'r',
        [
          [300, 200],
          [700, 600],
        ],
      ],
      [
        'l',
        [
          [300, 200],
          [700, 200],
          [700, 600],
        ],
      ],
    ] as const) {
      for (let k = 0; k < 3; k++) await page.keyboard.press('Escape'); // a field, a nucleus, the last shape
      await tab.until(async () => !new URL(page.url()).hash.includes('selection='));
      await page.keyboard.press(key);
      const [first, ...others] = await Promise.all(corners.map(([x, y]) => tab.onScreen(x, y, mpp)));
      await page.mouse.move(first!.x, first!.y);
      await page.mouse.down();
      for (const { x, y } of others) await page.mouse.move(x, y, { steps: key === 'l' ? 5 : 2 });
      await page.mouse.up();
      // The shape is in the address, rounded as it was sent.
      await tab.until(async () => new URL(page.url()).hash.includes('selection='));
      const text = new URLSearchParams(new URL(page.url()).hash.split('?')[1]).get('selection')!;
      const polygon = text.split(';').map((point) => point.split(',').map(Number) as [number, number]);
      const inside = rows.filter(
        ({ x, y, quality, type }) => quality === 'ok' && type !== 'inflammatory' && within(polygon, x, y),
      );
      assert.ok(inside.length > 3);
      await page.locator('.selection').waitFor();
      await page.getByText(`${inside.length} nuclei`, { exact: true }).waitFor();
      const neoplastic = inside.filter(({ type }) => type === 'neoplastic').length;
      const cells = page.locator('.selection tr', { hasText: 'neoplastic' }).locator('td').first();
      assert.equal(await cells.innerText(), String(neoplastic));
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'CSV' }).click(),
      ]);
      assert.equal(download.suggestedFilename(), 'spotted-selection.csv');
      const csv = await readFile(await download.path(), 'utf8');
      const { data } = Papa.parse<{ id: string }>(csv, { header: true, skipEmptyLines: true });
      assert.deepEqual(data.map(({ id }) => id).sort(), inside.map(({ id }) => id).sort());
    }
  });

  it('selects what is in view by a key alone', async () => {
    const { page } = tab;
    await tab.openSlide('spotted', '?x=400&y=400&mpp=0.125');
    await page.keyboard.press('v');
    await page.locator('.selection').waitFor();
    await tab.until(async () => new URL(page.url()).hash.includes('selection='));
    const text = new URLSearchParams(new URL(page.url()).hash.split('?')[1]).get('selection')!;
    const corners = text.split(';').map((point) => point.split(',').map(Number) as [number, number]);
    const inside = rows.filter(({ x, y, quality }) => quality === 'ok' && within(corners, x, y));
    assert.ok(inside.length > 2 && inside.length < rows.length);
    await page.getByText(`${inside.length} nuclei`, { exact: true }).waitFor();
    await page.keyboard.press('Escape');
  });

  it('is led by keys', async () => {
    const { page } = tab;
    await tab.openSlide('spotted', '?x=700&y=500&mpp=0.5');
    await page.keyboard.press('ArrowRight');
    await tab.settled();
    assert.ok((await tab.where()).x > 750);
    await page.keyboard.press('-');
    await tab.settled();
    assert.ok(Math.abs((await tab.where()).mpp - 0.75) < 0.001);
    await page.keyboard.press('1');
    assert.equal(await page.getByRole('checkbox', { name: 'neoplastic' }).isChecked(), false);
    await page.keyboard.press('1');
    await page.keyboard.press('0');
    assert.equal(await page.getByRole('checkbox', { name: 'set aside' }).isChecked(), true);
    await page.keyboard.press('0');
    await page.keyboard.press('?');
    assert.equal(await page.locator('dialog').isVisible(), true);
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'hidden' });
    await page.keyboard.press('n');
    await page.getByRole('heading', { name: 'tiny' }).waitFor();
    await page.keyboard.press('p');
    await page.getByRole('heading', { name: 'spotted' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'tiny' }).waitFor();
    await page.keyboard.press('p');
    await page.getByRole('heading', { name: 'spotted' }).waitFor();
    await page.keyboard.press('n');
    await page.keyboard.press('n'); // before the next page is there
    await page.getByRole('heading', { name: 'unfinished' }).waitFor();
    await page.keyboard.press('u');
    await page.getByRole('table', { name: 'Slides' }).waitFor();
  });

  it('saves a picture of the view', async () => {
    await tab.openSlide('spotted', '?x=700&y=500&mpp=0.5');
    const [download] = await Promise.all([
      tab.page.waitForEvent('download'),
      tab.page.getByRole('button', { name: 'PNG' }).click(),
    ]);
    assert.equal(download.suggestedFilename(), 'spotted.png');
    const box = (await tab.page.locator('.stage').boundingBox())!;
    const { width, height, channels } = await sharp(await download.path()).metadata();
    assert.deepEqual([width, height > box.height, channels >= 3], [box.width, true, true]);
  });

  it('moves a second slide along', async () => {
    const { page } = tab;
    await tab.openSlide('spotted', '?x=700&y=500&mpp=0.5');
    await page.getByRole('button', { name: 'Side by side' }).click();
    await tab.until(async () => {
      const [there, here] = [await tab.beside(), await tab.where()];
      return there !== undefined && Math.abs(there.mpp / here.mpp - 1) < 1e-4;
    });
    await tab.settled();
    const beside = async () => (await tab.beside())!;
    const [before, from] = [await beside(), await tab.where()];
    await page.keyboard.press('ArrowDown');
    await tab.settled();
    const [after, to] = [await beside(), await tab.where()];
    assert.ok(to.y > from.y);
    assert.ok(Math.abs(after.y - before.y - (to.y - from.y)) < 0.01, 'both have 0.25 um per px');
    await page.getByRole('checkbox', { name: 'linked' }).uncheck();
    await page.keyboard.press('ArrowDown');
    await tab.settled();
    assert.deepEqual(await beside(), after);
    await page
      .getByRole('region', { name: 'The slide beside' })
      .getByRole('button', { name: 'Close' })
      .click();
    tab.check();
  });
});

/** The even-odd rule; no centroid lies on an edge here. */
function within(polygon: readonly (readonly [number, number])[], x: number, y: number): boolean {
  let inside = false;
  for (const [k, [ax, ay]] of polygon.entries()) {
    const [bx, by] = polygon[(k + 1) % polygon.length]!;
    if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) inside = !inside;
  }
  return inside;
}
