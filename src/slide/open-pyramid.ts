import { extname } from 'node:path';
import { HoverslideError, errorLine } from '../errors.js';
import { slideEndings } from './files/slide-files.js';
import { checkLook } from './identity/look.js';
import { slideFacts } from './identity/slide-facts.js';
import { openSlideErrorLine } from './identity/transfer-syntax.js';
import { withTrueScales, type ScaledLevel } from './level-scale.js';
import { findOpenSlide } from './library.js';
import { OpenSlidePyramid } from './openslide-pyramid.js';
import { PlainImage, decodeImage, type DecodedImage } from './plain-image.js';
import type { Pyramid } from './pyramid.js';

/**
 * What is known of a pyramid after it has been opened and checked. It is plain data, so that other threads can use it.
 */
export type PyramidSource =
  | { readonly image: DecodedImage }
  | {
      readonly file: string;
      readonly properties: Readonly<Record<string, string>>;
      readonly levels: readonly ScaledLevel[];
    };

/** A pyramid that has been checked to be read as it was meant. */
export type CheckedPyramid = Pyramid & { readonly source: PyramidSource };

/**
 * Opens the pixels of a slide or plain image and checks that they are read as they were meant. This is the one place
 * that decides what kind of image a file is.
 * @param file to open, which must exist
 * @param path by which errors name it
 * @throws HoverslideError `input` that says what was expected and found; `unavailable` if there is no OpenSlide
 */
export async function openPyramid(
  file: string,
  path: string,
  library: string | undefined,
): Promise<CheckedPyramid> {
  const slide = await openWithOpenSlide(file, path, library);
  if (slide) {
    const checked = await check(slide, file, path).catch((error: unknown) => {
      slide.close();
      if (error instanceof HoverslideError) throw error;
      throw new HoverslideError('input', `${path}: cannot be read: ${errorLine(error)}`, { cause: error });
    });
    if (checked) return checked;
    slide.close();
  } else {
    checkEnding(path);
  }
  return new PlainImage(await decodeImage(file));
}

/** Opens a pyramid that was checked before. */
export async function reopenPyramid(source: PyramidSource, library: string | undefined): Promise<Pyramid> {
  if ('image' in source) return new PlainImage(source.image);
  const { file, properties, levels } = source;
  const slide = await openWithOpenSlide(file, file, library);
  if (!slide) throw new HoverslideError('input', `${file}: it is no slide any more`);
  return slide.with(properties, levels);
}

/** Checks an open slide. Returns undefined if OpenSlide reads only a part of the picture. */
async function check(
  slide: OpenSlidePyramid,
  file: string,
  path: string,
): Promise<OpenSlidePyramid | undefined> {
  const facts = await slideFacts(file, path, slide.properties['openslide.vendor']);
  if (facts.inPlanes) return undefined;
  const checked = slide.with(facts.properties, withTrueScales(slide.levels, facts.downsampleBy));
  await checkLook(path, checked, facts.bits);
  return checked;
}

/** Opens a file with OpenSlide. Returns null if OpenSlide does not recognise it as a slide. */
async function openWithOpenSlide(
  file: string,
  path: string,
  library: string | undefined,
): Promise<OpenSlidePyramid | null> {
  const { name } = findOpenSlide(library);
  try {
    return await OpenSlidePyramid.open(name, file);
  } catch (error) {
    throw new HoverslideError('input', `${path}: ${openSlideErrorLine(errorLine(error))}`, { cause: error });
  }
}

/**
 * Refuses a file that has the ending of a slide but is not one. Other pictures in it (a preview, say) are not the
 * slide.
 */
function checkEnding(path: string): void {
  const ending = extname(path).slice(1).toLowerCase();
  if (!slideEndings.includes(ending)) return;
  throw new HoverslideError(
    'input',
    `${path}: expected a slide, as its ending .${ending} says, found a file that OpenSlide does not know as one; ` +
      'it may be cut off, or of another kind: then give it the ending of that',
  );
}
