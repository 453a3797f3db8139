import { InvalidArgumentError, Option, type Command } from 'commander';
import { postprocessFolder, type PostprocessMode } from '../field/postprocess.js';
import { seamlessOf } from '../../src/model/card.js';
import { hoverNet } from '../../src/model/hover-net.js';
import { openModel } from '../../src/model/model.js';
import type { SeamlessConstants } from '../../src/nuclei/kernel.js';
import { stopSignal } from './stop.js';

interface PostprocessFlags {
  readonly mode: PostprocessMode['mode'];
  readonly out: string;
  readonly model?: string;
  readonly constants?: SeamlessConstants;
}

export function registerPostprocess(program: Command): void {
  program
    .command('postprocess')
    .summary('nuclei from saved maps of any HoVer-Net-like net')
    .description(
      'Post-processes maps saved as np.npy (nuclear probability), h.npy, v.npy (floats) and type.npy (class per pixel),\n' +
        'all [height, width], and writes instances.npy and nuclei.json. reference: pixel for pixel what the reference code\n' +
        'of HoVer-Net gives; seamless: as on slides, where a nucleus does not depend on what else is on the map.',
    )
    .argument('<folder>', 'folder with the maps')
    .addOption(
      new Option('--mode <mode>', 'kind of post-processing')
        .choices(['reference', 'seamless'])
        .makeOptionMandatory(),
    )
    .requiredOption('-o, --out <folder>', 'where results go')
    .option(
      '--model <name|file>',
      "seamless: model whose card's constants are used (default: the one that comes with hoverslide)",
    )
    .option(
      '--constants <hMin,hMax,vMin,vMax>',
      'seamless: raw 21x21 Sobel gradients that become 0 and 1, in place of a model card',
      constants,
    )
    .action(async (folder: string, flags: PostprocessFlags) => {
      const mode: PostprocessMode =
        flags.mode === 'reference'
          ? { mode: 'reference' }
          : {
              mode: 'seamless',
              constants: flags.constants ?? seamlessOf(await openModel(flags.model)),
            };
      const count = await postprocessFolder(folder, flags.out, mode, stopSignal());
      console.log(`${count} nuclei -> ${flags.out}`);
    });
}

function constants(text: string): SeamlessConstants {
  const [hMin, hMax, vMin, vMax, ...rest] = text.split(',').map(Number);
  if (rest.length > 0 || !(hMin! < hMax!) || !(vMin! < vMax!)) {
    throw new InvalidArgumentError('expected hMin,hMax,vMin,vMax with each minimum below its maximum.');
  }
  return { h: [hMin!, hMax!], v: [vMin!, vMax!], ...hoverNet };
}
