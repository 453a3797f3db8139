import type { Command } from 'commander';
import { cohortFile } from '../../src/cohort/cohort-files.js';
import { reportCohort } from '../report/report-cohort.js';

export function registerReport(program: Command): void {
  program
    .command('report')
    .summary('write the cohort table and a report to look at')
    .description(
      'Writes OUT/cohort.parquet and OUT/cohort.csv, a row per slide, and OUT/report.html: pictures with their nuclei, ' +
        'distributions per class, outliers, failures. While slides are running it shows what is there.',
    )
    .argument('<out>', 'folder of results of a run')
    .action(async (out: string) => {
      const entries = await reportCohort(out);
      const done = entries.filter(({ results }) => results).length;
      console.log(`${entries.length} slides, ${done} with results -> ${cohortFile(out, 'report')}`);
    });
}
