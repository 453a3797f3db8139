// Makes the overlay of a table, or selects nuclei with it, in a process of its own, as bench/overlay.ts asks: its arguments are
// `write` or `select`, and the slide's folder. Prints what that took.
import { openNuclei } from '../pipelines/overlay/open-nuclei.js';
import { writeOverlay } from '../src/overlay/write.js';
import { SlideFolder } from '../src/table/slide-folder.js';
import { selectNuclei } from '../src/view/selection.js';
import { generatedTissue } from '../testkit/generated-nuclei.js';

const [, , work, path] = process.argv as [string, string, 'write' | 'select', string];
const folder = new SlideFolder(path);

/** Selections of which times are taken. */
const times = 7;

async function select(): Promise<object> {
  const nuclei = await openNuclei(folder);
  const tissue = generatedTissue(nuclei.overlay.directory.nuclei);
  const { width, height } = nuclei.facts.slide;
  // A shape of seven lobes over most of the slide, as drawn by hand: 400 vertices.
  const polygon = Array.from({ length: 400 }, (_, k) => {
    const angle = (2 * Math.PI * k) / 400;
    const reach = 0.48 * (0.9 + 0.1 * Math.sin(7 * angle));
    return [width * (0.5 + reach * Math.cos(angle)), height * (0.5 + reach * Math.sin(angle))];
  });
  const milliseconds: number[] = [];
  let selected = 0;
  for (let k = 0; k < times; k++) {
    const start = performance.now();
    selected = (await selectNuclei({ ...nuclei, tissue }, { polygon, setAside: true })).nuclei;
    milliseconds.push(performance.now() - start);
  }
  await nuclei.close();
  const [first] = milliseconds;
  const median = milliseconds.sort((a, b) => a - b)[times >> 1];
  return { selected, first, median };
}

const [start, cpu] = [performance.now(), process.cpuUsage()];
const found =
  work === 'write' ? await writeOverlay(folder.table('parquet'), 1, folder.overlay) : await select();
const { user, system } = process.cpuUsage(cpu);
console.log(
  JSON.stringify({
    ...found,
    seconds: (performance.now() - start) / 1e3,
    cpuSeconds: (user + system) / 1e6,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  }),
);
