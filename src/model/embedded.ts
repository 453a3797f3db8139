import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { HoverslideError } from '../errors.js';
import { packageRoot } from '../package-root.js';

const folder = join(packageRoot, 'models');
const end = '.onnx';

/** The model that is used if none is named. */
export const embeddedModel = join(folder, `hoverslide-lite0${end}`);

/** Returns the names of the models that come with the package, sorted. */
export function embeddedModels(): string[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(end));
  return files.map((file) => file.slice(0, -end.length)).sort();
}

/** Returns whether a text is the name of a model that comes with the package. */
export function isEmbedded(name: string): boolean {
  return embeddedModels().includes(name);
}

/**
 * Returns the file of a model.
 * @param nameOrPath name of a model that comes with the package, or a file; a file that exists, not a folder, comes first
 * @throws HoverslideError `missing` for a bare name that neither the package nor the folder has
 */
export function modelFile(nameOrPath: string): string {
  const isName = /^[\w.-]+$/.test(nameOrPath) && !nameOrPath.endsWith(end);
  if (!isName || statSync(nameOrPath, { throwIfNoEntry: false })?.isFile()) return nameOrPath;
  if (isEmbedded(nameOrPath)) return join(folder, nameOrPath + end);
  throw new HoverslideError(
    'missing',
    `model '${nameOrPath}': expected an ONNX file or one of ${embeddedModels().join(', ')}, found neither`,
  );
}
