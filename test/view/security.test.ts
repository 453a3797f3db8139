import assert from 'node:assert/strict';
import { cp, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, it } from 'vitest';
import type { CohortView } from '../../src/view/messages.js';
import { packageRoot } from '../../src/package-root.js';
import { openSlide } from '../../src/slide/slide.js';
import { scratchFolder } from '../../testkit/folder.js';
import { writeTinySlide } from '../../testkit/cohort-slides.js';
import { runTest } from '../cohort/run.js';
import { ask, browse, writePage, type Answer } from './client.js';

const scratch = scratchFolder();
const out = join(scratch, 'results');
const sample = join(packageRoot, 'samples', 'CMU-1-Small-Region.svs');
let page = '';

beforeAll(async () => {
  page = await writePage(scratch);
  const slide = join(scratch, 'tiny.tif');
  await writeTinySlide(slide, 1);
  const manifest = join(scratch, 'cohort.csv');
  await writeFile(manifest, `slide,roi\n${slide},\n${sample},"1000,1000,300,300"\n`);
  const { code, events } = await runTest({ out, manifest });
  assert.equal(code, 0, events.join('\n'));
});

function errorOf({ body }: Answer): string {
  return (JSON.parse(body.toString()) as { error: string }).error;
}

describe('the server turns down', () => {
  it('who has no token, or another one', async () => {
    const browser = await browse(out, page);
    const { key } = await browser.slide('tiny');
    for (const path of [
      '/',
      '/assets/app.js',
      '/api/cohort',
      `/api/slides/${key}/pixels/9/0_0`,
      '/nothing',
    ]) {
      const answer = await browser.ask(path, { stranger: true });
      assert.equal(answer.status, 403, path);
      const line = path === '/' ? answer.body.toString() : errorOf(answer);
      assert.match(line, /expected the address as .*hoverslide view.* printed it, with its token/);
      // A person reads the one, the page the others.
      assert.match(answer.headers['content-type']!, path === '/' ? /^text\/html/ : /^application\/json/);
      assert.equal(answer.headers['set-cookie'], undefined);
    }
    assert.equal((await browser.ask('/?token=AAAAAAAAAAAAAAAAAAAAAA', { stranger: true })).status, 403);
    const cookie = (await browser.cookie()).replace(/=.*/, '=AAAAAAAAAAAAAAAAAAAAAA');
    assert.equal((await browser.ask('/', { stranger: true, headers: { cookie } })).status, 403);
  });

  it('another name for this machine, as after DNS rebinding', async () => {
    const browser = await browse(out, page);
    for (const host of ['evil.example', `evil.example:${browser.port}`, '10.0.0.1']) {
      const answer = await browser.ask('/api/cohort', { headers: { host } });
      assert.equal(answer.status, 403, host);
      assert.match(errorOf(answer), /name/);
      const first = await browser.ask(`/?token=${browser.viewer.token}`, {
        stranger: true,
        headers: { host },
      });
      assert.equal(first.status, 403, 'also with the token');
    }
    const tunnel = await browser.ask('/api/cohort', { headers: { host: 'localhost:8888' } });
    assert.equal(tunnel.status, 200, 'through ssh the port is another one');
  });

  it('pages of other origins', async () => {
    const browser = await browse(out, page);
    const own = `http://127.0.0.1:${browser.port}`;
    for (const origin of [
      'http://evil.example',
      'null',
      'http://127.0.0.1:1',
      own.replace('127.0.0.1', 'localhost'),
    ]) {
      const answer = await browser.ask('/api/cohort', { headers: { origin } });
      assert.equal(answer.status, 403, origin);
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
    }
    assert.equal((await browser.ask('/api/cohort', { headers: { origin: own } })).status, 200);
  });

  // A file that is there, by every spelling that some servers follow.
  for (const [how, up] of [
    ['dots', '../'],
    ['encoded dots', '%2e%2e/'],
    ['encoded slashes and backslashes', '..%2f'],
    ['backslashes', '..%5c'],
  ] as const) {
    it(`ways out of its folders, by ${how}`, async () => {
      const browser = await browse(out, page);
      const { key } = await browser.slide('tiny');
      const file = 'run.json';
      for (const base of [
        '/',
        '/assets/',
        '/api/slides/',
        `/api/slides/${key}/`,
        `/api/slides/${key}/layers/`,
      ]) {
        for (const depth of [0, 1, 2, 6]) {
          for (const path of [
            `${base}${up.repeat(depth)}tiny/${file}`,
            `${base}${up.repeat(depth)}etc/passwd`,
          ]) {
            const answer = await browser.ask(path);
            assert.equal(answer.status, 404, path);
            assert.match(errorOf(answer), /^no such/);
          }
        }
      }
    });
  }

  it('addresses of other servers', async () => {
    const browser = await browse(out, page);
    for (const path of ['http://evil.example/', '//evil.example/', '/\\evil.example', '*']) {
      assert.ok([400, 404].includes((await browser.ask(path)).status), path);
    }
  });

  it('links in the results', async () => {
    const copy = join(scratch, 'with links');
    await cp(out, copy, { recursive: true });
    const secret = join(scratch, 'secret.jpg');
    await writeFile(secret, 'secret');
    await symlink(join(out, 'tiny'), join(copy, 'linked'));
    for (const name of ['thumbnail.jpg', 'tissue.geojson']) {
      await rm(join(copy, 'tiny', name));
      await symlink(secret, join(copy, 'tiny', name));
    }
    const browser = await browse(copy, page);
    const { slides } = await browser.json<CohortView>('/api/cohort');
    assert.deepEqual(
      slides.map(({ id }) => id),
      ['CMU-1-Small-Region', 'tiny'],
    );
    const { key } = await browser.slide('tiny');
    for (const path of ['thumbnail', 'layers/tissue']) {
      const answer = await browser.ask(`/api/slides/${key}/${path}`);
      assert.equal(answer.status, 404);
      assert.ok(!answer.body.includes('secret'));
    }
  });

  for (const name of ['label', 'macro']) {
    it(`the ${name} image`, async () => {
      const browser = await browse(out, page);
      const slide = await browser.slide('CMU-1-Small-Region');
      for (const path of [
        name,
        `pixels/${name}`,
        `pixels/${name}/0_0`,
        `layers/${name}`,
        `associated/${name}`,
        `${name}.jpg`,
      ]) {
        assert.equal((await browser.ask(`/api/slides/${slide.key}/${path}`)).status, 404, path);
      }
    });
  }

  it('what the scanner wrote into the slide', async () => {
    const slide = await openSlide(sample);
    const written = Object.values(slide.properties).filter((value) => value.length > 20);
    await slide.close();
    assert.ok(written.length > 0);
    const browser = await browse(out, page);
    const { key } = await browser.slide('CMU-1-Small-Region');
    for (const path of ['/api/cohort', `/api/slides/${key}`]) {
      const text = (await browser.ask(path)).body.toString();
      assert.ok(!/aperio|scanscope/i.test(text));
      for (const value of written) assert.ok(!text.includes(value), value);
      assert.ok(!text.includes(packageRoot) && !text.includes(scratch), 'nor where anything lies');
    }
  });

  it('tiles and blocks that there are not', async () => {
    const browser = await browse(out, page);
    const { key } = await browser.slide('tiny');
    for (const path of [
      'pixels/99/0_0',
      'pixels/9/1_0',
      'pixels/9/999999_999999',
      'pixels/9/99999999999999999999_0',
      'pixels/-1/0_0',
      'pixels/9/-1_0',
      'pixels/9/1e3_0',
      'pixels/9/0x0_0',
      'overlay/999999999',
      'overlay/-1',
      'density?level=99',
      'density?level=-1',
      'density?level=__proto__',
    ]) {
      assert.equal((await browser.ask(`/api/slides/${key}/${path}`)).status, 404, path);
    }
    for (const other of ['000000000000', '__proto__', 'constructor', `${key}0`]) {
      assert.equal((await browser.ask(`/api/slides/${other}`)).status, 404, other);
    }
    assert.deepEqual(browser.faults, []);
  });

  it('clients that are slow to say what they want', async () => {
    const browser = await browse(out, page);
    const socket = connect(browser.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n');
    const drip = setInterval(() => socket.write('X: y\r\n'), 500);
    let answer = '';
    socket.on('data', (data) => (answer += data.toString()));
    await new Promise((closed) => socket.on('close', closed));
    clearInterval(drip);
    assert.match(answer, /^HTTP\/1.1 408 /);
  });

  it('bodies that are too large, whether they say so or not', async () => {
    const browser = await browse(out, page);
    const path = `${await browser.nuclei('tiny')}/selection`;
    const body = Buffer.alloc(2 ** 20 + 1, 0x20);
    const said = await browser.ask(path, { method: 'POST', body });
    assert.equal(said.status, 413);
    const cookie = await browser.cookie();
    const unsaid = await ask(browser.port, path, {
      method: 'POST',
      body,
      headers: { cookie, 'transfer-encoding': 'chunked' },
    });
    assert.equal(unsaid.status, 413);
    const junk = await browser.ask(path, { method: 'POST', body: '{' });
    assert.equal(junk.status, 400);
  });

  it('methods that change things', async () => {
    const browser = await browse(out, page);
    const { key } = await browser.slide('tiny');
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']) {
      const answer = await browser.ask(`/api/slides/${key}`, { method });
      assert.equal(answer.status, 405, method);
    }
    assert.equal((await browser.ask('/api/cohort', { method: 'POST', body: '{}' })).status, 405);
    assert.equal((await browser.ask(`${await browser.nuclei('tiny')}/selection`)).status, 405);
    const head = await browser.ask('/api/cohort', { method: 'HEAD' });
    assert.equal(head.status, 200);
    assert.equal(head.body.length, 0);
  });
});

describe('every answer', () => {
  it('keeps what is shown to the page itself', async () => {
    const browser = await browse(out, page);
    for (const [path, stranger] of [
      ['/', false],
      ['/api/cohort', false],
      ['/nothing', false],
      ['/', true],
    ] as const) {
      const { headers } = await browser.ask(path, { stranger });
      assert.match(
        String(headers['content-security-policy']),
        /^default-src 'self'; .*frame-ancestors 'none'/,
      );
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['referrer-policy'], 'no-referrer');
    }
  });

  it('begins with a cookie that no script reads, and an address without the token', async () => {
    const browser = await browse(out, page);
    const { status, headers } = await browser.ask(`/?token=${browser.viewer.token}`, { stranger: true });
    assert.equal(status, 303);
    assert.equal(headers.location, './');
    assert.match(
      headers['set-cookie']![0]!,
      /^hoverslide-[0-9a-f]{12}=[\w-]{22}; HttpOnly; SameSite=Strict; Path=\/$/,
    );
    const shown = await browser.ask('/');
    assert.equal(shown.status, 200);
    assert.match(shown.body.toString(), /<title>page/);
  });

  it('belongs to one server: two of them do not log each other out', async () => {
    const [a, b] = [await browse(out, page), await browse(out, page)];
    const cookie = `${await a.cookie()}; ${await b.cookie()}`;
    for (const browser of [a, b]) {
      assert.equal((await browser.ask('/', { stranger: true, headers: { cookie } })).status, 200);
    }
    assert.equal((await a.ask('/', { stranger: true, headers: { cookie: await b.cookie() } })).status, 403);
  });
});
