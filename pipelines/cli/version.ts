import { openModel } from '../../src/model/model.js';
import { describeOpenSlide } from '../../src/slide/library.js';
import { onnxruntimeVersion, packageCommit, packageVersion } from '../../src/version.js';

/** Returns the text of `hoverslide --version`: all that tables depend on, one per line. */
export async function versions(): Promise<string> {
  const { card } = await openModel();
  const openSlide = describeOpenSlide();
  const commit = packageCommit();
  return [
    `hoverslide ${packageVersion}${commit === undefined ? '' : ` (commit ${commit})`}`,
    `model ${card.name} ${card.version}`,
    `ONNX Runtime ${onnxruntimeVersion}`,
    `OpenSlide ${'found' in openSlide ? openSlide.found.version : openSlide.missing}`,
    `Node ${process.versions.node}`,
    '',
  ].join('\n');
}
