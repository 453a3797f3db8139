// A tile of a density grid of `nuclei.overlay`, before compression: its counts one after the other, in few bytes each. Knows
// nothing of Node, since browsers read it too.

import { ByteSink, ByteSource } from './bytes.js';
import { densityTile, type DensityCounts } from './layout.js';

/** Encodes the counts of a tile. */
export function encodeDensity({ counts }: DensityCounts): Uint8Array {
  const sink = new ByteSink();
  sink.number(counts.length / densityTile ** 2);
  for (const count of counts) sink.number(count);
  return sink.bytes;
}

/** Decodes what encodeDensity encoded. @throws Error if it is anything else */
export function decodeDensity(bytes: Uint8Array): DensityCounts {
  const source = new ByteSource(bytes);
  const counts = new Uint32Array(source.number() * densityTile ** 2);
  for (let k = 0; k < counts.length; k++) counts[k] = source.number();
  source.end();
  return { counts };
}
