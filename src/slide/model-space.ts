/**
 * The pixel grid that the net sees, laid over one slide: anchored at level 0's origin, with the model's pixel size
 * (or the slide's own, where the two differ by less than 2 % and nothing is resampled).
 * The one place that converts between model pixels, level-0 pixels and micrometres.
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

  /** A length or coordinate in model pixels, in level-0 pixels. */
  toLevel0(length: number): number {
    return length * this.scale;
  }

  /** A length or coordinate in model pixels, in um. */
  toMicrons(length: number): number {
    return length * this.scale * this.mpp;
  }

  /** An area in model pixels, in um2. */
  toSquareMicrons(area: number): number {
    return area * (this.scale * this.mpp) ** 2;
  }
}
