import { HoverslideError } from '../../errors.js';
import { formOfDirectory } from './image-form.js';
import { parseOme, redGreenBlue, type OmeImage } from './ome.js';
import type { TiffDirectory } from './tiff-directories.js';

/** The picture of a TIFF: which of its directories hold it. */
export interface TiffPicture {
  /** One page that holds all colours, or the pages of the red, green and blue planes. */
  readonly pages: readonly [number] | readonly [red: number, green: number, blue: number];
  readonly ome: OmeImage | undefined;
}

/**
 * Finds the picture of a TIFF that is not a scanner's: its first directory, or the three planes that its OME-XML names.
 * @throws HoverslideError `input` where other directories are as large or larger: then the first is a thumbnail, or one
 *   of a stack
 */
export function pictureOf(path: string, directories: readonly TiffDirectory[]): TiffPicture {
  const [first] = directories as [TiffDirectory];
  const ome = parseOme(first.description);
  const planes =
    ome && formOfDirectory(first).colour === 'grey' ? colourPlanes(path, ome, directories) : undefined;
  if (planes) return { pages: planes, ome };
  const area = ({ width, height }: TiffDirectory) => width * height;
  const rival = directories.findIndex((each, page) => page > 0 && !each.mask && area(each) >= area(first));
  if (rival < 0) return { pages: [0], ome };
  const size = ({ width, height }: TiffDirectory) => `${width} x ${height}`;
  const page = `page ${rival + 1}`;
  const found =
    area(directories[rival]!) === area(first)
      ? `${directories.length} pages, ${page} as large as the first (${size(first)}): a stack, or planes of one picture`
      : `${directories.length} pages, the first (${size(first)}) smaller than ${page} (${size(directories[rival]!)})`;
  throw new HoverslideError(
    'input',
    `${path}: expected one picture, found ${found}; take out the one that is meant, for instance: ` +
      `vips tiffsave 'IN[page=${rival}]' OUT.tif --tile --pyramid --compression deflate`,
  );
}

function colourPlanes(
  path: string,
  ome: OmeImage,
  directories: readonly TiffDirectory[],
): [number, number, number] | undefined {
  if (ome.channels < 2) return undefined;
  const refuse = (found: string) => {
    throw new HoverslideError(
      'input',
      `${path}: expected RGB, or planes of red, green and blue in an OME-TIFF, found ${found}`,
    );
  };
  const order = redGreenBlue(ome);
  if (!order) {
    const names = ome.names.filter((name) => name !== '');
    const called = names.length > 0 ? ` (${names.join(', ')})` : '';
    return refuse(
      `${ome.channels} channels${called}${ome.depth > 1 ? ` and ${ome.depth} planes of each` : ''}`,
    );
  }
  const pages = order.map((channel) => ome.planes[channel] ?? -1) as [number, number, number];
  const [first] = directories as [TiffDirectory];
  const fit = pages.every((page) => {
    const plane = directories[page];
    return plane && plane.width === first.width && plane.height === first.height && plane.photometric === 1;
  });
  return fit ? pages : refuse(`planes that are not in this file, or not of one size`);
}
