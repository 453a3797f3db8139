#!/usr/bin/env node
// CommonJS, so that this runs before Node starts its pool of threads for files and the addon: slides are read there.
const { existsSync } = require('node:fs');
const { availableParallelism } = require('node:os');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

process.env.UV_THREADPOOL_SIZE ??= String(availableParallelism() + 2);

const main = join(__dirname, '..', 'dist', 'pipelines', 'cli', 'main.js');
if (!existsSync(main)) {
  console.error("hoverslide: not built yet; run 'npm run build' in the checkout first");
  process.exit(69);
}
import(pathToFileURL(main).href);
