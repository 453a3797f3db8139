import type { TestOptions } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** What a skipped test or suite needs and does not have; the end of the run says it. */
    missing?: string;
  }
}

/** Options of a test or suite that needs something: where that is missing it is skipped, and the run says why. */
export function needs(missing: string | false): TestOptions {
  return missing === false ? {} : { skip: true, meta: { missing } };
}
