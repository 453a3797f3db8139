#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/src/cli/main.js', import.meta.url);
if (!existsSync(main)) {
  console.error("hoverslide: not built yet; run 'npm run build' in the checkout first");
  process.exit(69);
}
await import(main.href);
