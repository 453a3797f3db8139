// Finds what is around the nuclei of a generated table, and the features that come of it, in a process of its own, as
// bench/features.ts asks: its arguments are the table and the folder for files. Prints what that took.
import { join } from 'node:path';
import { defaultInterval, gathered } from '../pipelines/features/features-of-slide.js';
import { ContextFile } from '../src/context/context-file.js';
import { openSlideContext } from '../src/context/slide-context.js';
import { writeTiles } from '../src/context/tiles-file.js';
import { evaluateSlide } from '../src/features/evaluate.js';
import { NucleusTable } from '../src/table/read.js';
import { generatedClasses, generatedTissue } from '../testkit/generated-nuclei.js';

const [, , path, folder] = process.argv as [string, string, string, string];
const table = await NucleusTable.open(path);
const tissue = generatedTissue(table.rowCount);
const [start, cpu] = [performance.now(), process.cpuUsage()];
const context = await openSlideContext({ table, classes: generatedClasses, tissue });
const opened = performance.now();
const file = await ContextFile.open(join(folder, 'context.parquet'), table.facts, context.roles);
const nuclei = gathered(generatedClasses);
for await (const around of context.rowGroups()) {
  await file.write(around);
  nuclei.all.add(around);
  nuclei.confident.add(around);
}
await file.close();
const whole = context.whole();
const classes = generatedClasses.flatMap(({ id, role }) => (role === undefined ? [] : [id]));
evaluateSlide(nuclei, whole, { roles: context.roles, classes }, defaultInterval);
await writeTiles(join(folder, 'tiles.parquet'), table.facts, context.roles, whole.tiles);
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
