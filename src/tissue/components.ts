/**
 * Sets the 4-connected components of pixels equal to `value` that have fewer than `minPixels` to the other value: specks
 * with 1, holes with 0. Components at the border count as they are, unless `keepBorder`.
 * @param mask [height, width] of 0 and 1, changed in place
 */
export function removeSmall(
  mask: Uint8Array,
  width: number,
  value: 0 | 1,
  minPixels: number,
  keepBorder = false,
): void {
  const height = mask.length / width;
  const seen = new Uint8Array(mask.length);
  const component: number[] = [];
  for (let start = 0; start < mask.length; start++) {
    if (seen[start] || mask[start] !== value) continue;
    let atBorder = false;
    const visit = (pixel: number) => {
      if (seen[pixel] || mask[pixel] !== value) return;
      seen[pixel] = 1;
      component.push(pixel);
    };
    component.length = 0;
    visit(start);
    for (let next = 0; next < component.length; next++) {
      const pixel = component[next]!;
      const x = pixel % width;
      const y = (pixel - x) / width;
      atBorder ||= x === 0 || y === 0 || x === width - 1 || y === height - 1;
      if (x > 0) visit(pixel - 1);
      if (x < width - 1) visit(pixel + 1);
      if (y > 0) visit(pixel - width);
      if (y < height - 1) visit(pixel + width);
    }
    if (component.length < minPixels && !(keepBorder && atBorder)) {
      for (const pixel of component) mask[pixel] = 1 - value;
    }
  }
}
