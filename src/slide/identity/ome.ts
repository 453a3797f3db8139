import sax from 'sax';

/** Content of a TIFF's OME-XML about its first image. */
export interface OmeImage {
  readonly channels: number;
  /** Number of planes of a stack or times of a series: 1 for a picture. */
  readonly depth: number;
  readonly names: readonly string[];
  /** Colours of the channels, RGBA as 32 bits; undefined where none is stated. */
  readonly colours: readonly (number | undefined)[];
  /** Directory of each channel's plane, where each channel has one. */
  readonly planes: readonly number[];
  /** Micrometres per pixel. */
  readonly mppX: number | undefined;
  readonly mppY: number | undefined;
}

const micrometres: Readonly<Record<string, number>> = {
  nm: 1e-3,
  µm: 1,
  μm: 1,
  um: 1,
  mm: 1e3,
  cm: 1e4,
  m: 1e6,
};

/** Parses the OME-XML in a TIFF's description. Returns undefined for a description that is no OME-XML. */
export function parseOme(description: string | undefined): OmeImage | undefined {
  if (!description || !/<(\w+:)?OME[\s>]/.test(description.slice(0, 4096))) return undefined;
  let images = 0;
  let pixels: Record<string, string> | undefined;
  const names: string[] = [];
  const colours: (number | undefined)[] = [];
  const data: { ifd: number | undefined; channel: number; count: number | undefined }[] = [];
  const parser = sax.parser(true, { xmlns: false });
  parser.onerror = () => {
    parser.resume(); // what can be read must suffice
  };
  parser.onopentag = ({ name, attributes }) => {
    const tag = name.replace(/^.*:/, '');
    const attribute = attributes as Record<string, string>;
    if (tag === 'Image') images++;
    if (images !== 1) return;
    const whole = (key: string) => (attribute[key] === undefined ? undefined : Number(attribute[key]));
    if (tag === 'Pixels') pixels = attribute;
    if (tag === 'Channel') {
      names.push(attribute['Name'] ?? '');
      colours.push(whole('Color'));
    }
    if (tag === 'TiffData') {
      data.push({ ifd: whole('IFD'), channel: whole('FirstC') ?? 0, count: whole('PlaneCount') });
    }
  };
  parser.write(description).close();
  if (!pixels) return undefined;
  const { SizeC, SizeZ, SizeT } = pixels;
  const channels = Number(SizeC);
  const size = (axis: 'X' | 'Y') => {
    const unit = micrometres[pixels![`PhysicalSize${axis}Unit`] ?? 'µm'];
    const value = Number(pixels![`PhysicalSize${axis}`]) * (unit ?? NaN);
    return value > 0 ? value : undefined;
  };
  return {
    channels,
    depth: Number(SizeZ ?? 1) * Number(SizeT ?? 1),
    names,
    colours,
    planes: planesOf(data, channels),
    mppX: size('X'),
    mppY: size('Y'),
  };
}

function planesOf(
  data: readonly { ifd: number | undefined; channel: number; count: number | undefined }[],
  channels: number,
): number[] {
  const planes: number[] = [];
  for (const { ifd, channel, count } of data.length > 0 ? data : [{ ifd: 0, channel: 0, count: channels }]) {
    const all = count ?? (ifd === undefined ? channels : 1);
    for (let k = 0; k < Math.min(all, channels); k++) planes[channel + k] = (ifd ?? 0) + k;
  }
  return planes;
}

/**
 * Returns the channels of red, green and blue, by name or by colour, else in this order; undefined if they are
 * something else.
 */
export function redGreenBlue({ channels, depth, names, colours }: OmeImage): number[] | undefined {
  if (channels !== 3 || depth !== 1) return undefined;
  const byName = [/^r(ed)?$/i, /^g(reen)?$/i, /^b(lue)?$/i].map((name) =>
    names.findIndex((each) => name.test(each.trim())),
  );
  if (!byName.includes(-1)) return byName;
  const byColour = [0xff0000ff, 0x00ff00ff, 0x0000ffff].map((colour) =>
    colours.findIndex((each) => each !== undefined && each >>> 0 === colour),
  );
  if (!byColour.includes(-1)) return byColour;
  const unnamed = names.every((name) => /^((channel|ch|c)?[\s:_-]*\d*)+$/i.test(name.trim()));
  return unnamed ? [0, 1, 2] : undefined;
}
