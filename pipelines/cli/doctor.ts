import { Option, type Command } from 'commander';
import { errorLine, exitCodes } from '../../src/errors.js';
import { ownedCores, ownedMemory } from '../../src/machine.js';
import { openModel, type Model } from '../../src/model/model.js';
import { providerChoices } from '../../src/model/provider.js';
import { describeOpenSlide } from '../../src/slide/library.js';
import { onnxruntimeVersion, packageVersion } from '../../src/version.js';
import { tryProvider } from './try-provider.js';

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .summary('say what is found on this machine and what is missing')
    .description('Says what is found and what is missing; exit code 69 if a slide could not be run.')
    .addOption(new Option('--model <file>', 'model to look at (default: the one that comes with hoverslide)'))
    .action(async ({ model }: { model?: string }) => {
      process.exitCode = (await doctor(model)) ? 0 : exitCodes.unavailable;
    });
}

/** Prints what is found on this machine. Returns true if slides can be run. */
async function doctor(modelPath: string | undefined): Promise<boolean> {
  const say = (what: string, found: string) => process.stdout.write(`${what.padEnd(14)}${found}\n`);
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
    if (provider === 'cpu') cpuWorks = problem === undefined;
  }
  return 'found' in openSlide && cpuWorks;
}
