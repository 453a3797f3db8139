import type { Level } from './binding.js';

/** A level as OpenSlide gives it, and how many level-0 pixels one of its pixels really covers. */
export interface ScaledLevel extends Level {
  /**
   * Level-0 pixels per pixel, the same on both axes; undefined where it is not known, and the level must not be used.
   * Levels that are padded to whole tiles have another `downsample`: the mean of both ratios of sizes.
   */
  readonly scale: number | undefined;
}

/** Downsample factors of x and y that a level's own tags state. */
export type StatedDownsample = (width: number, height: number) => { x: number; y: number } | undefined;

/** The true scale of each level. */
export function withTrueScales(levels: readonly Level[], stated: StatedDownsample): ScaledLevel[] {
  const [first] = levels as [Level];
  return levels.map((level) => ({
    ...level,
    scale: levelScale(first, level, stated(level.width, level.height)),
  }));
}

/** The most that a level can be padded by, in its pixels: a tile. */
const widestTile = 4096;

/**
 * The one place that knows a level's true scale: the whole number of level-0 pixels that gives its size to within a
 * pixel on both axes. Where the level is larger than that, or where its resolution tags say that it is padded, the
 * tags say it, if they agree with its size.
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

/** Whether a level shows all of the first, to within a pixel of its own on both axes. */
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

/** Tags are fractions that were rounded. */
function nearlyWhole(scale: number): number {
  const whole = Math.round(scale);
  return Math.abs(scale / whole - 1) < 1e-3 ? whole : scale;
}
