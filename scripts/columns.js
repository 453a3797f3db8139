// Writes the table of columns into the README, from the place that defines them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withColumnTable } from '../dist/src/table/readme.js';
import { root } from './steps.js';

const path = join(root, 'README.md');
writeFileSync(path, withColumnTable(readFileSync(path, 'utf8')));
