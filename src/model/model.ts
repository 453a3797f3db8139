import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HoverslideError, errorLine } from '../errors.js';
import { packageRoot } from '../package-root.js';
import { readCard, type ModelCard } from './card.js';

/** The model that comes with the package. */
export const embeddedModel = join(packageRoot, 'models', 'hoverslide-b0.onnx');

/** An ONNX file with its card: plain data, so that it can go to the inference thread. */
export interface Model {
  readonly path: string;
  readonly card: ModelCard;
  /** SHA-256 of the file, hexadecimal. */
  readonly hash: string;
}

/** @throws HoverslideError `missing` if the file cannot be read, `model` if it or its card does not fit */
export async function openModel(path: string = embeddedModel): Promise<Model> {
  let onnx: Buffer;
  try {
    onnx = await readFile(path);
  } catch (error) {
    throw new HoverslideError('missing', `${path}: cannot read the model: ${errorLine(error)}`, {
      cause: error,
    });
  }
  return { path, card: readCard(path, onnx), hash: createHash('sha256').update(onnx).digest('hex') };
}
