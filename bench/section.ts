/** One benchmark's part of bench/results.md. */
export interface BenchSection {
  readonly title: string;
  /** The command that measures it again. */
  readonly command: string;
  /** A table: the columns are the keys of the first row. */
  readonly rows: Record<string, string | number>[];
  readonly notes: string[];
}
