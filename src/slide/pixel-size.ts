import { HoverslideError } from '../errors.js';

/** Range of plausible pixel sizes in um/px. A stated size outside it is a default or a mistake (72 dpi means 352.8). */
const plausible = { min: 0.05, max: 20 };

/**
 * Largest relative difference of the pixel sizes of both axes, and the largest one without a notice: scanners round
 * them.
 */
const mostApart = 0.02;
const rounding = 0.001;

/** The size of a level-0 pixel, and where it was found. */
export interface PixelSize {
  /** Micrometres per level-0 pixel, the mean of both axes. */
  readonly mpp: number;
  readonly source: 'option' | 'openslide' | 'ome' | 'resolution-tags' | 'objective-power';
  /** Whether the user insists on this size even if something contradicts it. */
  readonly forced?: boolean;
}

/** What the user states about a slide's pixel size. */
export interface GivenPixelSize {
  /** Micrometres per level-0 pixel, instead of the value in the file. */
  readonly mpp?: number | undefined;
  /** Whether to run even if the file or the model's range contradicts the pixel size. */
  readonly forceMpp?: boolean | undefined;
}

/** Something the user should know that does not stop the run. */
export interface Notice {
  readonly severity: 'notice' | 'warning';
  readonly message: string;
}

/** What a model card states about pixel sizes, in um/px: its own, and the range of slides it was trained for. */
export interface ModelPixelSize {
  readonly mpp: number;
  readonly mpp_range: readonly [min: number, max: number];
}

/**
 * Decides how large a slide's pixels are. This is the one place that does. It takes the first of: the user's value,
 * OME-TIFF's, OpenSlide's mpp, the resolution tags, 10 um over the stated objective power. Implausible values are
 * ignored. Sizes of x and y up to 2 % apart are averaged, with a notice.
 * @throws HoverslideError `pixelSize` if nothing states it or pixels are not square, `usage` if the user's value makes
 *   no sense.
 */
export function resolvePixelSize(
  path: string,
  properties: Readonly<Record<string, string>>,
  { mpp: given, forceMpp: forced = false }: GivenPixelSize = {},
): { pixelSize: PixelSize; notices: Notice[] } {
  if (given !== undefined) checkGiven(given);
  const { stated, rejected } = statement(properties);
  if (given !== undefined) {
    if (stated && !forced) checkAgainst(path, given, stated);
    return { pixelSize: { mpp: given, source: 'option', ...(forced && { forced }) }, notices: [] };
  }
  if (stated) {
    const { mpp, source, axes } = stated;
    return { pixelSize: { mpp, source, ...(forced && { forced }) }, notices: squareness(path, axes) };
  }
  throw new HoverslideError(
    'pixelSize',
    `${path}: its pixel size is not known (${rejected.length > 0 ? `implausible: ${rejected.join(', ')}` : 'no mpp, resolution tags or objective power'}); ` +
      'give it in micrometres per pixel with option mpp',
    { option: 'mpp' },
  );
}

/** Checks a size that the user gave. @throws HoverslideError `usage` for a size that no slide has */
export function checkGiven(mpp: number): void {
  if (isPlausible(mpp)) return;
  throw new HoverslideError(
    'usage',
    `option mpp: expected micrometres per pixel between ${plausible.min} and ${plausible.max}, found ${mpp}`,
    { option: 'mpp' },
  );
}

/** Compares the user's size with the slide's. @throws HoverslideError `pixelSize` if the slide states another size. */
function checkAgainst(path: string, given: number, { mpp, source }: Statement): void {
  const tolerance = source === 'objective-power' ? 0.35 : 0.15; // a 40x objective can mean 0.22 to 0.26 um and more
  if (Math.max(given / mpp, mpp / given) <= 1 + tolerance) return;
  throw new HoverslideError(
    'pixelSize',
    `${path}: option mpp says ${given} um/px, the slide ${Number(mpp.toPrecision(4))} (${source}); ` +
      'leave it out, or if the slide is wrong give option forceMpp too',
    { option: 'mpp' },
  );
}

/** A plausible pixel size that the file states. */
interface Statement {
  readonly mpp: number;
  readonly source: Exclude<PixelSize['source'], 'option'>;
  /** Sizes of x and y, if both are stated. */
  readonly axes: readonly number[];
}

/** What a file says about its pixel size in one place. */
export interface PixelSizeStatement {
  readonly source: Exclude<PixelSize['source'], 'option'>;
  /** Micrometres per level-0 pixel: of x and y, or of both where one is stated. Empty where nothing is. */
  readonly sizes: readonly number[];
  readonly plausible: boolean;
}

/** Lists all that a file says about its pixel size, the best source first. */
export function pixelSizeStatements(properties: Readonly<Record<string, string>>): PixelSizeStatement[] {
  const number = (name: string) => Number.parseFloat(properties[name] ?? '');
  const unit = { inch: 25400, centimeter: 10000 }[properties['tiff.ResolutionUnit'] ?? ''] ?? NaN;
  const statements = [
    { source: 'ome', x: number('ome.PhysicalSizeX'), y: number('ome.PhysicalSizeY') },
    { source: 'openslide', x: number('openslide.mpp-x'), y: number('openslide.mpp-y') },
    { source: 'resolution-tags', x: unit / number('tiff.XResolution'), y: unit / number('tiff.YResolution') },
    { source: 'objective-power', x: 10 / number('openslide.objective-power'), y: NaN },
  ] as const;
  return statements.map(({ source, x, y }) => {
    const sizes = [x, y].filter((mpp) => !Number.isNaN(mpp));
    return { source, sizes, plausible: sizes.length > 0 && sizes.every(isPlausible) };
  });
}

/** Finds the best of the file's statements, and the implausible ones that were passed over. */
function statement(properties: Readonly<Record<string, string>>): { stated?: Statement; rejected: string[] } {
  const rejected: string[] = [];
  for (const { source, sizes, plausible } of pixelSizeStatements(properties)) {
    if (sizes.length === 0) continue;
    if (!plausible) {
      rejected.push(`${source} says ${sizes.map((mpp) => Number(mpp.toPrecision(4))).join(' x ')} um/px`);
      continue;
    }
    const mpp = sizes.reduce((sum, each) => sum + each) / sizes.length;
    return { stated: { mpp, source, axes: sizes }, rejected };
  }
  return { rejected };
}

function isPlausible(mpp: number): boolean {
  return mpp >= plausible.min && mpp <= plausible.max;
}

/** Checks that pixels are square. @throws HoverslideError `pixelSize` if areas and distances would come out wrong. */
function squareness(path: string, [x, y]: readonly number[]): Notice[] {
  if (x === undefined || y === undefined) return [];
  const apart = Math.max(x, y) / Math.min(x, y) - 1;
  const sizes = `${Number(x.toPrecision(6))} x ${Number(y.toPrecision(6))} um`;
  if (apart > mostApart) {
    const [wide, high] = [x, y].map((size) => Number((size / Math.min(x, y)).toPrecision(6)));
    throw new HoverslideError(
      'pixelSize',
      `${path}: expected square pixels (to within ${mostApart * 100} %), found ${sizes}; make them square, for instance: ` +
        `vips resize IN OUT.tif ${wide} --vscale ${high}; or, if that is wrong, give the size of both with option mpp`,
      { option: 'mpp' },
    );
  }
  if (apart <= rounding) return [];
  const message = `${path}: pixels are not quite square (${sizes}); the mean is used for both axes`;
  return [{ severity: 'notice', message }];
}

/**
 * Checks whether a model can run on a slide of this pixel size. Larger pixels than it was trained for are refused,
 * unless the user forces it.
 * @throws HoverslideError `pixelSize`
 */
export function checkPixelSize(
  { path, pixelSize }: { readonly path: string; readonly pixelSize: PixelSize },
  model: ModelPixelSize,
): Notice[] {
  const mpp = Number(pixelSize.mpp.toPrecision(4));
  const max = model.mpp_range[1];
  if (pixelSize.mpp > max * 1.02) {
    if (!pixelSize.forced) {
      throw new HoverslideError(
        'pixelSize',
        `${path}: expected pixels of at most ${max} um for this model, found ${mpp} um (${pixelSize.source}); ` +
          'if that is wrong, give the pixel size with option mpp; option forceMpp runs all the same',
        { option: 'mpp' },
      );
    }
    const message = `${path}: at ${mpp} um/px nuclei are smaller than any the model saw (at most ${max} um/px); expect poor results`;
    return [{ severity: 'warning', message }];
  }
  if (pixelSize.mpp > model.mpp * 1.02) {
    return [{ severity: 'notice', message: `${path}: up-sampled from ${mpp} to ${model.mpp} um/px` }];
  }
  return [];
}
