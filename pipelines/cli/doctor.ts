import { spawnSync } from 'node:child_process';
import { Option, type Command } from 'commander';
import { errorLine, exitCodes } from '../../src/errors.js';
import { isAddressSpaceLimited, ownedCores, ownedMemory, withoutWasmReservation } from '../../src/machine.js';
import { cpuSessions } from '../../src/model/inference.js';
import { openModel, type Model } from '../../src/model/model.js';
import { providerChoices } from '../../src/model/provider.js';
import type { SessionPlan } from '../../src/model/sessions.js';
import { describeOpenSlide } from '../../src/slide/library.js';
import { onnxruntimeVersion, packageVersion } from '../../src/version.js';
import { zstd } from '../../src/table/zstd.js';
import { doctorResults } from './doctor-results.js';
import { doctorSlide } from './doctor-slide.js';
import { micrometres } from './engine-options.js';
import { tryProvider } from './try-provider.js';

interface DoctorFlags {
  readonly model?: string;
  readonly mpp?: number;
  readonly forceMpp?: boolean;
}

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .summary(
      'say what is found on this machine and what is missing, or what is known of a slide or of results',
    )
    .description(
      'Says what is found on this machine and what is missing; exit code 69 if a slide could not be run. With a slide, ' +
        'says all that is known of it, and how a run would take it or why it would refuse it; with a folder of results, ' +
        'what an update of hoverslide means for them.',
    )
    .argument('[slide]', 'a slide to look at, or a folder of results')
    .option('--mpp <um>', 'micrometres per pixel, in place of what the slide says', micrometres)
    .option('--force-mpp', 'look also where something speaks against the pixel size')
    .addOption(new Option('--model <file>', 'model to look at (default: the one that comes with hoverslide)'))
    .action(async (slide: string | undefined, { model, mpp, forceMpp }: DoctorFlags) => {
      if (slide === undefined)
        process.exitCode = asRunsAre() ?? ((await doctor(model)) ? 0 : exitCodes.unavailable);
      else if (await doctorResults(slide, say)) return;
      else process.exitCode = await doctorSlide(slide, await openModel(model), { mpp, forceMpp }, say);
    });
}

/**
 * Starts this command again with the option of Node that runs get under a limit of the address space.
 * @returns its exit code; undefined where this process is as runs are
 */
function asRunsAre(): number | undefined {
  if (!isAddressSpaceLimited() || process.execArgv.includes(withoutWasmReservation)) return undefined;
  const again = [...process.execArgv, withoutWasmReservation, ...process.argv.slice(1)];
  return spawnSync(process.execPath, again, { stdio: 'inherit' }).status ?? exitCodes.internal;
}

function say(what: string, found: string): void {
  process.stdout.write(`${what.padEnd(14)}${found}\n`);
}

/** Prints what is found on this machine. Returns true if slides can be run. */
async function doctor(modelPath: string | undefined): Promise<boolean> {
  say('hoverslide', `${packageVersion} on Node ${process.versions.node}`);
  say('cores', `${ownedCores()} that this job owns`);
  say('memory', `${(ownedMemory() / 2 ** 30).toFixed(1)} GiB that this job owns`);
  const openSlide = describeOpenSlide();
  if ('found' in openSlide) {
    const { version, file, origin } = openSlide.found;
    say('OpenSlide', `${version} (${origin}: ${file})`);
  } else {
    say('OpenSlide', `missing: ${openSlide.missing}`);
  }
  const compression = await zstd().then(
    () => undefined,
    (error: unknown) => errorLine(error),
  );
  say('Zstandard', compression ?? 'works');
  let model: Model;
  try {
    model = await openModel(modelPath);
    say(
      'model',
      `${model.card.name} ${model.card.version}, ${model.card.mpp} um/px, ${model.card.licence} (${model.path})`,
    );
  } catch (error) {
    say('model', `unusable: ${errorLine(error)}`);
    return false;
  }
  say('ONNX Runtime', onnxruntimeVersion);
  let cpuWorks = false;
  for (const provider of providerChoices) {
    if (provider === 'auto') continue;
    const { problem, device } = await tryProvider(model, provider);
    say(`  ${provider}`, problem ?? (device ? `works on ${device}` : 'works'));
    if (provider !== 'cpu') continue;
    cpuWorks = problem === undefined;
    if (cpuWorks) say('', describeSessions(await cpuSessions(model, ownedCores())));
  }
  return 'found' in openSlide && compression === undefined && cpuWorks;
}

function describeSessions({ threads, reason }: SessionPlan): string {
  const most = Math.max(...threads);
  const of = `${threads.length === 1 ? 'session' : 'sessions'} of ${most === 1 ? '1 thread' : `${most} threads`}`;
  return `runs in ${threads.length} ${of}: ${reason}`;
}
