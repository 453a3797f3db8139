import { join } from 'node:path';

/**
 * The files of a whole cohort. They lie in its folder of results, beside the folders of its slides. This is the one
 * place that knows their names.
 */
export const cohortFiles = {
  csv: 'cohort.csv',
  parquet: 'cohort.parquet',
  report: 'report.html',
  /** Folder of the scripts and logs of jobs. */
  slurm: 'slurm',
} as const;

export function cohortFile(out: string, file: keyof typeof cohortFiles): string {
  return join(out, cohortFiles[file]);
}
