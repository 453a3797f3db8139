import type { Rows } from './rows.js';

/** A table on its way to disk. After a failed `write` or `close`, `abort` removes what was written. */
export interface TableWriter {
  write(rows: Rows): Promise<void>;
  /** Finishes the file and gives it its name. */
  close(): Promise<void>;
  abort(): Promise<void>;
}
