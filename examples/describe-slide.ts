// Opens a slide and prints what it says of itself:  node examples/describe-slide.ts SLIDE.svs
import { openSlide } from 'hoverslide';

const slide = await openSlide(process.argv[2]!);
const { mpp, source } = slide.pixelSize;
console.log(
  `${slide.width} x ${slide.height} px of ${mpp.toFixed(3)} um (${source}), ${slide.levels.length} levels`,
);
for (const notice of slide.notices) console.log(notice);
await slide.close();
