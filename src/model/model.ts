import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HoverslideError, errorLine } from '../errors.js';
import { packageRoot } from '../package-root.js';
import { readCard, type ModelCard } from './card.js';
import { readOnnxFile } from './onnx-file.js';

/** The model that comes with the package. */
export const embeddedModel = join(packageRoot, 'models', 'hoverslide-b0.onnx');

/** An ONNX file with its card: plain data, so that it can go to the inference thread. */
export interface Model {
  readonly path: string;
  readonly card: ModelCard;
  /** SHA-256 of the file, hexadecimal. */
  readonly hash: string;
}

/** @throws HoverslideError `missing` if the file cannot be read, `model` if it or its card does not fit, or its weights lie elsewhere */
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
    // The hash of the one file would not tell a net from the same one with other weights.
    throw new HoverslideError(
      'model',
      `${path}: expected the weights in the same file, found them in '${weights}': save the net as one file`,
    );
  }
  return { path, card, hash: createHash('sha256').update(onnx).digest('hex') };
}
