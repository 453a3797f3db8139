import { join } from 'node:path';

/**
 * The files of a whole cohort. They lie in its folder of results, beside the folders of its slides. This is the one
 * place that knows their names.
 */
export const cohortFiles = {
  csv: 'cohort.csv',
  parquet: 'cohort.parquet',
  report: 'report.html',
  /** Features: a row per slide, per patient, per region of a slide; how much of them columns of the manifest explain. */
  featuresCsv: 'features.csv',
  featuresParquet: 'features.parquet',
  patientsCsv: 'features_patients.csv',
  patientsParquet: 'features_patients.parquet',
  regionsCsv: 'features_regions.csv',
  regionsParquet: 'features_regions.parquet',
  varianceCsv: 'features_variance.csv',
  /** The data dictionary of these tables. */
  dictionary: 'features.md',
  dictionaryJson: 'features.json',
  /** Folder of the scripts and logs of jobs. */
  slurm: 'slurm',
} as const;

export function cohortFile(out: string, file: keyof typeof cohortFiles): string {
  return join(out, cohortFiles[file]);
}
