import { addon } from '../native.js';

export type { Level, OpenedSlide, RgbImage, SlideHandle as Handle } from '../addon.js';

/** A rectangle of whole pixels. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const binding = addon;
