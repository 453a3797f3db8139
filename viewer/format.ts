// Numbers, names and errors as people read them.

/** A count with its thousands apart. */
export const count = (value: number): string => value.toLocaleString('en-US');

/** A measure with as many digits as tell something: three, or all of its whole part. */
export function measure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString('en-US');
  if (size !== 0 && size < 0.001) return value.toExponential(2);
  return Number(value.toPrecision(3)).toString();
}

/** The name of a class or flag, in words. */
export const words = (name: string): string => name.replaceAll('_', ' ');

/** The name of a column, in words; its unit is said beside it. */
export const columnName = (name: string): string =>
  words(name.replace(/_(um2|um|px|rad)$/, '')).replace(/(\d)um\b/g, '$1 µm');

/** A unit as it is printed. */
export const unit = (text: string): string =>
  text
    .replace(/\bum2\b/g, 'µm²')
    .replace(/\bum\b/g, 'µm')
    .replace(/mm2/g, 'mm²');

export interface ScaleBar {
  readonly um: number;
  readonly text: string;
}

/** The longest of 1, 2, 5, 10, ... um that takes at most so many um. */
export function scaleBar(most: number): ScaleBar {
  const decade = 10 ** Math.floor(Math.log10(most));
  const um = [5, 2, 1].map((step) => step * decade).find((length) => length <= most) ?? decade;
  return { um, text: um < 1000 ? `${um} µm` : `${um / 1000} mm` };
}

/** What an error says, whatever was thrown. */
export const lineOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
