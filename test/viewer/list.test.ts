import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { readFile, rename, rm, stat } from 'node:fs/promises';
import sharp from 'sharp';
import { beforeAll, describe, it } from 'vitest';
import { StateLog } from '../../src/cohort/state-log.js';
import { SlideFolder } from '../../src/table/slide-folder.js';
import { scratchFolder } from '../../testkit/folder.js';
import { writeCohort, writeRunning } from '../view/cohort.js';
import { browserForFile, needsChromium, type Tab } from './browser.js';

const scratch = scratchFolder();
const browse = browserForFile();

describe('the list of slides', needsChromium, () => {
  let out: string;
  let slides: string;
  let tab: Tab;

  beforeAll(async () => {
    ({ out, slides } = await writeCohort(scratch));
    tab = await browse(out);
    await tab.open();
    await tab.page.getByRole('link', { name: 'spotted' }).waitFor();
  });

  const ids = () => tab.page.locator('.slides tbody th a').allInnerTexts();

  it('shows every slide with its state, its flags and the columns of the manifest', async () => {
    assert.deepEqual(await ids(), ['broken', 'empty', 'field', 'padded', 'spotted', 'tiny', 'unfinished']);
    const row = (id: string) => tab.page.locator('.slides tbody tr', { hasText: id }).innerText();
    assert.match(await row('broken'), /failed/);
    assert.match(await row('unfinished'), /running 25 %/);
    assert.match(await row('empty'), /no tissue was found/);
    assert.match(await row('spotted'), /<b>P 1<\/b>/, 'text as text');
    tab.check();
  });

  it('is searched, filtered and sorted, and keeps that in its address', async () => {
    const { page } = tab;
    await page.getByLabel('Search').fill('<B> p');
    await tab.until(async () => (await ids()).join() === 'spotted');
    await page.getByLabel('Search').fill('');
    await page.getByLabel('State').selectOption('done');
    await tab.until(async () => (await ids()).length === 4);
    await page.getByRole('button', { name: 'Nuclei' }).click();
    const counts = await page.locator('.slides tbody tr:not(.gap) td.number:nth-of-type(3)').allInnerTexts();
    const numbers = counts.map((text) => Number(text.replaceAll(',', '')));
    assert.deepEqual(
      numbers,
      [...numbers].sort((a, b) => b - a),
    );
    const [first, second] = await ids();
    await page.reload();
    await tab.until(async () => (await ids()).length === 4);
    assert.equal((await ids())[0], first);
    await page.keyboard.press('n');
    await page.keyboard.press('n');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: second! }).waitFor();
    await page.goBack();
    await tab.until(async () => (await ids()).length === 4);
  });

  it('shows a slide that is still at work, and a failed one says why', async () => {
    const { page } = tab;
    const key = async (id: string) => (await tab.slides()).find((slide) => slide.id === id)!.key;
    await page.goto(`${tab.address}#/slide/${await key('unfinished')}`);
    await page.locator('.message').waitFor();
    assert.ok((await page.locator('.message').innerText()).length > 10);
    assert.equal(await page.locator('header .state').innerText(), 'running');
    tab.check();
  });

  it('shows nuclei over the thumbnail of a slide that is gone, and how to say where it is', async () => {
    await rename(join(slides, 'spotted.tif'), join(scratch, 'moved.tif'));
    const gone = await browse(out);
    await gone.open();
    await gone.openSlide('spotted');
    assert.match(await gone.page.locator('.message').innerText(), /--slides/);
    const { points, segments } = await gone.frame();
    assert.ok(points + segments > 0);
    assert.equal(await gone.page.locator('img.underlay').isVisible(), true);
    await rename(join(scratch, 'moved.tif'), join(slides, 'spotted.tif'));
    gone.check();
  });

  it('makes the overlay of a table from before', async () => {
    const overlay = new SlideFolder(join(out, 'field')).overlay;
    await rm(overlay);
    await tab.openSlide('field');
    const { points, segments } = await tab.frame();
    assert.ok(points + segments > 0);
    assert.ok((await stat(overlay)).size > 0);
    tab.check();
  });

  it('shows the nuclei of a running slide once they are there', async () => {
    const folder = new SlideFolder(join(out, 'tiny'));
    const { number, state } = (await new StateLog(folder).last())!;
    const away = join(scratch, 'away.json');
    await rename(folder.record, away);
    await writeRunning(out, join(slides, 'tiny.tif'), number);
    const { key } = (await tab.slides()).find(({ id }) => id === 'tiny')!;
    await tab.page.goto(`${tab.address}#/slide/${key}`);
    await tab.page.locator('.message', { hasText: 'the slide is running' }).waitFor();
    await rename(away, folder.record);
    await new StateLog(folder).append(number + 1, state);
    await tab.page.locator('.classes').waitFor();
    await tab.settled();
    const { points, segments } = await tab.frame();
    assert.ok(points + segments > 0);
    tab.check();
  });

  it("shows the server's picture of the nuclei in a browser without WebGL2", async () => {
    const old = await browse(out);
    await old.page.addInitScript(() => {
      const { prototype } = (globalThis as unknown as { HTMLCanvasElement: { prototype: Canvas } })
        .HTMLCanvasElement;
      prototype.getContext = new Proxy(prototype.getContext, {
        apply: (own, canvas, given: [string]): unknown =>
          given[0] === 'webgl2' ? null : Reflect.apply(own, canvas, given),
      });
    });
    await old.open();
    const { key } = (await old.slides()).find(({ id }) => id === 'spotted')!;
    const picture = old.page.waitForResponse((response) => response.url().includes('/density'));
    await old.page.goto(`${old.address}#/slide/${key}`);
    const { data } = await sharp(await (await picture).body())
      .raw()
      .toBuffer({ resolveWithObject: true });
    assert.ok(data.some((sample) => sample > 0));
    await old.page.locator('.message', { hasText: 'WebGL' }).waitFor();
    old.check();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has nothing that axe finds fault with, in ${colorScheme}`, async () => {
      const seen = await browse(out, { colorScheme });
      await seen.open();
      await seen.page.getByRole('link', { name: 'spotted' }).waitFor();
      assert.deepEqual(await violations(seen), []);
      await seen.openSlide(
        'spotted',
        '?x=700&y=500&mpp=0.5&column=area_um2&selection=100,100;900,100;900,900',
      );
      await seen.page.locator('.selection').waitFor();
      await seen.page.keyboard.press('?');
      assert.deepEqual(await violations(seen), []);
      await seen.page.keyboard.press('Escape');
      await seen.page.locator('dialog').waitFor({ state: 'hidden' });
      assert.deepEqual(await violations(seen), []);
      await seen.page.setViewportSize({ width: 820, height: 1180 });
      await seen.settled();
      const width = await seen.page.evaluate(() => {
        const { document } = globalThis as unknown as {
          document: { documentElement: { scrollWidth: number } };
        };
        return document.documentElement.scrollWidth;
      });
      assert.equal(width, 820);
    });
  }
});

/** Of the DOM, whose types tests do not have. */
interface Canvas {
  getContext: (kind: string, ...others: unknown[]) => unknown;
}

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe-core says of the page, a line each. */
async function violations({ page }: Tab): Promise<string[]> {
  await page.evaluate(await readFile(axe, 'utf8'));
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
}
