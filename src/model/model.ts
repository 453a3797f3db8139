import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { HoverslideError, errorLine } from '../errors.js';
import { writeAtomically } from '../files.js';
import { readCard, withCard, type ModelCard } from './card.js';
import { embeddedModel, modelFile } from './embedded.js';
import { readOnnxFile, type OnnxFile } from './onnx-file.js';

/** An ONNX file with its card. It is plain data, so that it can be sent to the inference thread. */
export interface Model {
  readonly path: string;
  readonly card: ModelCard;
  /** SHA-256 of the file, hexadecimal. */
  readonly hash: string;
}

/**
 * Opens a model.
 * @param nameOrPath name of a model that comes with the package, or an ONNX file
 * @throws HoverslideError `missing` if the file cannot be read, `model` if the file or its card does not fit, or its
 *   weights lie in another file
 */
export async function openModel(nameOrPath: string = embeddedModel): Promise<Model> {
  const path = modelFile(nameOrPath);
  const { onnx, file } = await readOnnx(path);
  return { path, card: readCard(path, file), hash: createHash('sha256').update(onnx).digest('hex') };
}

/**
 * Gives an ONNX file a card, in place of its own if it has one.
 * @param path the ONNX file
 * @param out the file to write; by default `path` itself, which is replaced in one step
 * @throws HoverslideError as openModel, except for the card; `output` if the file cannot be written
 */
export async function writeCard(path: string, card: ModelCard, out = path): Promise<void> {
  const { onnx } = await readOnnx(path);
  await writeAtomically(out, withCard(onnx, card));
}

async function readOnnx(path: string): Promise<{ onnx: Buffer; file: OnnxFile }> {
  let onnx: Buffer;
  try {
    onnx = await readFile(path);
  } catch (error) {
    throw new HoverslideError('missing', `${path}: cannot read the model: ${errorLine(error)}`, {
      cause: error,
    });
  }
  const file = readOnnxFile(path, onnx);
  const [weights] = file.weightFiles;
  if (weights !== undefined) {
    // The hash of this one file would be the same for the same net with other weights.
    throw new HoverslideError(
      'model',
      `${path}: expected the weights in the same file, found them in '${weights}': save the net as one file`,
    );
  }
  return { onnx, file };
}
