import type { Rect, RgbImage } from './binding.js';
import type { ScaledLevel } from './level-scale.js';

/**
 * Pixels in levels, without the slide's metadata. Rectangles are in pixels of the level and may reach beyond it. There,
 * and where the slide has no pixels, the background shows. A plain image is mirrored at its border instead.
 */
export interface Pyramid {
  readonly levels: readonly ScaledLevel[];
  readonly background: Rgb;
  readonly properties: Readonly<Record<string, string>>;
  readonly associatedImages: readonly string[];
  read(level: number, rect: Rect): Promise<Uint8Array>;
  readAssociatedImage(name: string): Promise<RgbImage>;
  close(): void;
}

export type Rgb = readonly [r: number, g: number, b: number];

export const white: Rgb = [255, 255, 255];
