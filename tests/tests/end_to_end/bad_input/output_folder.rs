//! Run folders that may not or must not be written to.

use std::{fs, os::unix::fs::PermissionsExt, process::Stdio};

use super::{
    edit,
    made_up::write_dataset,
    mounts::Mounts,
    nothing_lost,
    place::{Place, errors, files, program, wait_until},
    run::Run,
    train,
    transcript::Transcript,
};

#[test]
fn what_is_no_run_folder_is_refused_and_left_alone() {
    let place = Place::new();
    fs::write(place.path("file"), "precious").unwrap();
    write_dataset(&place.path("dataset"), |_| {}).unwrap();
    fs::create_dir(place.path("thesis")).unwrap();
    fs::write(place.path("thesis/thesis.tex"), "precious").unwrap();
    let before = files(&place.path(""));
    let mut seen = Transcript::of(&place);
    for folder in ["file", "file/below", "dataset", "thesis", "/proc/self/task"] {
        seen.run(&train(&["--out", folder]));
    }
    for command in [&["report", "thesis"][..], &["list", "dataset"], &["eval", "file", "--suite", "noise"], &["list", "nowhere"]] {
        seen.run(command);
    }
    seen.check("no_run_folder");
    assert_eq!(files(&place.path("")), before);
    assert_eq!(fs::read_to_string(place.path("file")).unwrap(), "precious");
}

#[test]
fn a_run_folder_of_another_format_is_refused_and_left_alone() {
    let place = Place::new();
    place.fine(&train(&["--seeds", "1", "--out", "out"]));
    edit(&place.path("out/run.toml"), "format = 1\n", "format = 99\n");
    let before = Run::at(place.path("out")).bytes();
    let mut seen = Transcript::of(&place);
    seen.run(&train(&["--seeds", "2", "--out", "out"]));
    for command in [&["report", "out"][..], &["list", "out"], &["eval", "out", "--suite", "noise"]] {
        seen.run(command);
    }
    seen.check("another_format");
    assert!(Run::at(place.path("out")).bytes() == before);
}

#[test]
fn a_read_only_folder_is_refused_and_can_still_be_read() {
    let place = Place::new();
    place.fine(&train(&["--seeds", "1", "--out", "out"]));
    let run = Run::at(place.path("out"));
    let before = run.bytes();
    if Mounts::allowed() {
        let mut seen = Transcript::of(&place);
        fs::create_dir(place.path("disk")).unwrap();
        let list = ["list", "disk/out"];
        for command in [&train(&["--seeds", "2", "--out", "disk/out"])[..], &["eval", "disk/out", "--suite", "noise"], &["report", "disk/out"], &list]
        {
            let mount = "mount -t tmpfs none disk && cp -a out disk/out && mount -o remount,ro none disk";
            let mut output = Mounts::of(&place).command(mount, command).output().unwrap();
            if command == list {
                assert!(String::from_utf8_lossy(&output.stdout).contains("concat"));
                // Its numbers were trained.
                output.stdout = b"[TRIALS]\n".to_vec();
            }
            seen.add(&format!("bench {}", command.join(" ")), &output);
        }
        seen.check("read_only");
    }
    // A file system that takes nothing from anyone, root included; where mounts are not allowed it stands for the above.
    let mut seen = Transcript::of(&place);
    seen.run(&train(&["--seeds", "1", "--out", "/proc/out"]));
    seen.check("not_writable");
    assert!(run.bytes() == before);
}

/// The first waits in its worker until the second has been refused.
#[test]
fn a_second_run_on_a_folder_is_refused_while_the_first_goes_on() {
    let place = Place::new();
    place.fine(&train(&["--seeds", "1", "--out", "out"]));
    let before = Run::at(place.path("out")).bytes();
    let worker = place.path("worker");
    let script = format!(
        "#!/bin/sh\nif [ $# -eq 0 ]; then touch waits; while [ ! -e go ]; do sleep 0.02; done; fi\nexec '{}' \"$@\"\n",
        program("bench-worker").display()
    );
    fs::write(&worker, script).unwrap();
    fs::set_permissions(&worker, fs::Permissions::from_mode(0o755)).unwrap();
    let mut first = place.bench(&train(&["--seeds", "2", "--out", "out"]));
    let mut first = first.env("BENCH_WORKER", &worker).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until(&mut first, "a waiting worker", || place.path("waits").exists());
    let mut seen = Transcript::of(&place);
    seen.run(&train(&["--seeds", "3", "--out", "out"]));
    seen.run(&["eval", "out", "--suite", "noise"]);
    fs::write(place.path("go"), "").unwrap();
    let first = first.wait_with_output().unwrap();
    assert_eq!(first.status.code(), Some(0), "{}", errors(&first));
    seen.run(&train(&["--seeds", "3", "--out", "out"]));
    seen.check("two_runs");
    let run = Run::at(place.path("out"));
    nothing_lost(&before, &run);
    assert_eq!(run.trials().len(), 3);
}

/// A killed command leaves its lock's file behind, and nothing that keeps the next one out.
#[test]
fn the_lock_of_a_killed_run_keeps_nobody_out() {
    let place = Place::new();
    fs::create_dir(place.path("out")).unwrap();
    fs::write(place.path("out/.lock"), "1").unwrap();
    place.fine(&train(&["--seeds", "1", "--out", "out"]));
}
