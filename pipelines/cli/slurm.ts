import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { checkRegionFiles } from '../cohort/check-regions.js';
import { openCohort } from '../cohort/open-cohort.js';
import { cohortFile } from '../../src/cohort/cohort-files.js';
import { HoverslideError } from '../../src/errors.js';
import { makeFolder, writeAtomically } from '../../src/files.js';
import { packageRoot } from '../../src/package-root.js';
import { count } from './engine-options.js';
import { renamed } from './renamed-option.js';
import { registerRun, type RunFlags } from './run.js';

interface SlurmFlags {
  readonly manifest: string;
  readonly out: string;
  readonly shards?: number;
  readonly cpus: number;
  readonly mem: string;
  readonly time: string;
  readonly gpus?: number;
  readonly sbatch: readonly string[];
  readonly reportPartition?: string;
  readonly localCopy?: boolean;
  readonly container?: string;
  readonly dryRun?: boolean;
}

/** Highest default number of shards. Each shard takes a place in the cluster's queue. */
const mostShards = 16;

/** Options of sbatch that choose nodes or GPUs, which the report's job needs none of; account, QOS and others it gets. */
const choosesNodes =
  /^(-[pGCwxN]|--(partition|constraint|prefer|nodelist|nodefile|exclude|nodes|exclusive|gres|gpus?|tres|(cpus|mem)-per-gpu)\b)/;

export function registerSlurm(program: Command): void {
  program
    .command('slurm')
    .summary('run a cohort on a Slurm cluster: an array of jobs, then the report')
    .description(
      'Writes OUT/slurm/submit.sh and runs it: it submits an array job, each task of which runs a shard of the ' +
        'manifest, and a job behind it that writes the report. Options for `hoverslide run` follow after --.',
    )
    .requiredOption('--manifest <csv>', 'a row per slide, as for hoverslide run')
    .requiredOption('-o, --out <folder>', 'where results go; all nodes must see it')
    .option('--shards <n>', `tasks of the array (default: one per slide, at most ${mostShards})`, count)
    .option('--cpus <n>', 'cores of a task', count, 8)
    .option('--mem <size>', 'memory of a task', '16G')
    .option('--time <limit>', 'time limit of a task; it is requeued then and goes on', '12:00:00')
    .option('--gpus <n>', 'GPUs of a task', count)
    .option(
      '--sbatch <option>',
      'a further option of sbatch, such as --partition=gpu; may be given again',
      also,
      [],
    )
    .option(
      '--report-partition <name>',
      "partition of the report's job, where the cluster has no default one; --sbatch's is for the array",
    )
    .option('--local-copy', "copy slides to the node's own disk before they are read")
    .addOption(renamed('--stage', '--local-copy'))
    .option('--container <sif>', 'run in this Apptainer image')
    .option('--dry-run', 'write submit.sh, submit nothing')
    .argument('[run-options...]', 'after --, for instance: -- --model model.onnx --format csv')
    .action(slurm);
}

async function slurm(runOptions: readonly string[], flags: SlurmFlags): Promise<void> {
  const { manifest, out } = flags;
  const { mpp, mask, roi, model } = runFlags(runOptions);
  const { slides } = await openCohort({ slides: [], manifest, mpp, mask, roi, model });
  await checkRegionFiles(slides);
  const shards = flags.shards ?? Math.min(slides.length, mostShards);

  const folder = cohortFile(resolve(out), 'slurm');
  await makeFolder(folder);
  const script = join(folder, 'submit.sh');
  await writeAtomically(script, submission(folder, shards, runOptions, flags));
  if (flags.dryRun) {
    console.log(`${script}: ${slides.length} slides in ${shards} shards; not submitted`);
    return;
  }
  const { error, status } = spawnSync('bash', [script], { stdio: 'inherit' });
  if (error || status !== 0) {
    throw new HoverslideError(
      'unavailable',
      `${script}: could not be submitted: is this a Slurm cluster's login node?`,
    );
  }
}

/** Returns the script with its two calls of sbatch. These calls hold all settings of the jobs. */
function submission(
  folder: string,
  shards: number,
  runOptions: readonly string[],
  { manifest, out, cpus, mem, time, gpus, sbatch, reportPartition, localCopy, container }: SlurmFlags,
): string {
  const scripts = join(packageRoot, 'pipelines', 'slurm');
  const nvidia = gpus === undefined ? [] : ['--nv'];
  const hoverslide =
    container === undefined
      ? [process.execPath, join(packageRoot, 'bin', 'hoverslide.cjs')]
      : ['apptainer', 'exec', ...nvidia, resolve(container), 'hoverslide'];
  const run = [...hoverslide, 'run', '--manifest', resolve(manifest), '-o', resolve(out), ...runOptions];
  const resources = [`--cpus-per-task=${cpus}`, `--mem=${mem}`, `--time=${time}`];
  if (gpus !== undefined) resources.push(`--gres=gpu:${gpus}`);
  const array = [
    '--parsable',
    `--array=1-${shards}`,
    ...resources,
    ...sbatch,
    `--output=${join(literal(folder), '%A_%a.log')}`,
  ];
  const behind = [
    '--cpus-per-task=1',
    '--mem=4G',
    ...(reportPartition === undefined ? [] : [`--partition=${reportPartition}`]),
    ...sbatch.filter((option) => !choosesNodes.test(option)),
    `--output=${join(literal(folder), 'report-%j.log')}`,
  ];
  const words = (list: readonly string[]) => list.map(quoted).join(' ');
  return `#!/bin/bash
# Written by hoverslide slurm. Running it again submits the cohort again: slides that are done stay as they are.
set -eu
export HOVERSLIDE_SHARDS=${shards} HOVERSLIDE_LOCAL_COPY=${localCopy ? 'yes' : ''}
array=$(sbatch ${words(array)} ${words([join(scripts, 'array.sh'), ...run])})
report=$(sbatch --parsable --dependency=afterany:"$array" ${words(behind)} ${words([join(scripts, 'report.sh'), ...hoverslide, 'report', resolve(out)])})
echo "array job $array (${shards} shards), report job $report; logs in" ${quoted(folder)}
`;
}

/**
 * Parses the options for `hoverslide run` as that command would.
 * @throws CommanderError that of `hoverslide run`, before anything is submitted
 */
function runFlags(options: readonly string[]): RunFlags {
  const program = new Command().exitOverride();
  registerRun(program);
  const run = program.commands[0]!.exitOverride();
  const { operands, unknown } = run.parseOptions([...options]);
  if (operands.length + unknown.length > 0) {
    throw new HoverslideError(
      'usage',
      `expected options of hoverslide run after --, found '${[...operands, ...unknown].join(' ')}'`,
    );
  }
  return run.opts<RunFlags>();
}

/** Escapes each `%` of a path, since sbatch would take it for the start of a placeholder. */
function literal(path: string): string {
  return path.replaceAll('%', '%%');
}

function also(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

/** Quotes a word for bash. shell-quote is not used: it writes `--array\\=1-4`, and submit.sh is meant to be read. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
