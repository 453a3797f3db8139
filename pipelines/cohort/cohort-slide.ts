import type { ErrorKind } from '../../src/errors.js';
import type { FileFacts } from '../../src/slide/files/facts.js';

/** A slide of a cohort, with all that is asked for it. Paths are absolute. */
export interface CohortSlide {
  /** Name of its folder among the results. */
  readonly id: string;
  readonly path: string;
  readonly file: FileFacts;
  readonly mpp?: number | undefined;
  readonly mask?: string | undefined;
  readonly roi?: string | undefined;
  readonly model: string;
  /** Names of those options above that a row of a manifest gave. */
  readonly fromManifest: readonly string[];
  /** Further columns of the manifest. */
  readonly columns: Readonly<Record<string, string>>;
}

/** Names an option by its column in a manifest. */
export function columnName(option: string): string {
  return `column '${option}'`;
}

/** A slide as it was requested, before anything is known of it. */
export interface SlideRequest extends Partial<Pick<CohortSlide, 'mpp' | 'mask' | 'roi'>> {
  /** Place that a problem's message names: the row of the manifest, or the slide. */
  readonly where: string;
  readonly slide: string;
  readonly id?: string;
  readonly model?: string;
  readonly columns: Readonly<Record<string, string>>;
}

/** Reason why a requested slide cannot be run. */
export interface Problem {
  readonly kind: ErrorKind;
  readonly text: string;
}
