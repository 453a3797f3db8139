import { Argument, type Command } from 'commander';
import { HoverslideError } from '../../src/errors.js';
import { installWheels, megabytes, removeInstalled } from '../../src/model/providers/install.js';
import { cudaWheels } from '../../src/model/providers/packages.js';
import { providerFolder, readInstalled } from '../../src/model/providers/store.js';
import { openModel } from '../../src/model/model.js';
import { onnxruntimeVersion } from '../../src/version.js';
import { tryProvider } from './try-provider.js';

const addable = () => new Argument('<name>', 'the provider').choices(['cuda']);

export function registerProvider(program: Command): void {
  const command = program
    .command('provider')
    .summary('add, list and remove what ONNX Runtime needs for a GPU')
    .description('Adds, lists and removes the libraries that ONNX Runtime needs to run the net on a GPU.');
  command
    .command('add')
    .summary(`fetch a provider: ${megabytes(downloadSize())} for cuda, no root needed`)
    .description(
      'Fetches the CUDA provider of ONNX Runtime and the CUDA libraries that it needs as wheels, with pip and its\n' +
        `settings (mirrors, proxies), into ${providerFolder()}.\n` +
        'Libraries that the system has are not fetched. An interrupted call goes on when it is given again.',
    )
    .addArgument(addable())
    .option('--from <folder>', 'take the wheels from a folder, for machines without network')
    .action(async (_name: string, { from }: { from?: string }) => add(from));
  command.command('list').summary('say which providers there are').action(list);
  command.command('remove').summary('remove an added provider').addArgument(addable()).action(remove);
}

async function add(from: string | undefined): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new HoverslideError(
      'unavailable',
      `cuda: expected Linux on x64, found ${process.platform} on ${process.arch}`,
    );
  }
  const folder = await installWheels(cudaWheels, { from, say: (line) => console.error(line) });
  console.log(`cuda: installed in ${folder}`);
  const { problem, device } = await tryProvider(await openModel(), 'cuda');
  console.log(
    problem === undefined ? `cuda: works on ${device}` : `cuda: does not work on this machine: ${problem}`,
  );
}

function list(): void {
  const say = (name: string, what: string) => console.log(`${name.padEnd(10)}${what}`);
  const comes = `comes with ONNX Runtime ${onnxruntimeVersion}`;
  say('cpu', comes);
  say('webgpu', `${comes}; needs a Vulkan driver`);
  say('cuda', describeInstalled());
  say('tensorrt', "comes with cuda; needs the system's TensorRT 10");
}

function describeInstalled(): string {
  try {
    const manifest = readInstalled();
    if (!manifest)
      return `not installed; 'hoverslide provider add cuda' fetches ${megabytes(downloadSize())}`;
    const size = Object.values(manifest.files).reduce((sum, bytes) => sum + bytes, 0);
    const wheels = Object.entries(manifest.wheels).map((entry) => entry.join(' '));
    return `installed in ${providerFolder()} (${megabytes(size)}): ${wheels.join(', ')}`;
  } catch (error) {
    return (error as Error).message;
  }
}

async function remove(): Promise<void> {
  console.log((await removeInstalled()) ? 'cuda: removed' : 'cuda: was not installed');
}

function downloadSize(): number {
  return cudaWheels.reduce((sum, wheel) => sum + wheel.download, 0);
}
