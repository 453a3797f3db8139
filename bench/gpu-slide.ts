// node dist/bench/gpu-slide.js OUT SIDE: writes a pyramidal JPEG TIFF of SIDE x SIDE px at 0.25 um/px. It shows the
// sample slide, enlarged twice, again and again. It is large enough that a run on a GPU takes a while.
import { join } from 'node:path';
import sharp from 'sharp';
import { packageRoot } from '../src/package-root.js';
import { readThumbnail } from '../src/slide/region.js';
import { openSlide } from '../src/slide/slide.js';

const [out, size] = process.argv.slice(2);
const side = Number(size);
const slide = await openSlide(join(packageRoot, 'samples', 'CMU-1-Small-Region.svs'));
const { data, width, height } = await readThumbnail(slide, 1);
await slide.close();
const tissue = await sharp(data, { raw: { width, height, channels: 3 } })
  .resize(2 * width, 2 * height, { kernel: 'lanczos3' })
  .extract({ left: 0, top: 0, width: Math.min(side, 2 * width), height: Math.min(side, 2 * height) })
  .png({ compressionLevel: 1 })
  .toBuffer();
await sharp({
  create: { width: side, height: side, channels: 3, background: '#fff' },
  limitInputPixels: false,
})
  .composite([{ input: tissue, tile: true, left: 0, top: 0 }])
  .tiff({
    compression: 'jpeg',
    quality: 80,
    tile: true,
    tileWidth: 256,
    tileHeight: 256,
    pyramid: true,
    xres: 4000,
    yres: 4000,
  })
  .toFile(out!);
