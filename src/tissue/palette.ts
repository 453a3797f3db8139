/** Reads the colours of a PNG's palette, by number; undefined for a picture without a palette. */
export function paletteOf(png: Buffer): [r: number, g: number, b: number][] | undefined {
  if (png.toString('latin1', 1, 4) !== 'PNG') return undefined;
  for (let at = 8; at + 8 <= png.length;) {
    const length = png.readUInt32BE(at);
    const name = png.toString('latin1', at + 4, at + 8);
    if (name === 'IDAT') return undefined;
    if (name === 'PLTE' && at + 8 + length <= png.length) {
      const entries = png.subarray(at + 8, at + 8 + length);
      return Array.from({ length: Math.floor(length / 3) }, (_, k) => [
        entries[3 * k]!,
        entries[3 * k + 1]!,
        entries[3 * k + 2]!,
      ]);
    }
    at += 12 + length;
  }
  return undefined;
}
