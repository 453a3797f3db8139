import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HoverslideError, errorLine } from '../errors.js';
import { packageRoot } from '../package-root.js';
import { readCard, type ModelCard } from './card.js';
import { readOnnxFile } from './onnx-file.js';

/** The model that comes with the package. */
export const embeddedModel = join(packageRoot, 'models', 'hoverslide-b0.onnx');

/** An ONNX file with its card. It is plain data, so that it can be sent to the inference thread. */
export interface Model {
  readonly path: string;
  readonly card: ModelCard;
  /** SHA-256 of the file, hexadecimal. */
  readonly hash: string;
}

/**
 * Opens a model.
 * @throws HoverslideError `missing` if the file cannot be read, `model` if the file or its card does not fit, or its
 *   weights lie in another file
 */
export async function openModel(path: string = embeddedModel): Promise<Model> {
  let onnx: Buffer;
  try {
    onnx = await readFile(path);
  } catch (error) {
    throw new HoverslideError('missing', `${path}: cannot read the model: ${errorLine(error)}`, {
      cause: error,
    });
  }
  const file = readOnnxFile(path, onnx);
  const card = readCard(path, file);
  const [weights] = file.weightFiles;
  if (weights !== undefined) {
    // The hash of this one file would be the same for the same net with other weights.
    throw new HoverslideError(
      'model',
      `${path}: expected the weights in the same file, found them in '${weights}': save the net as one file`,
    );
  }
  return { path, card, hash: createHash('sha256').update(onnx).digest('hex') };
}
