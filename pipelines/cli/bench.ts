import { cpus } from 'node:os';
import { basename } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { netSpeed, pipelineSpeed, type NetSpeed, type PipelineSpeed } from '../slide/speed.js';
import { ownedCores } from '../../src/machine.js';
import { openModel, type Model } from '../../src/model/model.js';
import { providerChoices, type Provider, type ProviderChoice } from '../../src/model/provider.js';
import { sampleSlide } from './demo.js';
import { count, engineOptions, withEngineOptions, type EngineFlags } from './engine-options.js';
import { benchPlan } from './bench-plan.js';
import { tryProvider } from './try-provider.js';

/** Assumptions for the number of slides per night: hours of a night, and mm2 of tissue on a slide. */
const night = { hours: 12, tissue: 100 };

/**
 * Providers that are tried unless one is named. WebGPU is not among them, since it may be a software device that takes
 * minutes per patch.
 */
const usual: readonly Provider[] = ['cpu', 'cuda'];

interface BenchFlags extends EngineFlags {
  readonly batches?: readonly number[];
  readonly seconds?: number;
  readonly slide: string;
  readonly json?: boolean;
  readonly plan?: string;
  readonly nodes: number;
}

export function registerBench(program: Command): void {
  const command = program
    .command('bench')
    .summary('measure how fast this machine is, and how many slides a night that makes')
    .description(
      'Measures the bare net on every provider that works here with several batch sizes, then a whole slide with the ' +
        'fastest provider: the share of each stage, and the slides per night that follow. With --plan: what a cohort ' +
        'will take on this machine, from the tissue of its slides and the speed on the largest of them.',
    )
    .option(
      '--batches <list>',
      'batch sizes of the bare net (default: 4,8,16, on a GPU 16,32,64,128)',
      batches,
    )
    .option(
      '--seconds <n>',
      'how long each batch size is measured at least, and a cohort at most (default: 4, a cohort 60)',
      count,
    )
    .option('--slide <file>', 'slide to run as a whole', sampleSlide)
    .option('--plan <manifest|folder>', 'cohort that is to be run: a manifest (.csv) or a folder of slides')
    .option('--nodes <n>', 'machines like this one that a plan is to be for, with a shard each', count, 1)
    .option('--json', 'the figures as one line of JSON');
  withEngineOptions(command).action(bench);
}

async function bench(flags: BenchFlags): Promise<void> {
  if (flags.plan !== undefined) return benchPlan(flags.plan, flags);
  const model = await openModel(flags.model);
  const say = (line: string) => {
    if (!flags.json) console.log(line);
  };
  const processor = cpus()[0]?.model ?? process.arch;
  say(`${model.card.name} ${model.card.version} on ${ownedCores()} cores of ${processor}`);
  const nets = await benchNets(model, flags, say);
  const fastest = nets.reduce((best, next) => (next.patchesPerSecond > best.patchesPerSecond ? next : best));
  const provider = fastest.provider as Provider;
  say(`${basename(flags.slide)} as a whole on ${provider}:`);
  const whole = await pipelineSpeed(flags.slide, model, { ...engineOptions(flags), provider });
  describe(whole, say);
  const slides = slidesPerNight(whole, model);
  say(`slides of ${night.tissue} mm2 of tissue in a night of ${night.hours} hours: ${slides}`);
  if (flags.json)
    console.log(JSON.stringify({ nets, whole: { provider, ...whole }, slides_per_night: slides }));
}

async function benchNets(model: Model, flags: BenchFlags, say: (line: string) => void): Promise<NetSpeed[]> {
  const speeds: NetSpeed[] = [];
  const options = engineOptions(flags);
  for (const provider of await providers(model, flags.provider, say)) {
    for (const batch of flags.batches ?? (provider === 'cpu' ? [4, 8, 16] : [16, 32, 64, 128])) {
      const speed = await netSpeed(model, { ...options, provider, batch }, flags.seconds ?? 4);
      speeds.push(speed);
      const smaller = speed.batch < batch ? ` (${batch} do not fit its memory)` : '';
      const where = speed.device === null ? speed.provider : `${speed.provider} (${speed.device})`;
      say(
        `  bare net on ${where}, batch ${speed.batch}${smaller}: ${speed.patchesPerSecond.toFixed(1)} patches/s`,
      );
    }
  }
  return speeds;
}

/** Returns the named provider, or those of the usual ones that work here. */
async function providers(
  model: Model,
  choice: ProviderChoice,
  say: (line: string) => void,
): Promise<readonly Provider[]> {
  if (choice !== 'auto') return [choice];
  const working: Provider[] = [];
  for (const provider of providerChoices) {
    if (provider === 'auto' || !usual.includes(provider)) continue;
    const { problem } = await tryProvider(model, provider);
    if (problem === undefined) working.push(provider);
    else say(`  ${provider}: ${problem}`);
  }
  return working;
}

function describe(speed: PipelineSpeed, say: (line: string) => void): void {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  say(
    `  ${speed.patches} patches, ${speed.patchesPerSecond.toFixed(1)} patches/s, net at work ${percent(speed.deviceBusy)} of the time`,
  );
  const stages = Object.entries(speed.seconds).filter(([stage]) => stage !== 'wall');
  const total = stages.reduce((sum, [, seconds]) => sum + seconds, 0);
  const shares = stages.map(([stage, seconds]) => `${stage} ${percent(seconds / total)}`);
  say(`  of the work: ${shares.join(', ')}`);
}

/**
 * Returns how many slides fit into a night. A slide has as many patches as cover its tissue with their kept squares.
 */
function slidesPerNight({ patchesPerSecond }: PipelineSpeed, { card }: Model): number {
  const patches = (night.tissue * 1e6) / (card.stride * card.mpp) ** 2;
  return Math.floor((night.hours * 3600 * patchesPerSecond) / patches);
}

function batches(text: string): number[] {
  try {
    return text.split(',').map(count);
  } catch {
    throw new InvalidArgumentError('expected whole numbers with commas, for instance 8,16.');
  }
}
