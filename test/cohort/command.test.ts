import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, it } from 'vitest';
import { readStates, type CohortStatus } from '../../src/cohort/status.js';
import { packageRoot } from '../../src/package-root.js';
import { scratchFolder } from '../../testkit/folder.js';
import { stubModel } from '../../testkit/stub.js';
import { until } from './one-node-slurm.js';
import { states, table } from './run.js';
import { writeSlides, writeTinySlide } from '../../testkit/cohort-slides.js';

const scratch = scratchFolder();
const folder = join(scratch, 'slides');
const bin = join(packageRoot, 'bin', 'hoverslide.cjs');
let whole: string;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(...args: string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => (stdout += text));
  child.stderr.on('data', (text) => (stderr += text));
  const ended = new Promise<Ended>((resolve) =>
    child.on('close', (code) => resolve({ code, stdout, stderr })),
  );
  return { child, ended };
}

function startRun(out: string, ...args: string[]) {
  return start(
    'run',
    folder,
    '-o',
    out,
    '--model',
    stubModel,
    '--provider',
    'cpu',
    '--threads',
    '1',
    ...args,
  );
}

async function status(out: string): Promise<CohortStatus> {
  return JSON.parse((await start('status', out, '--json').ended).stdout) as CohortStatus;
}

/** Waits until a slide is running, the one before it has ended, and gives its process. */
async function atWork(out: string, id: string, except?: number): Promise<number> {
  let pid: number | undefined;
  await until(`${id} is running`, async () => {
    const [state, ...others] = (await readStates(out)).filter((each) => each.state === 'running');
    const alone = state?.row.id === id && others.length === 0;
    pid = alone && state.owner.pid !== except ? state.owner.pid : undefined;
    return pid !== undefined;
  });
  return pid!;
}

async function sameTables(out: string): Promise<void> {
  for (const id of ['a', 'b', 'c', 'large']) {
    assert.ok((await table(out, id)).equals(await table(whole, id)), `${id} differs`);
  }
}

beforeAll(async () => {
  await writeSlides(folder, 3);
  await writeTinySlide(join(folder, 'large.tif'), 5, 1800);
  whole = join(scratch, 'whole');
  assert.equal((await startRun(whole).ended).code, 0);
});

describe('a run', () => {
  for (const signal of ['SIGTERM', 'SIGUSR1'] as const) {
    it(`stops on ${signal} with exit code 75, gives its slide back, and goes on to the same bytes`, async () => {
      const out = join(scratch, signal);
      const run = startRun(out, '--read-block', '1');
      await atWork(out, 'large');
      const sent = performance.now();
      run.child.kill(signal);
      const { code, stderr } = await run.ended;
      assert.equal(code, 75, stderr);
      assert.ok(performance.now() - sent < 30_000);
      assert.match(stderr, /stopped/);
      assert.deepEqual(await states(out), ['a done', 'b done', 'c done', 'large queued']);
      assert.equal((await status(out)).counts.queued, 1);
      assert.equal((await startRun(out).ended).code, 0);
      await sameTables(out);
    });
  }

  it('shares the slides with another one at the same time: each is claimed and done once', async () => {
    const out = join(scratch, 'shared');
    const runs = await Promise.all([startRun(out).ended, startRun(out).ended]);
    assert.deepEqual(
      runs.map(({ code }) => code),
      [0, 0],
      runs.map(({ stderr }) => stderr).join('\n'),
    );
    for (const id of ['a', 'b', 'c', 'large']) {
      assert.equal((await readdir(join(out, id, 'states'))).length, 3, `${id}: queued, running, done`);
    }
    await sameTables(out);
  });

  it('outlives a slide that kills its process: it is tried three times, and the others go on', async () => {
    const out = join(scratch, 'deadly');
    const run = startRun(out);
    let last: number | undefined;
    for (let death = 1; death <= 3; death++) {
      last = await atWork(out, 'large', last);
      process.kill(last, 'SIGKILL');
    }
    const { code, stderr } = await run.ended;
    assert.equal(code, 1, stderr);
    assert.equal(stderr.match(/died of SIGKILL/g)!.length, 3);
    assert.deepEqual(await states(out), ['a done', 'b done', 'c done', 'large failed']);
    const { slides } = await status(out);
    assert.match(slides[3]!.reason!, /3 runs died at this slide/);
  });

  it('that is killed with its supervisor goes on in the next', async () => {
    const out = join(scratch, 'killed');
    const run = startRun(out);
    const pid = await atWork(out, 'large');
    run.child.kill('SIGKILL');
    await run.ended;
    await until('its process has ended too', () =>
      stat(`/proc/${pid}`).then(
        () => false,
        () => true,
      ),
    );
    const { counts, slides_per_hour } = await status(out);
    assert.deepEqual({ dead: counts.dead, slides_per_hour }, { dead: 1, slides_per_hour: null });
    const { code, stderr } = await startRun(out).ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /large: taken over/);
    await sameTables(out);
  });
});

describe('hoverslide status', () => {
  it('says in which state each slide is', async () => {
    const { stdout } = await start('status', whole).ended;
    assert.match(stdout, /^4 of 4 slides settled: 0 queued, 0 running, 4 done, 0 skipped, 0 failed$/m);
  });

  it('says how long it will take while a run is at work', async () => {
    const out = join(scratch, 'live');
    const run = startRun(out, '--read-block', '1');
    const pid = await atWork(out, 'large');
    process.kill(pid, 'SIGSTOP'); // else a fast machine is done before it is asked
    const { counts, slides_per_hour, seconds_left, slides } = await status(out);
    process.kill(pid, 'SIGCONT');
    assert.equal(counts.running, 1);
    assert.ok(slides_per_hour! > 0 && seconds_left! > 0);
    assert.equal(slides[3]!.host, hostname());
    run.child.kill('SIGTERM');
    await run.ended;
  });

  it('of a folder that is none is an error', async () => {
    const { code, stderr } = await start('status', folder).ended;
    assert.equal(code, 66);
    assert.match(stderr, /expected results of 'hoverslide run'/);
  });
});

describe('hoverslide report', () => {
  it('writes the same tables again and again, and a page beside them', async () => {
    const names = ['cohort.csv', 'cohort.parquet'];
    const write = async () => {
      const { code, stdout } = await start('report', whole).ended;
      assert.equal(code, 0);
      assert.match(stdout, /^4 slides, 4 with results/);
      return Promise.all(names.map((name) => readFile(join(whole, name))));
    };
    const [first, second] = [await write(), await write()];
    names.forEach((name, index) => assert.ok(first[index]!.equals(second[index]!), name));
    assert.ok((await readdir(whole)).includes('report.html'));
  });
});

describe('hoverslide slurm', () => {
  it('writes the jobs without submitting them, if asked to', async () => {
    const [manifest, out] = [join(folder, 'cohort.csv'), join(scratch, 'its output')];
    await writeFile(manifest, 'slide\na.tif\nb.tif\n');
    const options = [
      '--dry-run',
      '--gpus',
      '1',
      '--local-copy',
      '--sbatch',
      '--partition=night',
      '--sbatch',
      '--qos=low',
    ];
    const { code, stderr } = await start(
      ...[
        'slurm',
        '--manifest',
        manifest,
        '-o',
        out,
        ...options,
        '--',
        '--model',
        stubModel,
        '--format',
        'csv',
      ],
    ).ended;
    assert.equal(code, 0, stderr);
    const script = await readFile(join(out, 'slurm', 'submit.sh'), 'utf8');
    assert.match(script, /HOVERSLIDE_SHARDS=2 HOVERSLIDE_LOCAL_COPY=yes/);
    assert.match(
      script,
      /sbatch --parsable --array=1-2 --cpus-per-task=8 --mem=16G .*--gres=gpu:1 --partition=night --qos=low/,
    );
    assert.match(script, /array\.sh .* run --manifest \S+ -o '.*its output' --model \S+ --format csv\)/);
    assert.match(script, /--dependency=afterany:"\$array" .*report\.sh .* report '/);
  });

  it('asks for nodes and GPUs for the array alone; the report gets account and QOS, and its own partition', async () => {
    const [manifest, out] = [join(folder, 'cohort.csv'), join(scratch, 'gpu cohort')];
    await writeFile(manifest, 'slide\na.tif\n');
    const forArray = ['--partition=gpu', '-Ca100', '--gpus-per-node=1', '--exclusive'];
    const forBoth = ['--account=lab', '--qos=low'];
    const given = [...forArray, ...forBoth].flatMap((option) => ['--sbatch', option]);
    const submitted = async (...more: string[]) => {
      const options = ['--dry-run', '--gpus', '1', ...given, ...more];
      const { code, stderr } = await start('slurm', '--manifest', manifest, '-o', out, ...options).ended;
      assert.equal(code, 0, stderr);
      const stand = await sbatchStandIn(join(scratch, 'stand-in'));
      const script = join(out, 'slurm', 'submit.sh');
      const { status } = spawnSync('bash', [script], { env: { ...process.env, PATH: stand.path } });
      assert.equal(status, 0);
      return stand.calls();
    };
    const [array, report] = await submitted();
    assert.deepEqual(
      array!.filter((word) => [...forArray, ...forBoth, '--gres=gpu:1'].includes(word)),
      ['--gres=gpu:1', ...forArray, ...forBoth],
    );
    assert.deepEqual(
      report!.filter((word) => word.startsWith('-') && !/^--(parsable|dependency|output)/.test(word)),
      ['--cpus-per-task=1', '--mem=4G', ...forBoth],
    );
    const [, elsewhere] = await submitted('--report-partition', 'cpu');
    assert.deepEqual(
      elsewhere!.filter((word) => word.includes('partition')),
      ['--partition=cpu'],
    );
  });

  it('refuses options that its jobs would refuse', async () => {
    const manifest = join(folder, 'cohort.csv');
    const { code, stderr } = await start(
      ...['slurm', '--manifest', manifest, '-o', scratch, '--', '--format', 'xlsx'],
    ).ended;
    assert.equal(code, 64);
    assert.match(stderr, /xlsx/);
  });
});

/** A command `sbatch` that keeps the words of its calls and submits nothing. */
async function sbatchStandIn(where: string): Promise<{ path: string; calls: () => Promise<string[][]> }> {
  await mkdir(where, { recursive: true });
  const log = join(where, 'calls');
  await writeFile(log, '');
  const words = `printf '%s\\0' "$@" >> '${log}'; printf '\\n' >> '${log}'; echo 7`;
  await writeFile(join(where, 'sbatch'), `#!/bin/bash\n${words}\n`, { mode: 0o755 });
  const calls = async () =>
    (await readFile(log, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\0').slice(0, -1));
  return { path: `${where}:${process.env['PATH']}`, calls };
}
