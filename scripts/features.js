// Writes docs/features.md, the dictionary of features, from the place that defines them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { dictionaryMarkdown } from '../dist/src/features/dictionary.js';
import { root } from './steps.js';

const path = join(root, 'docs', 'features.md');
writeFileSync(path, await format(dictionaryMarkdown(), { ...(await resolveConfig(path)), filepath: path }));
