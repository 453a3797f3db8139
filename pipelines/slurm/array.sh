#!/bin/bash
#SBATCH --job-name=hoverslide
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:USR1@120
# One shard of a cohort, as a task of a Slurm array: sbatch --array=1-N array.sh hoverslide run ... -o OUT
# `hoverslide slurm` submits it. Cores come from SLURM_CPUS_PER_TASK, memory and GPU from the job; the shard is the
# task's number. Two minutes before the time limit Slurm sends SIGUSR1: the run stops at a safe point, with exit code
# 75, and the task is requeued and goes on where it was.
#   HOVERSLIDE_SHARDS      number of shards, where not all tasks of the array are submitted
#   HOVERSLIDE_LOCAL_COPY  set to copy slides to the node's own disk before they are read
set -u

command=("$@" --shard "$SLURM_ARRAY_TASK_ID/${HOVERSLIDE_SHARDS:-$SLURM_ARRAY_TASK_MAX}")
if [ -n "${HOVERSLIDE_LOCAL_COPY:-}" ]; then
  command+=(--local-copy "${SLURM_TMPDIR:-${TMPDIR:-/tmp}}")
fi

"${command[@]}" &
run=$!
limit=
trap 'limit=yes; kill -USR1 "$run"' USR1
trap 'kill -TERM "$run"' TERM

# A trap ends `wait`, not the run.
wait "$run"
code=$?
while kill -0 "$run" 2>/dev/null; do
  wait "$run"
  code=$?
done

if [ "$code" = 75 ] && [ -n "$limit" ]; then
  scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"
fi
exit "$code"
