import type { Level } from './binding.js';

/** A level as OpenSlide gives it, with its true scale. */
export interface ScaledLevel extends Level {
  /**
   * Level-0 pixels per pixel, the same on both axes. If it is undefined, it is not known, and the level must not be
   * used. Levels that are padded to whole tiles have a different `downsample`: the mean of the ratios of both sizes.
   */
  readonly scale: number | undefined;
}

/** Returns the downsample factors of x and y that a level's own tags state. */
export type StatedDownsample = (width: number, height: number) => { x: number; y: number } | undefined;

/** Adds the true scale to each level. */
export function withTrueScales(levels: readonly Level[], stated: StatedDownsample): ScaledLevel[] {
  const [first] = levels as [Level];
  return levels.map((level) => ({
    ...level,
    scale: levelScale(first, level, stated(level.width, level.height)),
  }));
}

/** Largest padding of a level, in its pixels: one tile. */
const widestTile = 4096;

/**
 * Finds a level's true scale. This is the one place that knows it. It is the whole number of level-0 pixels that gives
 * the level's size to within a pixel on both axes. If the level is larger than that, or its resolution tags say that it
 * is padded, the tags give the scale, provided that they agree with the level's size.
 */
function levelScale(
  first: Level,
  level: Level,
  stated: { readonly x: number; readonly y: number } | undefined,
): number | undefined {
  if (level === first) return 1;
  const gives = (scale: number) => fits(first, level, scale);
  const padded =
    stated &&
    Math.abs(stated.x / stated.y - 1) < 1e-3 &&
    isPadding(level.width - first.width / stated.x) &&
    isPadding(level.height - first.height / stated.y);
  if (padded && !gives(stated.x)) return nearlyWhole(stated.x);
  const whole = Math.round(first.width / level.width);
  return gives(whole) ? whole : undefined;
}

/** Returns whether a level shows all of the first, to within one of its own pixels on both axes. */
export function fits(first: Size, level: Size, scale: number): boolean {
  return Math.abs(first.width / scale - level.width) < 1 && Math.abs(first.height / scale - level.height) < 1;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function isPadding(pixels: number): boolean {
  return pixels > -1 && pixels < widestTile;
}

/** Rounds a scale that is nearly whole, since tags are rounded fractions. */
function nearlyWhole(scale: number): number {
  const whole = Math.round(scale);
  return Math.abs(scale / whole - 1) < 1e-3 ? whole : scale;
}
