#!/usr/bin/env node
// CommonJS, so that this runs before Node starts its pool of threads for files and the addon: slides are read there.
const { existsSync, readFileSync } = require('node:fs');
const { availableParallelism } = require('node:os');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

process.env.UV_THREADPOOL_SIZE ??= String(availableParallelism() + 2);

const main = join(__dirname, '..', 'dist', 'pipelines', 'cli', 'main.js');
if (!existsSync(main)) {
  console.error("hoverslide: not built yet; run 'npm run build' in the checkout first");
  process.exit(69);
}
import(pathToFileURL(main).href).catch((error) => {
  console.error(`hoverslide: cannot start: ${String(error.message).split('\n', 1)[0]}${limitHint(error)}`);
  process.exit(69);
});

/** What helps where a limit of the shell or the job keeps Node from loading what it needs. */
function limitHint(error) {
  if (error.code === 'EMFILE') return '; raise the limit of open files (ulimit -n), 1024 is enough';
  const limits = readFileSync('/proc/self/limits', 'utf8');
  return /^Max address space +\d/m.test(limits)
    ? '; perhaps the limit on the address space (ulimit -v, h_vmem) is too low: 4 GB is enough'
    : '';
}
