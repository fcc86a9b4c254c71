#!/bin/sh
# A Slurm cluster of one node on loopback, in a folder of its own: for tests. It needs root, and Debian's slurm-wlm and munge.
#
#   tests/slurm/node.sh start DIR    starts it and waits until the node takes jobs; then: export SLURM_CONF=DIR/slurm.conf
#   tests/slurm/node.sh stop DIR     stops what was started there
#
# BENCH_SLURM_PORT: the first of two ports [default: 27817].
set -eu

fail() {
    echo "node.sh: $1" >&2
    exit 2
}

[ $# -eq 2 ] || fail "usage: tests/slurm/node.sh start|stop DIR"
PATH=$PATH:/usr/sbin:/sbin
mkdir -p "$2"
dir=$(cd "$2" && pwd)
port=${BENCH_SLURM_PORT:-27817}

# Ends the process whose number a file holds, and waits until it is gone.
end() {
    [ -f "$1" ] || return 0
    process=$(cat "$1")
    [ -n "$process" ] || return 0
    kill "$process" 2>/dev/null || return 0
    for _ in $(seq 100); do
        kill -0 "$process" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -KILL "$process" 2>/dev/null || true
}

stop() {
    end "$dir/run/slurmd.pid"
    end "$dir/run/slurmctld.pid"
    [ -f "$dir/run/munge" ] || return 0
    munge=$(cat "$dir/run/munge")
    end "$munge/munged.pid"
    rm -rf "$munge" "$dir/run/munge"
}

start() {
    missing=
    for program in munged slurmctld slurmd sbatch sinfo; do
        command -v "$program" >/dev/null || missing="$missing $program"
    done
    [ -z "$missing" ] || fail "not installed:$missing; Debian's packages are slurm-wlm and munge"
    [ "$(id -u)" = 0 ] || fail "only root can start Slurm's daemons"

    trap stop EXIT
    mkdir -p "$dir/run" "$dir/state" "$dir/spool" "$dir/log"
    # munged runs as its own user, which may not be let into the folder.
    munge=$(mktemp -d /tmp/bench-munge.XXXXXX)
    echo "$munge" >"$dir/run/munge"
    dd if=/dev/urandom of="$munge/key" bs=128 count=1 2>/dev/null
    chmod 400 "$munge/key"
    chmod 755 "$munge"
    chown -R munge:munge "$munge"
    runuser -u munge -- munged --key-file="$munge/key" --socket="$munge/socket" --pid-file="$munge/munged.pid" \
        --log-file="$munge/munged.log" --seed-file="$munge/seed" || fail "munged does not start"

    cat >"$dir/slurm.conf" <<CONF
ClusterName=bench
SlurmctldHost=localhost(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$munge/socket
SlurmctldPort=$port
SlurmdPort=$((port + 1))
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/run/slurmctld.pid
SlurmdPidFile=$dir/run/slurmd.pid
SlurmctldLogFile=$dir/log/slurmctld.log
SlurmdLogFile=$dir/log/slurmd.log
NodeName=localhost NodeAddr=127.0.0.1 CPUs=2 RealMemory=1000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
    export SLURM_CONF="$dir/slurm.conf"
    slurmctld -f "$SLURM_CONF" || fail "slurmctld does not start; its log is $dir/log/slurmctld.log"
    slurmd -f "$SLURM_CONF" -N localhost || fail "slurmd does not start; its log is $dir/log/slurmd.log"
    for _ in $(seq 300); do
        [ "$(sinfo --noheader --format=%t 2>/dev/null)" = idle ] && trap - EXIT && return 0
        sleep 0.1
    done
    fail "the node takes no jobs; the logs are in $dir/log"
}

case $1 in
start) start ;;
stop) stop ;;
*) fail "usage: tests/slurm/node.sh start|stop DIR" ;;
esac
