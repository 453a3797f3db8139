// Finds what is around the nuclei of a generated table in a process of its own, as bench/features.ts asks: its arguments are
// the table and the folder for files. Prints what that took.
import { join } from 'node:path';
import { ContextFile } from '../src/context/context-file.js';
import { openSlideContext } from '../src/context/slide-context.js';
import { writeTiles } from '../src/context/tiles-file.js';
import { NucleusTable } from '../src/table/read.js';
import { generatedClasses, generatedTissue } from '../testkit/generated-nuclei.js';

const [, , path, folder] = process.argv as [string, string, string, string];
const table = await NucleusTable.open(path);
const tissue = generatedTissue(table.rowCount);
const [start, cpu] = [performance.now(), process.cpuUsage()];
const context = await openSlideContext({ table, classes: generatedClasses, tissue });
const opened = performance.now();
const file = await ContextFile.open(join(folder, 'context.parquet'), table.facts, context.roles);
for await (const around of context.rowGroups()) await file.write(around);
await file.close();
const { tiles } = context.whole();
await writeTiles(join(folder, 'tiles.parquet'), table.facts, context.roles, tiles);
context.close();
const { user, system } = process.cpuUsage(cpu);
console.log(
  JSON.stringify({
    seconds: (performance.now() - start) / 1e3,
    firstPass: (opened - start) / 1e3,
    cpuSeconds: (user + system) / 1e6,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  }),
);
