import type { TestOptions } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** What a skipped test or suite needs and does not have; printed at the end of the run. */
    missing?: string;
  }
}

/**
 * Returns the options of a test or suite that needs something. Where that is missing, the test is skipped and the run
 * says why.
 */
export function needs(missing: string | false): TestOptions {
  return missing === false ? {} : { skip: true, meta: { missing } };
}
