import { HoverslideError } from '../errors.js';

/** Outside this range, in um/px, a stated pixel size is taken for a default or a mistake (72 dpi says 352.8). */
const plausible = { min: 0.05, max: 20 };

/** Pixel sizes of both axes may differ by this share, and by this without a word: scanners round them. */
const mostApart = 0.02;
const rounding = 0.001;

/** The size of a level-0 pixel, and where it was found. */
export interface PixelSize {
  /** Micrometres per level-0 pixel, the mean of both axes. */
  readonly mpp: number;
  readonly source: 'option' | 'openslide' | 'ome' | 'resolution-tags' | 'objective-power';
}

/** Something the user should know that does not stop the run. */
export interface Notice {
  readonly severity: 'notice' | 'warning';
  readonly message: string;
}

/** What a model card says about pixel sizes, in um/px: its own, and the range of slides it was trained for. */
export interface ModelPixelSize {
  readonly mpp: number;
  readonly mpp_range: readonly [min: number, max: number];
}

/**
 * The one place that decides how large a slide's pixels are: what the user says, else what an OME-TIFF says, else
 * OpenSlide's mpp, else the resolution tags, else 10 um over the stated objective power. Implausible statements count
 * as none. Sizes of x and y up to 2 % apart are averaged, with a notice.
 * @throws HoverslideError `pixelSize` if nothing says it or pixels are not square, `usage` for an override that makes
 *   no sense.
 */
export function resolvePixelSize(
  path: string,
  properties: Readonly<Record<string, string>>,
  override?: number,
): { pixelSize: PixelSize; notices: Notice[] } {
  if (override !== undefined && !isPlausible(override)) {
    throw new HoverslideError(
      'usage',
      `option mpp: expected micrometres per pixel between ${plausible.min} and ${plausible.max}, found ${override}`,
      { option: 'mpp' },
    );
  }
  const { stated, rejected } = statements(properties);
  if (override !== undefined) {
    const notices = stated ? contradicted(path, stated.sizes, override) : [];
    return { pixelSize: { mpp: override, source: 'option' }, notices };
  }
  if (stated) {
    const { source, sizes } = stated;
    const mpp = sizes.reduce((sum, each) => sum + each) / sizes.length;
    return { pixelSize: { mpp, source }, notices: squareness(path, sizes) };
  }
  throw new HoverslideError(
    'pixelSize',
    `${path}: its pixel size is not known (${rejected.length > 0 ? `implausible: ${rejected.join(', ')}` : 'no mpp, resolution tags or objective power'}); ` +
      'give it in micrometres per pixel with option mpp',
    { option: 'mpp' },
  );
}

/** The first plausible statement of a pixel's size, x before y, and in words those before it that are not. */
function statements(properties: Readonly<Record<string, string>>) {
  const number = (name: string) => Number.parseFloat(properties[name] ?? '');
  const unit = { inch: 25400, centimeter: 10000 }[properties['tiff.ResolutionUnit'] ?? ''] ?? NaN;
  const sources = [
    { source: 'ome', x: number('ome.PhysicalSizeX'), y: number('ome.PhysicalSizeY') },
    { source: 'openslide', x: number('openslide.mpp-x'), y: number('openslide.mpp-y') },
    { source: 'resolution-tags', x: unit / number('tiff.XResolution'), y: unit / number('tiff.YResolution') },
    { source: 'objective-power', x: 10 / number('openslide.objective-power'), y: NaN },
  ] as const;
  const rejected: string[] = [];
  for (const { source, x, y } of sources) {
    const sizes = [x, y].filter((mpp) => !Number.isNaN(mpp));
    if (sizes.length === 0) continue;
    if (sizes.every(isPlausible)) return { stated: { source, sizes }, rejected };
    rejected.push(`${source} says ${sizes.map((mpp) => Number(mpp.toPrecision(4))).join(' x ')} um/px`);
  }
  return { stated: undefined, rejected };
}

function isPlausible(mpp: number): boolean {
  return mpp >= plausible.min && mpp <= plausible.max;
}

/** The user's size goes for both axes, also where the file says that pixels are not square. */
function contradicted(path: string, [x, y]: readonly number[], override: number): Notice[] {
  if (x === undefined || y === undefined || difference(x, y) <= mostApart) return [];
  const message = `${path}: it states pixels of ${sizesOf(x, y)}, not square; both axes are taken for ${override} um, as told`;
  return [{ severity: 'warning', message }];
}

function difference(x: number, y: number): number {
  return Math.max(x, y) / Math.min(x, y) - 1;
}

function sizesOf(x: number, y: number): string {
  return `${Number(x.toPrecision(6))} x ${Number(y.toPrecision(6))} um`;
}

/** @throws HoverslideError `pixelSize` where areas and distances would come out wrong. */
function squareness(path: string, [x, y]: readonly number[]): Notice[] {
  if (x === undefined || y === undefined) return [];
  const apart = difference(x, y);
  const sizes = sizesOf(x, y);
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
 * Whether a model can be run on a slide of this pixel size. Pixels larger than the model was trained for are refused,
 * unless the user gave the size, and so takes the responsibility.
 * @throws HoverslideError `pixelSize`
 */
export function checkPixelSize(
  { path, pixelSize }: { readonly path: string; readonly pixelSize: PixelSize },
  model: ModelPixelSize,
): Notice[] {
  const mpp = Number(pixelSize.mpp.toPrecision(4));
  const max = model.mpp_range[1];
  if (pixelSize.mpp > max * 1.02) {
    if (pixelSize.source !== 'option') {
      throw new HoverslideError(
        'pixelSize',
        `${path}: expected pixels of at most ${max} um for this model, found ${mpp} um (${pixelSize.source}); ` +
          'if that is wrong, or to run all the same, give the pixel size with option mpp',
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
