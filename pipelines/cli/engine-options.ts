import { InvalidArgumentError, Option, type Command } from 'commander';
import { defaultEngineOptions, openEngine, type Engine } from '../engine/engine.js';
import { openModel } from '../../src/model/model.js';
import { providerChoices, type ProviderChoice } from '../../src/model/provider.js';
import { renamed } from './renamed-option.js';

export interface EngineFlags {
  readonly model?: string;
  readonly provider: ProviderChoice;
  readonly threads: number;
  readonly sessions?: number;
  readonly workers: number;
  readonly device?: readonly number[];
  readonly batch?: number;
  readonly readBlock?: number;
}

/** Adds the options of every command that runs a net of the user's choice. */
export function withEngineOptions(command: Command): Command {
  return withEngineFlags(
    command.option(
      '--model <name|file>',
      'model that comes with hoverslide, or an ONNX file (default: hoverslide-lite0)',
    ),
  );
}

/** Adds the options of the engine alone, for commands that take the model as an argument. */
export function withEngineFlags(command: Command): Command {
  const { provider, threads, workers } = defaultEngineOptions();
  return command
    .addOption(
      new Option('--provider <name>', 'where the net runs').choices(providerChoices).default(provider),
    )
    .option(
      '--device <list>',
      "GPUs that share the batches, as CUDA counts them: 0 or 0,1 (default: this job's)",
      devices,
    )
    .option('--threads <n>', 'threads of the net on the CPU, all sessions together', count, threads)
    .option(
      '--sessions <n>',
      'sessions of the net on the CPU (default: one for each thread, as far as the memory goes)',
      count,
    )
    .option('--workers <n>', 'threads that read and post-process', count, workers)
    .option(
      '--batch <n>',
      'patches per batch (default: 8 of 256 px, on a CUDA device as many as fit, at most 64)',
      count,
    )
    .option(
      '--read-block <n>',
      'patches per side of a read block, the square that is read at once (default: 4, fewer for nets of large patches)',
      powerOfTwo,
    )
    .addOption(renamed('--cell <n>', '--read-block'));
}

/** Returns the engine's options by their names in the API. */
export function engineOptions(flags: EngineFlags) {
  const { provider, device, threads, sessions, workers, batch, readBlock } = flags;
  return { provider, devices: device, threads, sessions, workers, batch, readBlock };
}

/**
 * Opens the engine that the flags ask for, and prints its notices on stderr.
 * @throws HoverslideError `missing`, `model` or `unavailable`
 */
export async function engineFrom(flags: EngineFlags): Promise<Engine> {
  const engine = await openEngine(await openModel(flags.model), engineOptions(flags));
  for (const notice of engine.inference.notices) process.stderr.write(`hoverslide: ${notice}\n`);
  return engine;
}

export function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('expected a whole number from 1 on.');
  return value;
}

function devices(text: string): number[] {
  const numbers = text.split(',').map((part) => (/^\d+$/.test(part.trim()) ? Number(part) : NaN));
  if (numbers.some(Number.isNaN))
    throw new InvalidArgumentError('expected numbers with commas, for instance 0,1.');
  return numbers;
}

function powerOfTwo(text: string): number {
  const value = count(text);
  if (value > 64 || (value & (value - 1)) !== 0) {
    throw new InvalidArgumentError('expected 1, 2, 4, 8, 16, 32 or 64.');
  }
  return value;
}

export function micrometres(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('expected micrometres per pixel, for instance 0.25.');
  return value;
}
