import assert from 'node:assert/strict';
import { cp, mkdir, readFile, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, it, onTestFinished } from 'vitest';
import { scratchFolder } from '../../testkit/folder.js';
import { levelTile } from '../../testkit/slides.js';
import { stubGround } from '../../testkit/stub.js';
import { browse, writePage } from './client.js';
import { frame, spotted, writeCohort, writeRunning } from './cohort.js';

const scratch = scratchFolder();
let [out, slides, page] = ['', '', ''];

beforeAll(async () => {
  ({ out, slides } = await writeCohort(scratch));
  page = await writePage(scratch);
});

/** The pixels of a JPEG. */
async function decoded(jpeg: Buffer) {
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** Mean difference of samples where two pictures overlap, the first moved by (dx, dy). Their outermost pixels are left out. */
function difference(
  a: { data: Uint8Array; width: number; height: number },
  b: Uint8Array,
  [dx, dy]: readonly [number, number],
): number {
  let [sum, count] = [0, 0];
  for (let y = 2; y < a.height - 2; y++) {
    for (let x = 2; x < a.width - 2; x++) {
      for (let c = 0; c < 3; c++) {
        sum += Math.abs(a.data[(y * a.width + x) * 3 + c]! - b[((y + dy) * a.width + x + dx) * 3 + c]!);
        count++;
      }
    }
  }
  return sum / count;
}

describe('pixels', () => {
  const moves = [-1, 0, 1].flatMap((dx) => [-1, 0, 1].map((dy) => [dx, dy] as const));

  // Level 0, the slide's own level of half its size, and one that is made from that.
  for (const [level, scale, x, y] of [
    [11, 1, 1, 1],
    [10, 2, 1, 0],
    [9, 4, 0, 0],
  ] as const) {
    it(`cover what they should, at ${scale} level-0 px each`, async () => {
      const browser = await browse(out, page);
      const { key } = await browser.slide('spotted');
      const { status, body } = await browser.ask(`/api/slides/${key}/pixels/${level}/${x}_${y}`);
      assert.equal(status, 200);
      const tile = await decoded(body);
      const [left, top] = [Math.max(0, 512 * x - 1), Math.max(0, 512 * y - 1)];
      assert.equal(tile.width, Math.min(512 * (x + 1) + 1, Math.ceil(1500 / scale)) - left);
      assert.equal(tile.height, Math.min(512 * (y + 1) + 1, Math.ceil(1100 / scale)) - top);
      const square = 514;
      const mean = await levelTile(spotted, scale, left, top, square);
      const expected = new Uint8Array(tile.width * tile.height * 3);
      for (let row = 0; row < tile.height; row++) {
        expected.set(mean.subarray(row * square * 3, (row * square + tile.width) * 3), row * tile.width * 3);
      }
      const differences = moves.map((move) => difference(tile, expected, move));
      assert.ok(differences[4]! < 4, `in place: ${differences[4]}`);
      const moved = Math.min(...differences.filter((_, k) => k !== 4));
      assert.ok(moved > differences[4]! * 1.3, `in place ${differences[4]}, a pixel away ${moved}`);
    });
  }

  it('of a slide with bounds lie in the whole frame, with its background around', async () => {
    const browser = await browse(out, page);
    const view = await browser.view('padded');
    assert.deepEqual([view.width, view.height], [frame.width, frame.height]);
    assert.deepEqual(view.origin, { x: frame.x, y: frame.y });
    const { body } = await browser.ask(`/api/slides/${view.key}/pixels/10/0_0`);
    const { data, width } = await decoded(body);
    const at = (x: number, y: number) => [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
    assert.deepEqual(at(100, 50), [255, 255, 255]);
    const ground = at(frame.x + 8, frame.y + 8);
    assert.ok(
      ground.every((value, c) => Math.abs(value - stubGround[c]!) < 8),
      ground.join(),
    );
  });

  it('of a plain image are served too', async () => {
    const browser = await browse(out, page);
    const view = await browser.view('field');
    assert.deepEqual([view.width, view.height], [700, 300]);
    const { body } = await browser.ask(`/api/slides/${view.key}/pixels/10/1_0`);
    const tile = await decoded(body);
    assert.deepEqual([tile.width, tile.height], [189, 300]);
    assert.ok(difference(tile, await spotted.pixels(511, 0, 189, 300), [0, 0]) < 4);
  });

  it('are not sent again while the slide is the same', async () => {
    const browser = await browse(out, page);
    const { key } = await browser.slide('spotted');
    const address = `/api/slides/${key}/pixels/11/0_0`;
    const first = await browser.ask(address);
    assert.match(first.headers['cache-control']!, /private/);
    const etag = first.headers['etag']!;
    const again = await browser.ask(address, { headers: { 'if-none-match': etag } });
    assert.equal(again.status, 304);
    assert.equal(again.body.length, 0);
    const other = await browser.ask(`/api/slides/${key}/pixels/11/1_0`, {
      headers: { 'if-none-match': etag },
    });
    assert.equal(other.status, 200);
  });

  it('come for those who still wait when others went away', async () => {
    const browser = await browse(out, page);
    const { key } = await browser.slide('spotted');
    const cookie = await browser.cookie();
    const addresses = [11, 10, 9, 8].flatMap((level) => [`/api/slides/${key}/pixels/${level}/0_0`]);
    const gone = new AbortController();
    const given = addresses.flatMap((address) =>
      Array.from({ length: 4 }, () =>
        fetch(`http://127.0.0.1:${browser.port}${address}`, {
          headers: { cookie },
          signal: gone.signal,
        }).catch(() => undefined),
      ),
    );
    setTimeout(() => gone.abort(), 5);
    await Promise.all(given);
    const tiles = await Promise.all(addresses.map((address) => browser.ask(address)));
    assert.deepEqual(
      tiles.map(({ status }) => status),
      addresses.map(() => 200),
    );
    assert.deepEqual(browser.faults, []);
  });

  it('may be amid being read when the viewer ends', async () => {
    for (let k = 0; k < 4; k++) {
      const browser = await browse(out, page);
      const { key } = await browser.slide('spotted');
      const address = (level: number, x: number) => `/api/slides/${key}/pixels/${level}/${x}_0`;
      assert.equal((await browser.ask(address(8, 0))).status, 200, 'a thread is at work from now on');
      const cut = [0, 1, 2].map((x) => browser.ask(address(11, x)).then(({ status }) => status, String));
      await new Promise((rest) => setTimeout(rest, 4 * k));
      await browser.viewer.close();
      for (const answer of await Promise.all(cut)) assert.match(String(answer), /^200$|ECONNRESET|hang up/);
      assert.deepEqual(browser.faults, []);
    }
  });
});

describe('a slide whose pixels are damaged', () => {
  it('has the tiles that can be read, and of the others the reason', async () => {
    const bytes = await readFile(join(slides, 'spotted.tif'));
    bytes.fill(0, bytes.length / 4, bytes.length / 4 + 5_000);
    const path = join(scratch, 'torn.tif');
    await writeFile(path, bytes);
    const copy = join(scratch, 'with a torn slide');
    await cp(out, copy, { recursive: true });
    await writeRunning(copy, path);
    const browser = await browse(copy, page);
    const { key } = await browser.slide('torn');
    const places = ['0_0', '1_0', '2_0', '0_1', '1_1', '2_1', '0_2', '1_2', '2_2'];
    const wrong = async (order: readonly string[]) => {
      const found: string[] = [];
      for (const place of order) {
        const { status, body } = await browser.ask(`/api/slides/${key}/pixels/11/${place}`);
        if (status === 200) continue;
        assert.equal(status, 422);
        assert.match(body.toString(), /^\{"error":"torn\.tif: cannot read/);
        found.push(place);
      }
      return found.sort();
    };
    const first = await wrong(places);
    assert.ok(first.length > 0 && first.length < places.length, first.join());
    assert.deepEqual(await wrong(places.toReversed()), first, 'whatever was asked before');
    assert.deepEqual(browser.faults, []);
  });
});

describe('a slide that is not where it was', () => {
  it('is shown without its picture, with the way out, and found in a folder by its name', async () => {
    const away = join(scratch, 'away', 'deep');
    await mkdir(away, { recursive: true });
    await rename(join(slides, 'field.png'), join(away, 'field.png'));
    onTestFinished(() => rename(join(away, 'field.png'), join(slides, 'field.png')));
    const browser = await browse(out, page);
    const view = await browser.view('field');
    assert.ok('missing' in view.pixels);
    assert.match(view.pixels.missing, /^field\.png: .*not there any more.*--slides/);
    assert.equal((await browser.ask(`/api/slides/${view.key}/pixels/10/0_0`)).status, 404);
    assert.ok('count' in view.nuclei);

    const again = await browse(out, page, { slides: join(scratch, 'away') });
    assert.deepEqual((await again.view('field')).pixels, { tileSize: 512, overlap: 1 });
    assert.equal((await again.ask(`/api/slides/${view.key}/pixels/10/0_0`)).status, 200);
  });

  it('is not mistaken for another one of its name', async () => {
    const path = join(slides, 'field.png');
    const kept = join(scratch, 'kept.png');
    await rename(path, kept);
    onTestFinished(() => rename(kept, path));
    const bytes = await readFile(kept);
    const missing = async () => {
      const { pixels } = await (await browse(out, page)).view('field');
      return 'missing' in pixels ? pixels.missing : undefined;
    };
    await cp(join(slides, 'tiny.tif'), path);
    assert.match((await missing())!, /^field\.png: not the slide .* expected 700 x 300 px, found 288 x 288/);
    await writeFile(path, Buffer.concat([bytes, Buffer.from('5')]));
    assert.match((await missing())!, /expected \d+ bytes, found \d+/);
    await writeFile(path, Buffer.concat([bytes.subarray(0, -4), Buffer.from('4321')]));
    assert.match((await missing())!, /expected content [0-9a-f]{8}, found [0-9a-f]{8}/);

    await writeFile(path, await readFile(kept));
    await utimes(path, 1, 1);
    assert.equal(await missing(), undefined, 'a copy of later is the same slide');
  });
});
