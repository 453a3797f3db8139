import assert from 'node:assert/strict';
import { cp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, it } from 'vitest';
import { scratchFolder } from '../../testkit/folder.js';
import { readTable } from '../../testkit/product.js';
import { writeCohort } from '../view/cohort.js';
import { browserForFile, needsChromium } from './browser.js';

const mpp = 0.25;
const scratch = scratchFolder();
const browse = browserForFile();

// A slide's page as it is met on a tablet, by a damaged address, while a run replaces what it shows.

describe('the page of a slide', needsChromium, () => {
  let out = '';
  let nucleus = { id: '', x: 0, y: 0 };

  beforeAll(async () => {
    ({ out } = await writeCohort(scratch));
    const [group] = await readTable(join(out, 'spotted'), [
      'id',
      'centroid_x_px',
      'centroid_y_px',
      'quality',
    ]);
    const k = group!.quality.indexOf('ok');
    nucleus = { id: group!.id[k]!, x: group!.centroid_x_px[k]!, y: group!.centroid_y_px[k]! };
  });

  it('is led by fingers: a tap pins, two that part zoom, one moves', async () => {
    const tab = await browse(out, { hasTouch: true, viewport: { width: 820, height: 1180 } });
    const { page } = tab;
    await tab.open();
    await tab.openSlide('spotted', `?x=${nucleus.x}&y=${nucleus.y}&mpp=0.125`);
    const middle = await tab.onScreen(nucleus.x, nucleus.y, mpp);
    await page.touchscreen.tap(middle.x, middle.y);
    await page.locator('.rows table', { hasText: nucleus.id }).waitFor();
    const fingers = await page.context().newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...offsets: readonly number[]) =>
      fingers.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: offsets.map((offset, id) => ({ x: middle.x + offset, y: middle.y, id })),
      });
    await touch('touchStart', -30, 30);
    for (const apart of [40, 60, 90]) await touch('touchMove', -apart, apart);
    await touch('touchMove', -90); // one finger leaves first
    await touch('touchEnd');
    await tab.settled();
    const near = await tab.where();
    assert.ok(near.mpp < 0.06, `${near.mpp} um per px after 0.125`);
    const drift = (Math.abs(near.x - nucleus.x) * mpp) / near.mpp;
    assert.ok(drift < 30, `what lies between the fingers stays there, to ${drift} px of the screen`);
    await page.waitForTimeout(1000); // so that it is another gesture
    const drag = async () => {
      await touch('touchStart', 0);
      for (const left of [-20, -60, -100]) await touch('touchMove', left);
      await touch('touchEnd');
    };
    const moved = async () => (await tab.where()).x - near.x;
    await tab.until(
      async () => {
        await drag(); // again, if the browser gave one up, as it may where a page is busy
        await page.waitForTimeout(1000); // not `settled`: the view rests until a gesture's first frame, too
        return (await moved()) > 5;
      },
      () => 'the slide moved with the finger',
    );
    tab.check();
  });

  it('shows the slide, whatever place an address names', async () => {
    const tab = await browse(out);
    await tab.open();
    for (const query of [
      '?x=1e300&y=-1e300&mpp=1e-300',
      '?x=-99999&y=99999&mpp=1e300',
      '?x=a&y=&mpp=-1',
      '?x=700&y=500&mpp=0.5&selection=1,2;3&hide=x&column=none&min=z&beside=none',
    ]) {
      await tab.openSlide('spotted', query);
      const { x, y, mpp: screen } = await tab.where();
      const half = { x: (900 / 2) * (screen / mpp), y: (700 / 2) * (screen / mpp) };
      assert.ok(x > -half.x && x < 1500 + half.x && y > -half.y && y < 1100 + half.y, `${query}: ${x}, ${y}`);
      assert.ok(screen > 0.01 && screen < 10, `${query}: ${screen} um per px`);
      await tab.page.goto(`${tab.address}#/`);
    }
  });

  it('says so when another run has replaced the nuclei that it shows', async () => {
    const copy = join(scratch, 'again');
    await cp(out, copy, { recursive: true });
    const tab = await browse(copy);
    const { page } = tab;
    await tab.open();
    await tab.openSlide('spotted', `?x=${nucleus.x}&y=${nucleus.y}&mpp=0.125`);
    const table = join(copy, 'spotted', 'nuclei.parquet');
    await cp(table, `${table}.new`);
    await rename(`${table}.new`, table); // as a run does it
    await page.keyboard.press('/');
    await page.keyboard.type(nucleus.id);
    await page.keyboard.press('Enter');
    await page.locator('.problem', { hasText: 'have changed: load the page anew' }).waitFor();
    await page.reload();
    await tab.settled();
    const { x, y } = await tab.onScreen(nucleus.x, nucleus.y, mpp);
    await page.mouse.click(x, y);
    await page.locator('.rows table', { hasText: nucleus.id }).waitFor();
  });
});
