//! A disk that is full: the trial that did not fit fails, and what others computed is kept.

use std::process::{Command, Output};

use super::{
    mounts::Mounts,
    nothing_lost,
    place::{Place, count, program},
    run::Run,
    train,
    transcript::Transcript,
};

/// No file may grow beyond so many blocks of 512 bytes; without the trap the system would kill the writer.
fn limited(place: &Place, blocks: u32, arguments: &[&str]) -> Output {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    Command::new("/bin/sh").args(["-c", &script]).arg(program("bench")).args(arguments).current_dir(place.path("")).output().unwrap()
}

#[test]
fn a_file_that_may_not_grow_fails_the_trial_and_keeps_the_others() {
    let place = Place::new();
    place.fine(&train(&["--seeds", "1", "--out", "out"]));
    let before = Run::at(place.path("out")).bytes();
    let again = train(&["--seeds", "2", "--out", "out"]);
    let mut seen = Transcript::of(&place);
    seen.add(&format!("bench {}", again.join(" ")), &limited(&place, 200, &again));
    seen.run(&again);
    seen.check("file_too_large");
    nothing_lost(&before, &Run::at(place.path("out")));
    assert_eq!(count(&place.path("out"), ".partial"), 0);
    assert_eq!(Run::at(place.path("out")).trials().len(), 2);
}

/// Two trials, of which one fits; then there is room, and the same command makes the other.
#[test]
fn a_full_disk_fails_the_trial_and_the_same_command_goes_on_when_there_is_room() {
    if !Mounts::allowed() {
        // The other way to a file that cannot be written.
        return a_file_that_may_not_grow_fails_the_trial_and_keeps_the_others();
    }
    let place = Place::new();
    std::fs::create_dir(place.path("disk")).unwrap();
    let run = train(&["--seeds", "2", "--jobs", "1", "--out", "disk/out"]);
    // The disk is gone when the namespace ends, so what is on it is copied; `bench` runs once more, with room, as the last command.
    let before = "mount -t tmpfs -o size=2m none disk && mkdir full; \"$0\" \"$@\" > full/stdout 2> full/stderr; echo $? > full/code; \
                  cp -a disk/out full/out; mount -o remount,size=64m none disk";
    let again = Mounts::of(&place).command(before, &run).output().unwrap();
    let read = |name: &str| std::fs::read(place.path("full").join(name)).unwrap();
    let code: i32 = String::from_utf8(read("code")).unwrap().trim().parse().unwrap();
    let status = std::os::unix::process::ExitStatusExt::from_raw(code << 8);
    let first = Output { status, stdout: read("stdout"), stderr: read("stderr") };
    let mut seen = Transcript::of(&place);
    seen.add(&format!("bench {}", run.join(" ")), &first);
    seen.files("full/out");
    seen.add(&format!("bench {}", run.join(" ")), &again);
    seen.check("disk_full");
    assert_eq!(Run::at(place.path("full/out")).trials().len(), 1);
}

/// Not even the notes beside the trials fit: both reasons are told.
#[test]
fn a_disk_that_takes_next_to_nothing_is_told_with_the_trials_that_failed() {
    if !Mounts::allowed() {
        return a_file_that_may_not_grow_fails_the_trial_and_keeps_the_others();
    }
    let place = Place::new();
    std::fs::create_dir(place.path("disk")).unwrap();
    let run = train(&["--seeds", "1", "--out", "disk/out"]);
    let mut seen = Transcript::of(&place);
    for pages in [1, 3] {
        let before = format!("mount -t tmpfs -o size=$(({pages} * $(getconf PAGESIZE))) none disk");
        let output = Mounts::of(&place).command(&before, &run).output().unwrap();
        seen.add(&format!("bench {}", run.join(" ")), &output);
    }
    seen.check("disk_tiny");
}
