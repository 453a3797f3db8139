#!/bin/bash
#SBATCH --job-name=hoverslide-report
#SBATCH --open-mode=append
# The report of a cohort, when all its shards have ended: sbatch --dependency=afterany:JOB report.sh hoverslide report OUT
exec "$@"
