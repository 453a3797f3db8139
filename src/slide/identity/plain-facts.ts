import { open } from 'node:fs/promises';
import sharp from 'sharp';
import { HoverslideError, errorLine } from '../../errors.js';
import { compressionName } from './compression.js';
import { checkForm, formOfDirectory, formOfMetadata, type ImageForm } from './image-form.js';
import { resolutionOfDirectory, resolutionOfImage, type Resolution } from './resolution.js';
import { fileBytes } from './tiff-bytes.js';
import { readTiff, type TiffFile } from './tiff-directories.js';
import { pictureOf } from './tiff-picture.js';

/** Facts about a TIFF, PNG or JPEG, all of them checked: it can be read as it was meant. */
export interface PlainFacts {
  readonly format: string;
  readonly width: number;
  readonly height: number;
  readonly form: ImageForm;
  /** The page that holds the picture, or the pages of its red, green and blue planes. */
  readonly pages: readonly number[];
  /** 1 is upright; 2 to 8 are turned or mirrored, as TIFF and EXIF count. */
  readonly orientation: number;
  readonly resolution: Resolution | undefined;
  /** Micrometres per pixel that an OME-TIFF states. */
  readonly ome: { readonly x: number; readonly y: number } | undefined;
  readonly compression: string | undefined;
}

const formats = ['tiff', 'png', 'jpeg'];

/**
 * Finds out what a plain image is, before a pixel is read.
 * @throws HoverslideError `input`: not such an image, cut off, or in a form that would not be read as it was meant
 */
export async function plainFacts(path: string): Promise<PlainFacts> {
  const file = await open(path);
  try {
    const read = fileBytes(file);
    const tiff = await readTiff(read);
    if (tiff) return tiffFacts(path, tiff, (await file.stat()).size);
    const metadata = await sharp(path, { limitInputPixels: false })
      .metadata()
      .catch((error: unknown) => {
        throw new HoverslideError(
          'input',
          `${path}: expected a slide that OpenSlide reads, or a TIFF, PNG or JPEG image; found neither (${errorLine(error)})`,
        );
      });
    const { format, width, height, orientation = 1 } = metadata;
    if (!formats.includes(format)) {
      throw new HoverslideError(
        'input',
        `${path}: expected a slide, or a TIFF, PNG or JPEG image; found ${format}`,
      );
    }
    const form = formOfMetadata(metadata);
    checkForm(path, form);
    const resolution = await resolutionOfImage(read, metadata);
    const none = { ome: undefined, compression: undefined };
    return { format, width, height, form, pages: [0], orientation, resolution, ...none };
  } finally {
    await file.close();
  }
}

function tiffFacts(path: string, { directories, cutAt }: TiffFile, size: number): PlainFacts {
  if (cutAt !== undefined || directories.length === 0) {
    const where = cutAt === undefined ? '' : ` at byte ${cutAt}`;
    throw new HoverslideError(
      'input',
      `${path}: truncated TIFF: expected a directory${where}, found the end of the file at ${size}`,
    );
  }
  const { pages, ome } = pictureOf(path, directories);
  const directory = directories[pages[0]]!;
  const plane = formOfDirectory(directory);
  const form: ImageForm =
    pages.length === 3 ? { ...plane, colour: 'RGB', channels: 3, strayChannels: 0 } : plane;
  checkForm(path, form);
  const { width, height, orientation } = directory;
  const { mppX, mppY } = ome ?? {};
  return {
    format: 'tiff',
    width,
    height,
    form,
    pages,
    orientation,
    resolution: resolutionOfDirectory(directory),
    ome: mppX && mppY ? { x: mppX, y: mppY } : undefined,
    compression: compressionName(directory.compression),
  };
}
