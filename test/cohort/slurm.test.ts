import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it, onTestFinished } from 'vitest';
import { readStates } from '../../src/cohort/status.js';
import { packageRoot } from '../../src/package-root.js';
import { scratchFolder } from '../../testkit/folder.js';
import { needs } from '../../testkit/needs.js';
import { stubModel } from '../../testkit/stub.js';
import { OneNodeSlurm, missingForSlurm, until } from './one-node-slurm.js';
import { writeBrokenSlide, writeTinySlide } from '../../testkit/cohort-slides.js';

const missing = missingForSlurm();
const scratch = scratchFolder();
const bin = join(packageRoot, 'bin', 'hoverslide.cjs');
const manifest = join(scratch, 'cohort.csv');
const runOptions = ['--model', stubModel, '--provider', 'cpu', '--workers', '1', '--threads', '1'];

function hoverslide(env: NodeJS.ProcessEnv, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { env, encoding: 'utf8' });
  assert.ok(status === 0 || status === 1, stderr);
  return stdout;
}

/** Eight slides, the fifth broken, so large that each takes some seconds. */
async function writeCohort(): Promise<void> {
  const rows = await Promise.all(
    Array.from({ length: 8 }, async (_, k) => {
      const path = join(scratch, `slide-${k}.tif`);
      await (k === 4 ? writeBrokenSlide(path) : writeTinySlide(path, k, 2000 + 100 * k));
      return `slide-${k}.tif,patient ${k % 3}`;
    }),
  );
  await writeFile(manifest, `slide,patient\n${rows.join('\n')}\n`);
}

it(
  'an array of 4 shards, one stopped at its limit and one killed, makes the same table as one machine',
  needs(missing),
  async ({ annotate }) => {
    await writeCohort();
    const folder = join(scratch, 'slurm');
    mkdirSync(folder);
    const slurm = await OneNodeSlurm.start(folder, 2);
    onTestFinished(() => slurm.stop());
    const out = join(scratch, 'out');
    const options = ['--shards', '4', '--cpus', '1', '--mem', '1G', '--time', '10'];
    const printed = hoverslide(
      slurm.env,
      'slurm',
      '--manifest',
      manifest,
      '-o',
      out,
      ...options,
      '--',
      ...runOptions,
    );
    const [, array, report] = /array job (\d+) \(4 shards\), report job (\d+)/.exec(printed)!;

    const [first, second] = await twoAtWork(out);
    const [stopped, killed] = [first, second].map(({ task }) => `${array}_${task}`) as [string, string];
    // As a node that fails: the job's shell, the run and its supervisor end at once. Its operator requeues the job.
    process.kill(-second.group, 'SIGKILL');
    // What Slurm sends to the job's shell before the time is up.
    await slurm.call('scancel', '--signal=USR1', '--batch', stopped);
    process.kill(-first.group, 'SIGCONT');
    await until(
      'the killed task has ended',
      async () => !(await slurm.call('squeue', '-h', '-r')).includes(killed),
    );
    await slurm.call('scontrol', 'requeue', killed);

    await until('the report has been written', async () => (await readdir(out)).includes('report.html'), 100);
    const logs = await Promise.all(
      [stopped, killed].map((task) => readFile(join(out, 'slurm', `${task}.log`), 'utf8')),
    );
    assert.match(logs[0]!, /^hoverslide: .*stopped(.|\n)*(going on at patch|nuclei on)/m);
    assert.match(logs[1]!, /taken over: its run on .* has died/);
    await annotate(`${stopped} stopped, ${killed} killed, reported by job ${report}`);

    const alone = join(scratch, 'alone');
    hoverslide(process.env, 'run', '--manifest', manifest, '-o', alone, ...runOptions);
    hoverslide(process.env, 'report', alone);
    const states = (await readStates(out)).map(({ state }) => state);
    assert.deepEqual(states, ['done', 'done', 'done', 'done', 'failed', 'done', 'done', 'done']);
    for (const name of ['cohort.csv', 'cohort.parquet']) {
      const [here, there] = await Promise.all([out, alone].map((root) => readFile(join(root, name))));
      assert.ok(here!.equals(there!), `${name} differs`);
    }
  },
);

interface Task {
  readonly task: string;
  /** Of its processes. */
  readonly group: number;
}

/** Two tasks of the array that have a slide in hand, frozen there: however fast the machine, they cannot end. */
async function twoAtWork(out: string): Promise<[Task, Task]> {
  let tasks: Task[] = [];
  await until('two tasks are at work', async () => {
    const owners = await running(out);
    tasks = await Promise.all(owners.map(taskOf)).catch(() => []); // one has ended meanwhile
    if (tasks.length !== 2) return false;
    tasks.forEach(({ group }) => process.kill(-group, 'SIGSTOP'));
    if ((await running(out)).join() === owners.join()) return true;
    tasks.forEach(({ group }) => process.kill(-group, 'SIGCONT'));
    return false;
  });
  return tasks as [Task, Task];
}

/** Process ids of the runs that have a slide in hand. */
async function running(out: string): Promise<number[]> {
  const states = await readStates(out);
  return states.flatMap((state) => (state.state === 'running' ? state.owner.pid : []));
}

async function taskOf(pid: number): Promise<Task> {
  const [environment, stat] = await Promise.all(
    ['environ', 'stat'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8')),
  );
  const task = /\0SLURM_ARRAY_TASK_ID=(\d+)\0/.exec(environment!)![1]!;
  return { task, group: Number(stat!.split(') ').at(-1)!.split(' ')[2]) };
}
