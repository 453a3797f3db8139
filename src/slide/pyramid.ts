import type { Level, Rect, RgbImage } from './binding.js';

/**
 * Pixels in levels (a plain image has one): what a slide is behind its metadata. Rectangles are in pixels of the level
 * and may reach beyond it; there, and where the slide has no pixels, the background shows.
 */
export interface Pyramid {
  readonly levels: readonly Level[];
  readonly background: Rgb;
  readonly properties: Readonly<Record<string, string>>;
  readonly associatedImages: readonly string[];
  read(level: number, rect: Rect): Promise<Uint8Array>;
  readAssociatedImage(name: string): Promise<RgbImage>;
  close(): void;
}

export type Rgb = readonly [r: number, g: number, b: number];

export const white: Rgb = [255, 255, 255];
