import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { HoverslideError, errorLine } from '../errors.js';
import { fileFacts } from './files/facts.js';
import { slideFiles, type SlideFiles } from './files/slide-files.js';
import { compressionName } from './identity/compression.js';
import { formOfDirectory, type ImageForm } from './identity/image-form.js';
import { plainFacts } from './identity/plain-facts.js';
import { fileBytes } from './identity/tiff-bytes.js';
import { readTiff, type TiffDirectory } from './identity/tiff-directories.js';
import { findOpenSlide } from './library.js';
import { OpenSlidePyramid } from './openslide-pyramid.js';
import { pixelSizeStatements } from './pixel-size.js';
import { pixelSizeProperties } from './plain-image.js';
import { openSlide, type OpenOptions, type Slide } from './slide.js';

/** One fact, for a person: what it is about, and what was found. */
export type Fact = readonly [what: string, found: string];

/** All that is known of a slide, whether it can be run or not. */
export interface SlideDescription {
  readonly facts: readonly Fact[];
  /** The open slide, or why it is refused. */
  readonly slide: Slide | HoverslideError;
}

/** Largest number of a TIFF's pages, and of missing or further files, that are listed. */
const mostListed = 12;

const sources = {
  ome: 'OME-XML',
  openslide: 'OpenSlide',
  'resolution-tags': 'resolution tags',
  'objective-power': 'objective power',
} as const;

/**
 * Gathers what is known of a slide: its files, what they are, levels, pages and every statement of its pixel size. What
 * cannot be found out is left out, and the reason is the slide's refusal.
 */
export async function describeSlide(path: string, options: OpenOptions): Promise<SlideDescription> {
  const facts: Fact[] = [];
  const slide = await openSlide(path, options).catch((error: unknown) => {
    return error instanceof HoverslideError ? error : new HoverslideError('internal', errorLine(error));
  });
  const files = await slideFiles(path).catch(() => undefined);
  if (files) {
    const main = join(files.folder, files.names[0]);
    facts.push(...(await factsOfFiles(path, files)));
    for (const part of [() => factsOfPyramid(main, slide, options), () => factsOfPages(main)]) {
      facts.push(...(await part().catch((): Fact[] => [])));
    }
  }
  return { facts, slide };
}

async function factsOfFiles(path: string, files: SlideFiles): Promise<Fact[]> {
  const { bytes } = await fileFacts(path, files).catch(() => ({ bytes: NaN }));
  const size = Number.isNaN(bytes) ? '' : `${(bytes / 1e6).toFixed(1)} MB: `;
  const { names, folder, id } = files;
  const others = names.length > 1 ? ` and ${names.length - 1} more in ${folder}` : '';
  return [
    ['slide', id],
    ['files', `${size}${join(folder, names[0])}${others}`],
  ];
}

async function factsOfPyramid(
  main: string,
  slide: Slide | HoverslideError,
  { library, mpp }: OpenOptions,
): Promise<Fact[]> {
  const { name, version } = findOpenSlide(library);
  const opened = await OpenSlidePyramid.open(name, main).catch((error: unknown) => errorLine(error));
  if (typeof opened === 'string') return [['format', `OpenSlide ${version} says: ${opened}`]];
  opened?.close();
  const open = slide instanceof HoverslideError ? undefined : slide;
  const pyramid = open ?? opened;
  const vendor = opened?.properties['openslide.vendor'];
  const facts: Fact[] = [
    [
      'format',
      vendor === undefined
        ? 'no slide that OpenSlide knows: a plain image'
        : `${vendor}, read by OpenSlide ${version}`,
    ],
  ];
  if (!pyramid) {
    const stated = await plainFacts(main).then(pixelSizeProperties, () => undefined);
    return stated ? [...facts, ...factsOfPixelSize(stated, mpp)] : facts;
  }
  pyramid.levels.forEach(({ width, height, scale }, level) => {
    const how =
      scale === undefined
        ? 'its scale is not known: not used'
        : `1 px is ${Number(scale.toPrecision(6))} of level 0`;
    facts.push([`level ${level}`, `${width} x ${height} px, ${how}`]);
  });
  if (open) {
    const { x, y, width, height } = open.bounds;
    facts.push(['bounds', `${width} x ${height} px at (${x}, ${y}): QuPath's coordinates count from there`]);
  }
  if (pyramid.associatedImages.length > 0) facts.push(['other images', pyramid.associatedImages.join(', ')]);
  facts.push(...factsOfPixelSize(pyramid.properties, mpp));
  return facts;
}

function factsOfPixelSize(properties: Readonly<Record<string, string>>, given: number | undefined): Fact[] {
  const statements = pixelSizeStatements(properties);
  const best = given === undefined ? statements.find(({ plausible }) => plausible) : undefined;
  const option: Fact = [
    'pixel size',
    given === undefined ? 'option mpp: not given' : `option mpp: ${given} um: counts, as given`,
  ];
  return [
    option,
    ...statements.map((statement): Fact => {
      const { source, sizes, plausible } = statement;
      const said = sizes.map((size) => Number(size.toPrecision(5))).join(' x ');
      const verdict =
        statement === best ? ': counts, the first that is plausible' : plausible ? '' : ': implausible';
      return ['', `${sources[source]}: ${sizes.length === 0 ? 'not stated' : `${said} um${verdict}`}`];
    }),
  ];
}

/** Describes the pages of a TIFF, or the picture of a PNG or JPEG. */
async function factsOfPages(main: string): Promise<Fact[]> {
  const file = await open(main);
  const tiff = await readTiff(fileBytes(file)).finally(() => file.close());
  if (!tiff) {
    const { format, width, height, form, orientation } = await plainFacts(main);
    return [['picture', `${format}, ${width} x ${height} px, ${formText(form)}, ${turned(orientation)}`]];
  }
  const { directories, cutAt } = tiff;
  const facts = directories
    .slice(0, mostListed)
    .map((page, index): Fact => [`page ${index + 1}`, pageText(page)]);
  if (directories.length > mostListed) facts.push(['', `and ${directories.length - mostListed} more pages`]);
  if (cutAt !== undefined) facts.push(['', `cut off: the next page would be at byte ${cutAt}`]);
  return facts;
}

function pageText(page: TiffDirectory): string {
  const { width, height, compression, tileWidth, orientation, reduced } = page;
  const parts = [
    `${width} x ${height} px`,
    formText(formOfDirectory(page)),
    `compression ${compressionName(compression)}`,
    tileWidth === undefined ? 'in strips' : `in tiles of ${tileWidth}`,
    turned(orientation),
    ...(reduced ? ['a smaller version'] : []),
  ];
  return parts.join(', ');
}

function formText({ colour, channels, bits, samples }: ImageForm): string {
  return `${colour}, ${channels} channel${channels === 1 ? '' : 's'} of ${bits} bits${samples === 'unsigned' ? '' : ` (${samples})`}`;
}

function turned(orientation: number): string {
  return orientation === 1 ? 'upright' : `stored turned (orientation ${orientation})`;
}
