// Colours of classes and of values.
import type { ClassView } from '../../src/view/messages.js';
import type { Look } from '../look.js';
import { asideColor } from './programs.js';

/** Okabe and Ito's colours, told apart by the colour-blind; for the 9th class on they begin again. */
const okabeIto = ['#e69f00', '#56b4e9', '#009e73', '#f0e442', '#0072b2', '#d55e00', '#cc79a7', '#000000'];

/** Colour of nuclei that are set aside. */
export const setAsideColor = '#8a8f98';

/** The colour of each class, by its id. */
export function classColors(classes: readonly ClassView[], palette: Look['palette']): Map<number, string> {
  return new Map(
    classes.map(({ id, color }, place) => [
      id,
      palette === 'model' ? color : okabeIto[place % okabeIto.length]!,
    ]),
  );
}

export const rgbOf = (color: string): [number, number, number] => [
  parseInt(color.slice(1, 3), 16),
  parseInt(color.slice(3, 5), 16),
  parseInt(color.slice(5, 7), 16),
];

/**
 * Colours by the place of a class in the directory's list, clear where it is not shown.
 * @param ids of the classes, in the directory's order
 */
export function classRow(
  ids: readonly number[],
  classes: readonly ClassView[],
  { palette, hidden, setAside }: Look,
): Uint8Array {
  const colors = classColors(classes, palette);
  const row = new Uint8Array(4 * 256);
  for (const [place, id] of ids.entries()) {
    if (place < asideColor && !hidden.has(id))
      row.set([...rgbOf(colors.get(id) ?? setAsideColor), 255], 4 * place);
  }
  if (setAside) row.set([...rgbOf(setAsideColor), 255], 4 * asideColor);
  return row;
}

/** Colours of values, from low to high: lightness grows evenly in OKLab, from violet over green to yellow. */
export function valueRow(): Uint8Array {
  const row = new Uint8Array(4 * 256);
  for (let k = 0; k < 256; k++) row.set([...valueColor(k / 255), 255], 4 * k);
  return row;
}

export function valueColor(at: number): [number, number, number] {
  const hue = ((300 - 195 * at) * Math.PI) / 180;
  const chroma = 0.11 + 0.08 * at ** 2 + 0.03 * (1 - at) ** 2;
  return fromOklab(0.3 + 0.6 * at, chroma * Math.cos(hue), chroma * Math.sin(hue));
}

/** From OKLab (Ottosson 2020) to sRGB of 8 bits. */
function fromOklab(lightness: number, a: number, b: number): [number, number, number] {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const encode = (linear: number) => {
    const bounded = Math.min(1, Math.max(0, linear));
    const value = bounded <= 0.0031308 ? 12.92 * bounded : 1.055 * bounded ** (1 / 2.4) - 0.055;
    return Math.round(255 * value);
  };
  return [
    encode(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    encode(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    encode(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}
