// The task of the thread that finds or makes overlays: that of a table from before takes seconds for a million nuclei.
import { HoverslideError, errorLine, type ErrorKind } from '../../src/errors.js';
import { SlideFolder } from '../../src/table/slide-folder.js';
import { overlayOf } from '../overlay/overlay-of-slide.js';

export interface OverlayTask {
  /** Path of the slide's folder. */
  readonly folder: string;
  readonly cache: string;
  /** Whether to check every block. */
  readonly thorough: boolean;
}

/** Errors lose their class between threads. */
export type OverlayFound =
  { readonly notices: readonly string[] } | { readonly kind: ErrorKind; readonly error: string };

export default async function findOverlay({ folder, cache, thorough }: OverlayTask): Promise<OverlayFound> {
  const notices: string[] = [];
  try {
    const notice = (text: string) => notices.push(text);
    await overlayOf(new SlideFolder(folder), { cache, notice, thorough });
    return { notices };
  } catch (error) {
    return { kind: error instanceof HoverslideError ? error.kind : 'internal', error: errorLine(error) };
  }
}
