#!/bin/sh
# A run over the tasks of a Slurm array job, each with a folder of its own; `bench merge` makes one run of them afterwards.
#
#   sbatch --array=1-4 docs/examples/slurm-array.sh --seeds 5
#   sbatch --dependency=afterany:JOB --wrap 'bench merge shards/* --out runs/robustness'
#
# What stands after the script's name goes to `bench run`. The array must begin at 1.
#SBATCH --job-name=bench
#SBATCH --cpus-per-task=1
#SBATCH --output=bench-%a.log

exec bench run --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" --out "shards/$SLURM_ARRAY_TASK_ID" --jobs "${SLURM_CPUS_PER_TASK:-1}" --quiet "$@"
