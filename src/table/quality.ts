import type { QualityBounds } from '../model/card.js';
import type { NucleiBlock } from '../nuclei/block.js';
import type { TableContext } from './context.js';

/** A reason to set a nucleus aside: its row stays in the table, but no summary counts it. */
export interface QualityFlag {
  readonly name: 'faint' | 'odd';
  /** What it says of a nucleus, for a person. */
  readonly meaning: string;
  readonly applies: (measures: QualityMeasures, bounds: QualityBounds) => boolean;
}

export interface QualityMeasures {
  /** Mean nuclear probability. */
  readonly probability: number;
  readonly areaUm2: number;
  readonly solidity: number;
}

/**
 * The flags in the order in which they are looked for: a nucleus has the first that applies. Their bounds are the
 * model's, since a probability of 0.7 means something else to each net. Every comparison is of values as the table stores them.
 */
export const qualityFlags: readonly QualityFlag[] = [
  {
    name: 'faint',
    meaning: 'its mean nuclear probability is low',
    applies: ({ probability }, { probability: least = 0 }) => probability < least,
  },
  {
    name: 'odd',
    meaning: 'it is larger or more ragged than nuclei are',
    applies: ({ areaUm2, solidity }, { largest_um2: most = Infinity, solidity: least = 0 }) =>
      areaUm2 > most || solidity < least,
  },
];

/** `ok`, or the name of the flag. */
export type Quality = 'ok' | QualityFlag['name'];

/** Returns the quality of nucleus k of a block. */
export function qualityOf(
  block: NucleiBlock,
  k: number,
  { space, quality: bounds }: Pick<TableContext, 'space' | 'quality'>,
): Quality {
  if (!bounds) return 'ok';
  const measures = {
    probability: Math.fround(block.probability[k]!),
    areaUm2: Math.fround(space.toSquareMicrons(block.area[k]!)),
    solidity: Math.fround(block.solidity[k]!),
  };
  return qualityFlags.find(({ applies }) => applies(measures, bounds))?.name ?? 'ok';
}
