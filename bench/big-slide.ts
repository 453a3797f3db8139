import { openSlide } from '../src/slide/slide.js';
import { TiffWriter } from '../testkit/tiff.js';

const tile = 256;

/** The part of tcga-v5-a7re.tif that is repeated: 2.1 mm2, most of it tissue, in whole tiles at every level written. */
const part = { x: 4096, y: 1024, width: 8192, height: 4096 };
const downsamples = [1, 4, 16];

/**
 * Writes a pyramidal tiled BigTIFF of any size from a part of a real section of tissue, repeated side by side. Tiles
 * are written once and used again and again, so that a file of any number of pixels takes 60 MB.
 * @param columns number of columns of parts
 * @param rows number of rows of parts
 */
export async function writeBigSlide(
  section: string,
  path: string,
  columns: number,
  rows: number,
): Promise<void> {
  const slide = await openSlide(section);
  const writer = await TiffWriter.create(path);
  try {
    for (const downsample of downsamples) {
      const level = slide.levels.findIndex((candidate) => candidate.downsample === downsample);
      const [x0, y0] = [part.x / downsample, part.y / downsample];
      const period = { width: part.width / downsample, height: part.height / downsample };
      await writer.add({
        width: period.width * columns,
        height: period.height * rows,
        tile,
        period,
        reduced: downsample > 1,
        resolution: Array<number>(2).fill(10_000 / slide.pixelSize.mpp / downsample),
        pixels: (x, y) => slide.readLevel(level, { x: x0 + x, y: y0 + y, width: tile, height: tile }),
      });
    }
  } finally {
    await writer.close();
    await slide.close();
  }
}
