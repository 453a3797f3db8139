import { open } from 'node:fs/promises';
import { HoverslideError } from '../../errors.js';
import { checkForm, formOfDirectory, type ImageForm } from './image-form.js';
import { fileBytes } from './tiff-bytes.js';
import { readTiff, type TiffDirectory } from './tiff-directories.js';
import { pictureOf } from './tiff-picture.js';

/** Facts about a slide opened by OpenSlide, beyond what OpenSlide says. */
export interface SlideFacts {
  /** Bits of a sample, as stored. */
  readonly bits: number;
  /** Pixel size that an OME-TIFF states, as properties. */
  readonly properties: Readonly<Record<string, string>>;
  /**
   * Finds a level by its width and height, and returns how many level-0 pixels one of its pixels covers by the
   * resolution tags; undefined if they do not say.
   */
  readonly downsampleBy: (width: number, height: number) => { x: number; y: number } | undefined;
  /** Whether the picture lies in three grey planes, of which OpenSlide reads the first. */
  readonly inPlanes: boolean;
}

const nothing: SlideFacts = { bits: 8, properties: {}, downsampleBy: () => undefined, inPlanes: false };

/**
 * Checks that OpenSlide reads a slide as it was meant. OpenSlide gives pixels of any TIFF that libtiff can show: grey
 * as RGB, the upper 8 of 16 bits, a turned picture tile by tile, the first of several pages.
 * @param path by which errors name the file
 * @param vendor what OpenSlide takes the slide for
 * @throws HoverslideError `input` that says what was found
 */
export async function slideFacts(
  file: string,
  path: string,
  vendor: string | undefined,
): Promise<SlideFacts> {
  if (vendor === 'hamamatsu' || vendor === 'dicom') return nothing; // NDPI: a TIFF of its own kind, always JPEG
  const handle = await open(file);
  const tiff = await readTiff(fileBytes(handle)).finally(() => handle.close());
  if (!tiff || tiff.directories.length === 0) return nothing;
  const { directories } = tiff;
  const generic = vendor === 'generic-tiff';
  const picture = generic ? pictureOf(path, directories) : undefined;
  if (picture?.pages.length === 3) return { ...nothing, inPlanes: true };
  const levels = directories.filter(
    (each, index) => each.tileWidth !== undefined && (!generic || index === 0 || each.reduced),
  );
  const forms = levels.map(formOfDirectory);
  forms.forEach((form) => checkForm(path, form));
  levels.forEach((level) => checkUpright(path, level));
  const { mppX, mppY } = picture?.ome ?? {};
  return {
    bits: Math.max(8, ...forms.map(({ bits }: ImageForm) => bits)),
    properties: mppX && mppY ? { 'ome.PhysicalSizeX': String(mppX), 'ome.PhysicalSizeY': String(mppY) } : {},
    downsampleBy: (width, height) =>
      statedDownsample(
        levels[0],
        levels.find((each) => each.width === width && each.height === height),
      ),
    inPlanes: false,
  };
}

function checkUpright(path: string, { orientation }: TiffDirectory): void {
  if (orientation === 1) return;
  throw new HoverslideError(
    'input',
    `${path}: expected an upright picture, found tiles with orientation tag ${orientation}, which are not put together as they were meant; ` +
      'turn it upright, for instance: vips autorot IN OUT.tif[tile,pyramid,compression=deflate]',
  );
}

function statedDownsample(first: TiffDirectory | undefined, level: TiffDirectory | undefined) {
  if (!first || !level || first === level || first.resolutionUnit !== level.resolutionUnit) return undefined;
  const x = first.xResolution! / level.xResolution!;
  const y = first.yResolution! / level.yResolution!;
  return x > 1 && y > 1 && Number.isFinite(x + y) ? { x, y } : undefined;
}
