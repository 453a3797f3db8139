import type { Slide } from './slide.js';

/** Largest relative difference from the model's pixel size at which a slide is not resampled. */
const tolerance = 0.02;

/**
 * The pixel grid that the net sees, laid over one slide and anchored at level 0's origin. It has the model's pixel
 * size. If the slide's own differs from it by less than 2 %, it has the slide's, and nothing is resampled.
 * This is the one place that converts between model pixels, level-0 pixels and micrometres.
 */
export class ModelSpace {
  /**
   * @param width of the slide in model pixels
   * @param height of the slide in model pixels
   * @param scale level-0 pixels per model pixel
   * @param mpp micrometres per level-0 pixel
   */
  constructor(
    readonly width: number,
    readonly height: number,
    readonly scale: number,
    readonly mpp: number,
  ) {}

  /** Converts a length or coordinate from model pixels to level-0 pixels. */
  toLevel0(length: number): number {
    return length * this.scale;
  }

  /** Converts a length or coordinate from model pixels to um. */
  toMicrons(length: number): number {
    return length * this.scale * this.mpp;
  }

  /** Converts an area from model pixels to um2. */
  toSquareMicrons(area: number): number {
    return area * (this.scale * this.mpp) ** 2;
  }
}

/**
 * Chooses the grid of a model of `modelMpp` um/px on a slide. It is the grid of the coarsest level whose pixel size
 * equals the model's to within 2 %, else the model's own. The last column and row of pixels may reach beyond the slide.
 */
export function modelSpace(slide: Slide, modelMpp: number): ModelSpace {
  const { mpp } = slide.pixelSize;
  const level = coarsestLevel(slide, (modelMpp / mpp) * (1 + tolerance));
  const ownGrid = Math.abs((mpp * level.downsample) / modelMpp - 1) <= tolerance;
  const scale = ownGrid ? level.downsample : modelMpp / mpp;
  return new ModelSpace(Math.ceil(slide.width / scale), Math.ceil(slide.height / scale), scale, mpp);
}

/**
 * Chooses the level from which pixels of at most `downsample` level-0 pixels are made. It is the coarsest level that is
 * fine enough and whose pixels are whole multiples of level 0's, else level 0. OpenSlide takes origins in level-0
 * pixels and interpolates between a level's pixels. Only on such levels does every pixel have its own origin.
 */
export function coarsestLevel(slide: Slide, downsample: number): { index: number; downsample: number } {
  let best = { index: 0, downsample: 1 };
  for (const [index, level] of slide.levels.entries()) {
    const whole = Number.isInteger(level.downsample) && level.scale === level.downsample;
    if (whole && level.downsample <= downsample && level.downsample > best.downsample) {
      best = { index, downsample: level.downsample };
    }
  }
  return best;
}
