// The stitcher's result by definition instead of patch by patch: labels a whole map and cuts each blob's window.

/** Packed maps [height, width, 4] of a window whose top left pixel is (x0, y0) in model space. */
export interface PackedMap {
  readonly width: number;
  readonly height: number;
  readonly packed: Uint8Array;
  readonly rgb?: Uint8Array;
  readonly x0?: number;
  readonly y0?: number;
}

export interface Blob {
  /** Pixels as indices into the map, in raster order. */
  readonly pixels: number[];
  /** [x0, x1) by [y0, y1) in the map. */
  readonly box: { x0: number; y0: number; x1: number; y1: number };
}

export const margin = 10;

/** Finds the blobs: 4-connected components of at least 10 px with np >= 128, by their first pixels in raster order. */
export function findBlobs({ width, height, packed }: PackedMap): Blob[] {
  const seen = new Uint8Array(width * height);
  const blobs: Blob[] = [];
  for (let start = 0; start < width * height; ++start) {
    if (seen[start] || packed[4 * start]! < 128) continue;
    seen[start] = 1;
    const pixels = [start];
    const box = { x0: width, y0: height, x1: 0, y1: 0 };
    for (let k = 0; k < pixels.length; ++k) {
      const i = pixels[k]!;
      const x = i % width;
      const y = (i - x) / width;
      box.x0 = Math.min(box.x0, x);
      box.x1 = Math.max(box.x1, x + 1);
      box.y0 = Math.min(box.y0, y);
      box.y1 = Math.max(box.y1, y + 1);
      const visit = (exists: boolean, next: number) => {
        if (!exists || seen[next] || packed[4 * next]! < 128) return;
        seen[next] = 1;
        pixels.push(next);
      };
      visit(y > 0, i - width);
      visit(x > 0, i - 1);
      visit(x + 1 < width, i + 1);
      visit(y + 1 < height, i + width);
    }
    if (pixels.length >= 10) blobs.push({ pixels: pixels.sort((a, b) => a - b), box });
  }
  return blobs;
}

/** Returns the blobs' windows in the form in which the stitcher gives them to the kernel. */
export function blobBuffer(map: PackedMap, blobs: readonly Blob[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(blobs.map((blob) => blobWindow(map, blob))));
}

/**
 * Returns the window of a blob, with the whole window as the blob's reach. native/nuclei/blob.h says what comes in
 * which order.
 */
function blobWindow(
  { width, height, packed, rgb, x0 = 0, y0 = 0 }: PackedMap,
  { pixels, box }: Blob,
): Uint8Array {
  const left = box.x0 - margin;
  const top = box.y0 - margin;
  const w = box.x1 + margin - left;
  const h = box.y1 + margin - top;
  const runs: number[] = [];
  pixels.forEach((i, k) => {
    const x = (i % width) - left;
    if (k > 0 && x > margin && pixels[k - 1] === i - 1) ++runs[runs.length - 1]!;
    else runs.push(Math.floor(i / width) - top, x, x + 1);
  });
  const reach = Array.from({ length: h }, (_, y) => [y, 0, w]).flat();
  const own = pixels.flatMap((i) => [
    ...packed.subarray(4 * i, 4 * i + 4),
    ...(rgb?.subarray(3 * i, 3 * i + 3) ?? [255, 255, 255]),
    0,
  ]);
  const around = (channel: number) =>
    Uint8Array.from({ length: w * h }, (_, k) => {
      const [x, y] = [left + (k % w), top + Math.floor(k / w)];
      const exists = x >= 0 && y >= 0 && x < width && y < height;
      return exists ? packed[4 * (y * width + x) + channel]! : 128;
    });
  const corners = [x0 + left, y0 + top, x0 + left + w, y0 + top + h];
  const counts = [runs.length / 3, pixels.length, h, w * h];
  const parts = [
    Int32Array.of(...corners, ...corners, ...counts),
    Uint8Array.from(own),
    Uint16Array.from(runs),
    Uint16Array.from(reach),
    around(1),
    around(2),
  ];
  const bytes = Buffer.concat(parts.map((part) => Buffer.from(part.buffer)));
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}
