/**
 * Sets the small 4-connected components of pixels equal to `value` to the other value. With 1 it drops specks, with 0
 * it fills holes.
 * @param mask [height, width] of 0 and 1, changed in place
 * @param minPixels components with fewer pixels are small
 * @param keepBorder whether components that touch the mask's border stay, since they may continue beyond it
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
  const component = new Int32Array(mask.length);
  let size = 0;
  const visit = (pixel: number) => {
    if (seen[pixel] || mask[pixel] !== value) return;
    seen[pixel] = 1;
    component[size++] = pixel;
  };
  for (let start = 0; start < mask.length; start++) {
    size = 0;
    visit(start);
    let atBorder = false;
    for (let next = 0; next < size; next++) {
      const pixel = component[next]!;
      const x = pixel % width;
      const y = (pixel - x) / width;
      atBorder ||= x === 0 || y === 0 || x === width - 1 || y === height - 1;
      if (x > 0) visit(pixel - 1);
      if (x < width - 1) visit(pixel + 1);
      if (y > 0) visit(pixel - width);
      if (y < height - 1) visit(pixel + width);
    }
    if (size < minPixels && !(keepBorder && atBorder)) {
      for (const pixel of component.subarray(0, size)) mask[pixel] = 1 - value;
    }
  }
}
