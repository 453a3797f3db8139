import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { request } from 'node:http';
import { join } from 'node:path';
import { beforeAll, describe, it, onTestFinished } from 'vitest';
import { openViewer, type ViewerOptions } from '../../pipelines/view/open-viewer.js';
import { readPage, pageFolder } from '../../pipelines/view/page.js';
import { packageRoot } from '../../src/package-root.js';
import { writeTinySlide } from '../../testkit/cohort-slides.js';
import { scratchFolder } from '../../testkit/folder.js';
import { needs } from '../../testkit/needs.js';
import { runTest } from '../cohort/run.js';
import type { CohortView } from '../../src/view/messages.js';
import { ask, Browser } from './client.js';

const scratch = scratchFolder();
const out = join(scratch, 'results');

/** The page is built from its own room. */
const page = await readPage().then(
  () => false as const,
  () => pageFolder,
);

beforeAll(async () => {
  const slide = join(scratch, 'tiny.tif');
  await writeTinySlide(slide, 1);
  const { code, events } = await runTest({ out, slides: [slide] });
  assert.equal(code, 0, events.join('\n'));
});

interface Running {
  readonly child: ChildProcess;
  /** Resolves when so many lines were printed. */
  readonly lines: (count: number) => Promise<string[]>;
  readonly ended: Promise<number | null>;
  readonly stderr: () => string;
}

/** Starts the command as a user does. */
function view(...args: string[]): Running {
  const bin = join(packageRoot, 'bin', 'hoverslide.cjs');
  const child = spawn(process.execPath, [bin, 'view', ...args], {
    env: { ...process.env, XDG_CACHE_HOME: join(scratch, 'cache') },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stderr.on('data', (text) => (stderr += text));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  let told = () => {};
  child.stdout.on('data', (text) => {
    stdout += text;
    told();
  });
  const lines = async (count: number) => {
    const done = () => stdout.split('\n').slice(0, -1);
    while (done().length < count) {
      await Promise.race([
        new Promise<void>((resolve) => (told = resolve)),
        ended.then((code) => Promise.reject(new Error(`ended with ${code}: ${stderr}`))),
      ]);
    }
    return done();
  };
  return { child, lines, ended, stderr: () => stderr };
}

describe('hoverslide view', needs(page), () => {
  it('prints its address and the way from elsewhere, and ends at Ctrl-C', async () => {
    const { child, lines, ended, stderr } = view(out);
    const [address, tunnel] = await lines(2);
    const [, port, token] = /^http:\/\/127\.0\.0\.1:(\d+)\/\?token=([\w-]{22})$/.exec(address!)!;
    assert.match(tunnel!, new RegExp(`: ssh -N -L ${port}:127\\.0\\.0\\.1:${port} \\S+@\\S+$`));
    const answer = await ask(Number(port), `/?token=${token}`, {});
    assert.equal(answer.status, 303);
    child.kill('SIGINT');
    assert.equal(await ended, 0);
    assert.equal(stderr(), '');
  });

  it('warns where others can reach it, and ends at SIGTERM', async () => {
    const { child, lines, ended, stderr } = view(out, '--host', '0.0.0.0');
    await lines(2);
    assert.match(stderr(), /0\.0\.0\.0 can be reached by others/);
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
  });

  it('says in one line that a port is in use', async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };
    const { ended, stderr } = view(out, '--port', String(port));
    assert.equal(await ended, 64);
    assert.equal(stderr(), `hoverslide: --port: ${port} is in use: name another one\n`);
  });

  it('listens at a socket that only the user may use, and leaves none behind', async () => {
    const socket = join(scratch, 'view.sock');
    const { child, lines, ended } = view(out, '--socket', socket);
    const [address, tunnel] = await lines(2);
    assert.match(address!, /^through ssh: http:\/\/localhost:8000\/\?token=/);
    assert.ok(tunnel!.includes(`ssh -N -L 8000:${socket} `));
    assert.equal((await stat(socket)).mode & 0o777, 0o600);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { host: 'localhost:8000' };
      const path = new URL(address!.split(' ').at(-1)!).search;
      request({ socketPath: socket, path: `/${path}`, headers }, (response) =>
        resolve(response.resume().statusCode),
      )
        .on('error', reject)
        .end();
    });
    assert.equal(status, 303);
    await refuses({ socket }, /view\.sock is in use: name another one$/);
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
    await assert.rejects(stat(socket));
  });

  it('takes the place of a socket that a killed server left behind, but of no file', async () => {
    const socket = join(scratch, 'killed.sock');
    const first = view(out, '--socket', socket);
    await first.lines(2);
    first.child.kill('SIGKILL');
    await first.ended;
    const viewer = await openViewer(out, { ...anywhere, socket }, () => {});
    await viewer.close();
    const file = join(scratch, 'file.txt');
    await writeFile(file, 'mine');
    await refuses({ socket: file }, /file\.txt is there and no socket/);
    assert.equal((await stat(file)).size, 4);
  });

  it('refuses a socket and a port together', async () => {
    const { ended, stderr } = view(out, '--socket', join(scratch, 'x.sock'), '--port', '8000');
    assert.equal(await ended, 64);
    assert.match(stderr(), /^hoverslide: --socket: expected no [^\n]*\n$/);
  });

  it('needs results, a host of this machine, and a folder of slides that is there', async () => {
    const empty = join(scratch, 'empty');
    await mkdir(empty);
    await refuses({}, /empty: expected results of 'hoverslide run', found none$/, empty);
    await refuses({}, /nowhere: cannot read the folder of results/, join(scratch, 'nowhere'));
    await refuses({ host: 'no.such.host.invalid' }, /expected a name or address of this machine/);
    await refuses({ slides: join(scratch, 'nowhere') }, /cannot read .*nowhere/);
    const long = join(scratch, `${'x'.repeat(120)}.sock`);
    await refuses({ socket: long }, /expected a path of at most 107 bytes, found one of \d+$/);
  });

  it('shows results that no cohort keeps states of, as those of the demo', async () => {
    const alone = join(scratch, 'alone');
    await cp(join(out, 'tiny'), join(alone, 'tiny'), { recursive: true });
    await rm(join(alone, 'tiny', 'states'), { recursive: true });
    for (const folder of [alone, join(alone, 'tiny')]) {
      const viewer = await openViewer(folder, { ...anywhere, page: pageFolder }, () => {});
      onTestFinished(() => viewer.close());
      const browser = new Browser(viewer, []);
      const { slides } = await browser.json<CohortView>('/api/cohort');
      assert.deepEqual(
        slides.map(({ id, state }) => [id, state]),
        [['tiny', 'done']],
      );
      const { pixels, nuclei } = await browser.view('tiny');
      assert.ok('tileSize' in pixels && 'count' in nuclei);
    }
  });
});

const anywhere = { port: 0, host: '127.0.0.1' };

async function refuses(options: Partial<ViewerOptions>, reason: RegExp, folder = out): Promise<void> {
  await assert.rejects(
    openViewer(folder, { ...anywhere, ...options }, () => {}),
    reason,
  );
}

describe('a package without its page', () => {
  it('says that it is incomplete', async () => {
    const folder = join(scratch, 'half a page');
    await mkdir(folder);
    await writeFile(join(folder, 'index.html'), '');
    await assert.rejects(readPage(folder), /the package is incomplete/);
  });
});
