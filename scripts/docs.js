// Writes the reference of the API into docs/api, or with --check fails if what is there is not that of the sources.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, root, sh } from './steps.js';
import './setup.js';

const check = process.argv.includes('--check');
const out = check ? 'build/api' : 'docs/api';
sh(process.execPath, ['node_modules/typedoc/bin/typedoc', '--out', out]);
const page = (folder) => readFileSync(join(root, folder, 'README.md'), 'utf8');
if (check && page(out) !== page('docs/api')) fail("docs/api is not that of the sources; run 'npm run docs'");
