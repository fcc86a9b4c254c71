//! Workers that are not there, are of another version, are killed, or get no memory.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Command, Stdio},
};

use super::{
    made_up::write_dataset,
    nothing_lost,
    place::{Place, count, program, signal, wait_until},
    run::Run,
    train,
    transcript::Transcript,
};
use bench_datasets::write::{Array, Values};

/// A shell script in the place of the worker; `$worker` is the real one.
fn script(place: &Place, text: &str) -> PathBuf {
    let path = place.path("worker");
    fs::write(&path, format!("#!/bin/sh\nworker='{}'\n{text}\n", program("bench-worker").display())).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn a_worker_that_is_not_there_or_another_is_refused() {
    let place = Place::new();
    let mut seen = Transcript::of(&place).replacing(r"at line \d+ column \d+", "at [THIS PLACE]");
    let mut with = |what: &str, worker: PathBuf, arguments: &[&str]| {
        let output = place.bench(arguments).env("BENCH_WORKER", worker).output().unwrap();
        seen.add(&format!("bench {} # {what}", arguments.join(" ")), &output);
    };
    let run = train(&["--seeds", "1", "--out", "out"]);
    with("not there", "/no/such/worker".into(), &run);
    with("not there", "/no/such/worker".into(), &["methods"]);
    with("a folder", place.path(""), &run);
    let worker = script(&place, "");
    fs::set_permissions(&worker, fs::Permissions::from_mode(0o644)).unwrap();
    with("not executable", worker, &run);
    with("without libtorch", script(&place, "echo 'libtorch_cpu.so: cannot open shared object file' >&2; exit 127"), &run);
    with("of another version", script(&place, r#""$worker" "$@" | sed 's/"version":"[^"]*"/"version":"9.9.9"/'"#), &run);
    with("of a version without a version", script(&place, r#""$worker" "$@" | sed 's/"version":"[^"]*",//'"#), &run);
    with("of another protocol", script(&place, r#"[ "$1" = --describe ] && exec "$worker" "$@"; read -r line; echo '{"event":"finished"}'"#), &run);
    with("something else", "/bin/echo".into(), &run);
    with("silent", "/bin/true".into(), &run);
    // Nobody says where it is, and it is not beside `bench`.
    let alone = place.path("alone");
    fs::hard_link(program("bench"), &alone).or_else(|_| fs::copy(program("bench"), &alone).map(drop)).unwrap();
    let output = Command::new(&alone).args(&run).current_dir(place.path("")).env_clear().output().unwrap();
    seen.add(&format!("alone/bench {}", run.join(" ")), &output);
    seen.check("workers");
    assert_eq!(count(&place.path("out"), "/trial.json"), 0);
}

/// Killed in the middle of its second training, as the system does when memory runs out.
#[test]
fn a_worker_killed_while_it_trains_loses_its_trial_alone() {
    let place = Place::new();
    let out = place.path("out");
    let settings =
        "run --suite missing --dataset cremad-votes --method raml --seeds 3 --epochs 10 --patience 10 --device cpu --quiet --jobs 1 --out out";
    let command: Vec<&str> = settings.split(' ').collect();
    let worker = script(&place, "[ $# -eq 0 ] && echo $$ > process.new && mv process.new process\nexec \"$worker\" \"$@\"");
    let mut child = place.bench(&command);
    let mut child = child.env("BENCH_WORKER", &worker).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let folders = || fs::read_dir(out.join("trials")).map_or(0, Iterator::count);
    wait_until(&mut child, "the second training", || folders() == 2);
    let before: usize = count(&out, "/trial.json");
    signal("KILL", fs::read_to_string(place.path("process")).unwrap().trim().parse().unwrap());
    let output = child.wait_with_output().unwrap();
    assert_eq!(before, 1, "the second training had ended");
    let mut seen = Transcript::of(&place);
    seen.add(&format!("bench {settings}"), &output);
    let kept = Run::at(out.clone()).bytes();
    assert_eq!(count(&out, "/trial.json"), 2);
    seen.run(&command);
    seen.check("worker_killed");
    nothing_lost(&kept, &Run::at(out.clone()));
    assert_eq!(count(&out, "/trial.json"), 3);
}

/// Address space that the worker takes before it has anything to do, in KiB: libtorch's libraries are most of it.
fn idle_size() -> u64 {
    let mut command = Command::new(program("bench-worker"));
    command.env("OMP_NUM_THREADS", "1").env("MKL_NUM_THREADS", "1");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "no request").unwrap();
    let mut answer = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut answer).unwrap();
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    drop(input);
    child.wait().unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmPeak:")).unwrap();
    line.trim().strip_suffix("kB").unwrap().trim().parse().unwrap()
}

/// A layer on a million features takes half a gigabyte; the worker may have 300 MB beside what it needs to start.
#[cfg(target_os = "linux")]
#[test]
fn a_worker_without_memory_says_so_and_loses_its_trial_alone() {
    let place = Place::new();
    write_dataset(&place.path("small"), |_| {}).unwrap();
    write_dataset(&place.path("wide"), |content| {
        let (samples, width) = (9, 1_000_000);
        content.manifest.modalities.truncate(1);
        content.manifest.modalities[0].shape = vec![width];
        let values = (0..samples * width).map(|at| (at % 7) as f32).collect();
        let rows = |of: fn(usize) -> u8| Array { shape: vec![samples], values: Values::U8((0..samples).map(of).collect()) };
        content.tensors = [
            ("left".into(), Array { shape: vec![samples, width], values: Values::F32(values) }),
            ("label".into(), rows(|row| u8::try_from(row % 3).unwrap())),
            ("split".into(), rows(|row| u8::try_from(row / 3).unwrap())),
        ]
        .into();
        content.lists.get_mut("ids.txt").unwrap().truncate(samples);
    })
    .unwrap();
    let settings = "run --suite missing --dataset ./small,./wide --method unimodal --seeds 1 --epochs 1 --device cpu --quiet --jobs 1 --out out";
    let command: Vec<&str> = settings.split(' ').collect();
    let worker = script(&place, &format!("ulimit -v {}\nexec \"$worker\" \"$@\"", idle_size() + 300 * 1024));
    let output = place.bench(&command).env("BENCH_WORKER", worker).output().unwrap();
    let mut seen = Transcript::of(&place).replacing(r"out of memory \([^)]*\)", "out of memory ([WHAT ITS ALLOCATOR SAYS])");
    seen.add(&format!("bench {settings}"), &output);
    let run = Run::at(place.path("out"));
    let kept = run.bytes();
    seen.run(&["report", "out"]);
    seen.check("worker_without_memory");
    nothing_lost(&kept, &run);
    assert_eq!(count(run.root(), "/trial.json"), 2);
}
