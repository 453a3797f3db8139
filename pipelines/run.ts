import { HoverslideError, exitCodes } from '../src/errors.js';
import { slideId } from '../src/slide/slide.js';
import type { Engine } from './engine.js';
import type { SlideOptions } from './prepare.js';
import { runSlide, type SlideObserver, type SlideResult } from './slide.js';

export interface RunObserver extends SlideObserver {
  begin?(path: string): void;
  done?(result: SlideResult): void;
  failed?(path: string, error: unknown): void;
}

/**
 * Runs slides one after the other. One that fails does not stop the others; a signal, or an output that nothing more
 * can be written to, does.
 * @returns the exit code: 0, or the failure's own where there was one slide, or 1 where some of several failed
 * @throws HoverslideError `usage` if two slides would write to one folder
 */
export async function runSlides(
  paths: readonly string[],
  out: string,
  engine: Engine,
  options: SlideOptions,
  observer: RunObserver,
  signal?: AbortSignal,
): Promise<number> {
  checkIds(paths);
  let failures = 0;
  for (const path of paths) {
    observer.begin?.(path);
    try {
      observer.done?.(await runSlide(path, out, engine, options, observer, signal));
    } catch (error) {
      failures++;
      observer.failed?.(path, error);
      const code = error instanceof HoverslideError ? error.exitCode : exitCodes.internal;
      if (paths.length === 1 || code === exitCodes.stopped || code === exitCodes.output) return code;
    }
  }
  return failures > 0 ? exitCodes.partial : 0;
}

function checkIds(paths: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const path of paths) {
    const other = seen.get(slideId(path));
    if (other !== undefined) {
      throw new HoverslideError(
        'usage',
        `${other} and ${path} would both write to the folder '${slideId(path)}'`,
      );
    }
    seen.set(slideId(path), path);
  }
}
