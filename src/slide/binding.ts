import { addon } from '../native.js';

/** An open slide on the C++ side. */
export type Handle = object;

/** What native/addon/slide.cc exports. Colours are 0xRRGGBB; pixels come as RGB, [height, width, 3]. */
export interface SlideBinding {
  openSlideLibrary(library: string): { version: string; file: string };
  openSlideOpen(library: string, path: string): Promise<OpenedSlide | null>;
  openSlideReadRegion(
    handle: Handle,
    level: number,
    x: number,
    y: number,
    width: number,
    height: number,
    background: number,
  ): Promise<Uint8Array>;
  openSlideReadAssociatedImage(handle: Handle, name: string, background: number): Promise<RgbImage>;
  openSlideClose(handle: Handle): void;
  sourceRange(scale: number, begin: number, end: number): [begin: number, end: number];
  resample(
    scale: number,
    source: Uint8Array,
    sourceX: number,
    sourceY: number,
    sourceWidth: number,
    sourceHeight: number,
    x: number,
    y: number,
    width: number,
    height: number,
  ): Promise<Uint8Array>;
}

export interface OpenedSlide {
  handle: Handle;
  levels: Level[];
  properties: Record<string, string>;
  associatedImages: string[];
}

/** One resolution of a slide; `downsample` is level-0 pixels per pixel of this level. */
export interface Level {
  readonly width: number;
  readonly height: number;
  readonly downsample: number;
}

/** RGB pixels, [height, width, 3]. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A rectangle of whole pixels. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const binding = () => addon<SlideBinding>();
