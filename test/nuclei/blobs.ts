// What the stitcher does, by definition instead of patch by patch: labels a whole map and cuts each blob's window.

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

/** 4-connected components of at least 10 px with np >= 128, by their first pixels in raster order. */
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

/** The blobs' windows as the stitcher hands them to the kernel. */
export function blobBuffer(map: PackedMap, blobs: readonly Blob[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(blobs.map((blob) => blobWindow(map, blob))));
}

function blobWindow(
  { width, height, packed, rgb, x0 = 0, y0 = 0 }: PackedMap,
  { pixels, box }: Blob,
): Uint8Array {
  const left = box.x0 - margin;
  const top = box.y0 - margin;
  const w = box.x1 + margin - left;
  const h = box.y1 + margin - top;
  const bytes = new Uint8Array(32 + 8 * w * h);
  const header = new Int32Array(bytes.buffer, 0, 8);
  const corners = [x0 + left, y0 + top, x0 + left + w, y0 + top + h];
  header.set([...corners, ...corners]);
  for (let y = 0; y < h; ++y) {
    for (let x = 0; x < w; ++x) {
      const at = 32 + 8 * (y * w + x);
      const [mx, my] = [left + x, top + y];
      const i = my * width + mx;
      const exists = mx >= 0 && my >= 0 && mx < width && my < height;
      bytes.set(exists ? packed.subarray(4 * i, 4 * i + 4) : [0, 128, 128, 0], at);
      bytes.set(exists && rgb ? rgb.subarray(3 * i, 3 * i + 3) : [255, 255, 255], at + 4);
    }
  }
  for (const i of pixels) {
    const x = (i % width) - left;
    const y = Math.floor(i / width) - top;
    bytes[32 + 8 * (y * w + x) + 7] = 1;
  }
  return bytes;
}
