import { Command, CommanderError } from 'commander';
import { HoverslideError, errorLine, exitCodes } from '../../src/errors.js';
import { registerBench } from './bench.js';
import { registerBuildAddon } from './build-addon.js';
import { flagName } from './flag-name.js';
import { registerDemo } from './demo.js';
import { registerDoctor } from './doctor.js';
import { registerEvaluate } from './evaluate.js';
import { registerModel } from './model.js';
import { registerExport } from './export.js';
import { registerFeatures } from './features.js';
import { registerPostprocess } from './postprocess.js';
import { registerProvider } from './provider.js';
import { registerReport } from './report.js';
import { registerRun } from './run.js';
import { registerSlurm } from './slurm.js';
import { registerStatus } from './status.js';
import { ignoreLostReaders } from './streams.js';
import { versions } from './version.js';
import { registerView } from './view.js';

ignoreLostReaders();
process.on('uncaughtException', (error) => process.exit(exitCodeFor(error)));

const program = new Command('hoverslide')
  .description('From a folder of H&E whole slides, one table of nuclei per slide.')
  .option('-V, --version', 'say the versions of hoverslide, its model, ONNX Runtime and OpenSlide')
  .showHelpAfterError('(hoverslide --help, or hoverslide <command> --help)')
  .exitOverride();
registerRun(program);
registerStatus(program);
registerReport(program);
registerView(program);
registerExport(program);
registerFeatures(program);
registerSlurm(program);
registerDemo(program);
registerModel(program);
registerDoctor(program);
registerProvider(program);
registerBench(program);
registerBuildAddon(program);
registerEvaluate(program);
registerPostprocess(program);

try {
  if (['-V', '--version'].includes(process.argv[2] ?? '')) process.stdout.write(await versions());
  else await program.parseAsync();
} catch (error) {
  process.exit(exitCodeFor(error)); // threads may still be at work after a stop that could not wait for them
}

function exitCodeFor(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage; // printed by commander
  if (error instanceof HoverslideError) {
    const hint = error.kind === 'stopped' ? '; the same command goes on from there' : '';
    console.error(`hoverslide: ${error.naming(flagName).message}${hint}`);
    return error.exitCode;
  }
  if ((error as NodeJS.ErrnoException).syscall === 'uv_cwd') {
    console.error('hoverslide: the working folder has been deleted: change to one that is there');
    return exitCodes.missing;
  }
  console.error(`hoverslide: internal error: ${errorLine(error)}`);
  if (process.env['HOVERSLIDE_TRACE'] && error instanceof Error) console.error(error.stack);
  return exitCodes.internal;
}
