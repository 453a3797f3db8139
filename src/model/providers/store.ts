import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { errorLine } from '../../errors.js';
import { onnxruntimeVersion } from '../../version.js';

/**
 * Returns the folder for libraries of added providers. It is not in node_modules, because `npm ci` empties that. It is
 * in the user's cache, where every checkout and installation with the same ONNX Runtime finds it.
 */
export function providerFolder(): string {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(
    cache,
    'hoverslide',
    'providers',
    `onnxruntime-${onnxruntimeVersion}-${process.platform}-${process.arch}`,
  );
}

const manifestSchema = z.object({
  /** Version of each wheel. */
  wheels: z.record(z.string(), z.string()),
  /** Size in bytes of each file beside the manifest. */
  files: z.record(z.string(), z.number()),
  /**
   * Libraries to load before ONNX Runtime asks for them, in this order: files, or sonames of the system's libraries.
   */
  preload: z.array(z.string()),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** Name of the manifest. It is written last: a folder without it is not an installation. */
export const manifestName = 'cuda.json';

/** Reads what is installed; undefined if nothing is. @throws Error with one line if files are missing */
export function readInstalled(folder: string = providerFolder()): Manifest | undefined {
  let text: string;
  try {
    text = readFileSync(join(folder, manifestName), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw damaged(folder, errorLine(error));
  }
  const manifest = manifestSchema.safeParse(parsed(text));
  if (!manifest.success) throw damaged(folder, `${manifestName} is not what was written`);
  for (const [name, size] of Object.entries(manifest.data.files)) {
    const found = statSync(join(folder, name), { throwIfNoEntry: false })?.size;
    if (found === size) continue;
    throw damaged(
      folder,
      `${name}: expected ${size} bytes, found ${found === undefined ? 'no file' : found}`,
    );
  }
  return manifest.data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function damaged(folder: string, what: string): Error {
  return new Error(
    `the files in ${folder} are damaged (${what}); 'hoverslide provider add cuda' renews them`,
  );
}
