import { meanDefined } from './mean.js';

/** Panoptic quality of one image, as PanNuke defines it. */
export interface ImageQuality {
  /** PanNuke's tissue of the image; absent in other sets. */
  readonly tissue?: string;
  /** PQ of all nuclei as one class; null if there is no true nucleus. */
  readonly binary: number | null;
  /** PQ by class id - 1; null if no true nucleus has the class, whatever was predicted. */
  readonly classes: readonly (number | null)[];
}

export interface TissueQuality {
  readonly images: number;
  readonly mPQ: number | null;
  readonly bPQ: number | null;
}

export interface PannukeQuality {
  /** Mean over the images that have the class, by class id - 1. */
  readonly classes: (number | null)[];
  /** Mean over all images, without tissues; for mPQ, of the mean over each image's classes. */
  readonly mPQ_images: number | null;
  readonly bPQ_images: number | null;
  /** Mean per tissue, then over the tissues (papers call these mPQ and bPQ); null without tissues. */
  readonly mPQ: number | null;
  readonly bPQ: number | null;
  /** By name, in alphabetical order. */
  readonly tissues: Record<string, TissueQuality>;
}

/**
 * Computes mPQ and bPQ of PanNuke (Gamper et al. 2020; PanNuke-metrics, `run.py`): per image the mean PQ over the
 * classes of its true nuclei, per tissue the mean over its images, then the mean over the tissues present (19 in the
 * full set).
 */
export function pannukeQuality(images: readonly ImageQuality[], classCount: number): PannukeQuality {
  const names = [...new Set(images.flatMap(({ tissue }) => tissue ?? []))].sort();
  const tissues = Object.fromEntries(
    names.map((name): [string, TissueQuality] => {
      const own = images.filter(({ tissue }) => tissue === name);
      return [name, { images: own.length, mPQ: multiclass(own), bPQ: binary(own) }];
    }),
  );
  const byTissue = Object.values(tissues);
  return {
    classes: Array.from({ length: classCount }, (_, c) =>
      meanDefined(images.map(({ classes }) => classes[c]!)),
    ),
    mPQ_images: multiclass(images),
    bPQ_images: binary(images),
    mPQ: meanDefined(byTissue.map(({ mPQ }) => mPQ)),
    bPQ: meanDefined(byTissue.map(({ bPQ }) => bPQ)),
    tissues,
  };
}

function multiclass(images: readonly ImageQuality[]): number | null {
  return meanDefined(images.map(({ classes }) => meanDefined(classes)));
}

function binary(images: readonly ImageQuality[]): number | null {
  return meanDefined(images.map((image) => image.binary));
}
