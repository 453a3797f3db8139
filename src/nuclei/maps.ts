/** Maps of a net as floats, [height, width] each, row-major. */
export interface FloatMaps {
  readonly width: number;
  readonly height: number;
  /** Nuclear probability, 0..1. */
  readonly np: Float32Array;
  /** Horizontal and vertical distance to the nucleus's centre, about -1..1. */
  readonly h: Float32Array;
  readonly v: Float32Array;
  /** Most probable class. */
  readonly type: Uint8Array;
}

const clamp = (value: number) => (value < 0 ? 0 : value > 255 ? 255 : value);

/**
 * Packs maps into the form that the net gives and `seamless` works on, uint8 [height, width, 4]: np = floor(256 p), at
 * most 255; h and v = round(100 x) + 128 (ties to even); class.
 */
export function packMaps({ np, h, v, type }: FloatMaps): Uint8Array {
  const packed = new Uint8Array(4 * np.length);
  const signed = (x: number) => clamp(roundHalfEven(Math.fround(100 * x)) + 128);
  for (let i = 0; i < np.length; ++i) {
    packed[4 * i] = clamp(Math.floor(256 * np[i]!));
    packed[4 * i + 1] = signed(h[i]!);
    packed[4 * i + 2] = signed(v[i]!);
    packed[4 * i + 3] = type[i]!;
  }
  return packed;
}

/** Rounds halves to even, as ONNX's Round does in a model's graph. */
function roundHalfEven(x: number): number {
  const rounded = Math.round(x);
  return rounded - x === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
