import type { ErrorKind } from '../../src/errors.js';
import type { FileFacts } from '../../src/slide/slide-files.js';

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
  /** Further columns of the manifest. */
  readonly columns: Readonly<Record<string, string>>;
}

/** A slide as it was asked for; nothing is known of it yet. */
export interface Wish extends Partial<Omit<CohortSlide, 'path' | 'file' | 'columns' | 'id' | 'model'>> {
  /** How to name the place of a problem: the row of a manifest, or the argument. */
  readonly where: string;
  readonly slide: string;
  readonly id?: string | undefined;
  readonly model?: string | undefined;
  readonly columns: Readonly<Record<string, string>>;
}

/** Why a wish cannot be granted. */
export interface Problem {
  readonly kind: ErrorKind;
  readonly text: string;
}
