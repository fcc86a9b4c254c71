#!/bin/sh
# A run over the tasks of a Slurm array job, each with a folder of its own; `bench merge` makes one run of them afterwards.
#
#   sbatch --array=1-4 docs/examples/slurm-array.sh --seeds 5
#   sbatch --dependency=afterany:JOB --wrap 'bench merge shards/* --out runs/robustness'
#
# What stands after the script's name goes to `bench run`. The array begins at 1; SHARDS is how many shards there are, if not one a task.
#SBATCH --job-name=bench
#SBATCH --cpus-per-task=1
#SBATCH --output=bench-%a.log

shard="$SLURM_ARRAY_TASK_ID/${SHARDS:-$SLURM_ARRAY_TASK_COUNT}"
exec bench run --shard "$shard" --out "shards/$SLURM_ARRAY_TASK_ID" --jobs "${SLURM_CPUS_PER_TASK:-1}" --quiet "$@"
