// Segments a slide and counts its nuclei by class:  node examples/segment-slide.ts SLIDE.svs OUT
import { openEngine, openModel, runSlide } from 'hoverslide';

const [slide, out] = process.argv.slice(2);
const engine = await openEngine(await openModel());
try {
  const { folder, summary } = await runSlide(slide!, out!, engine);
  for (const [name, { count }] of Object.entries(summary.classes)) console.log(`${name}: ${count}`);
  console.log(`the table is in ${folder}`);
} finally {
  await engine.close();
}
