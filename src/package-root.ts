import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json. This file runs as dist/src/package-root.js below it. */
export const packageRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
