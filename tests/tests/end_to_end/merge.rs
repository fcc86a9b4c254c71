//! What `bench merge` refuses, and that what it met on the way is lost by nobody.

use std::{
    fs,
    os::unix::{
        fs::{PermissionsExt, symlink},
        net::UnixListener,
    },
    path::PathBuf,
    process::{Command, Stdio},
};

use super::{
    place::{Place, copy, count, errors, program, wait_until},
    shards::{assert_same, shards, whole, words},
};

const SETTINGS: &str = "run --suite missing --dataset openmoji?train=100 --method concat,late --seeds 2 --epochs 1 --device cpu --jobs 2 --quiet";

/// Two shards in `s1` and `s2`.
fn two_shards() -> Place {
    let place = Place::new();
    shards(&place, SETTINGS, 2, &[1, 2]);
    place
}

#[track_caller]
fn refusal(place: &Place, arguments: &[&str]) -> String {
    let output = place.run(&[&["merge"], arguments].concat());
    assert_eq!(output.status.code(), Some(2), "{}", errors(&output));
    errors(&output)
}

fn edit(path: PathBuf, from: &str, to: &str) {
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

/// The first finished trial of a folder.
fn trial(place: &Place, folder: &str) -> PathBuf {
    let mut trials: Vec<PathBuf> = fs::read_dir(place.path(folder).join("trials")).unwrap().map(|entry| entry.unwrap().path()).collect();
    trials.sort();
    trials.remove(0)
}

#[test]
fn folders_that_are_no_parts_of_one_run_are_refused_with_what_they_differ_in() {
    let place = two_shards();
    let changes: [(&str, &str, &str); 6] = [
        ("epochs = 1\n", "epochs = 2\n", "epochs is 1 in s1 and 2 in other"),
        ("seeds = [42, 123]", "seeds = [42, 7]", "seeds is 42,123 in s1 and 42,7 in other"),
        ("libtorch = \"", "libtorch = \"1", "libtorch is "),
        ("bench = \"", "bench = \"9", "bench is "),
        ("device = \"cpu\"", "device = \"cuda:1\"", "device is cpu in s1 and cuda in other"),
        ("train=100\" = \"", "train=100\" = \"0", "the content of dataset openmoji?train=100 is "),
    ];
    for (from, to, said) in changes {
        let _ = fs::remove_dir_all(place.path("other"));
        copy(&place.path("s2"), &place.path("other"));
        edit(place.path("other/run.toml"), from, to);
        let message = refusal(&place, &["other", "s1", "--out", "out"]);
        assert!(message.contains("s1 and other are no parts of one run: ") && message.contains(said), "{message}");
    }
    assert!(!place.path("out").exists());
    // Nor is what came of them merged into another run.
    place.fine(&words(&SETTINGS.replace("--epochs 1", "--epochs 2"), &["--out", "out"]));
    let before = whole(&place.path("out"));
    assert!(refusal(&place, &["s1", "s2", "--out", "out"]).contains("out and s1 are no parts of one run: epochs is 2 in out and 1 in s1"));
    assert!(whole(&place.path("out")) == before);

    // CPUs of two levels are told and named; nothing says that bits differ.
    let level =
        fs::read_to_string(place.path("s2/run.toml")).unwrap().lines().find_map(|line| line.strip_prefix("cpu = ").map(String::from)).unwrap();
    edit(place.path("s2/run.toml"), &level, "\"ZVECTOR\"");
    let output = place.run(&["merge", "s1", "s2", "--out", "levels", "--quiet"]);
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    let both = format!("{}, ZVECTOR", level.trim_matches('"'));
    assert!(errors(&output).contains(&format!("CPUs of several levels ({both})")), "{}", errors(&output));
    assert!(fs::read_to_string(place.path("levels/run.toml")).unwrap().contains(&format!("cpu = \"{both}\"\n")));
}

#[test]
fn a_target_that_is_read_from_or_holds_something_else_is_refused() {
    let place = two_shards();
    let before = (whole(&place.path("s1")), whole(&place.path("s2")));
    fs::create_dir_all(place.path("thesis")).unwrap();
    fs::write(place.path("thesis/thesis.tex"), "precious").unwrap();
    symlink("s1", place.path("link")).unwrap();
    place.fine(&words(SETTINGS, &["--shard", "1/3", "--out", "third"]));
    for (out, said) in [
        ("s1", "--out s1 is s1, which is merged"),
        ("./s2/../s1", "is s1, which is merged"),
        ("link", "--out link is s1, which is merged"),
        ("s1/trials", "lies in s1, which is merged"),
        ("link/new/deep", "lies in s1, which is merged"),
        ("nowhere/../s1/new", "goes through a folder that is not there"),
        (".", "which is merged, lies in --out ."),
        ("thesis", "thesis is no run folder"),
        ("thesis/thesis.tex", "is no run folder: it is a file"),
        ("third", "--out third is shard 1/3 of a run itself"),
    ] {
        let message = refusal(&place, &["s1", "s2", "--out", out]);
        assert!(message.contains(said), "{message}");
    }
    fs::create_dir(place.path("empty")).unwrap();
    assert!(refusal(&place, &["s1", "nowhere", "--out", "out"]).contains("there is no folder nowhere; leave it out"));
    assert!(refusal(&place, &["s1", "empty", "--out", "out"]).contains("empty is no run folder that can be merged: it has no run.toml"));
    assert!(refusal(&place, &["s1", "thesis", "--out", "out"]).contains("thesis is no run folder"));
    assert!(refusal(&place, &["s1"]).contains("--out <DIR>"));
    assert!(refusal(&place, &["--out", "out"]).contains("<DIR>"));
    assert!((whole(&place.path("s1")), whole(&place.path("s2"))) == before);
    assert!(!place.path("out").exists());
}

#[test]
fn a_folder_that_is_written_to_is_not_merged() {
    let place = two_shards();
    let script = format!(
        "#!/bin/sh\nif [ $# -eq 0 ]; then touch waits; while [ ! -e go ]; do sleep 0.02; done; fi\nexec '{}' \"$@\"\n",
        program("bench-worker").display()
    );
    fs::write(place.path("worker"), script).unwrap();
    fs::set_permissions(place.path("worker"), fs::Permissions::from_mode(0o755)).unwrap();
    let mut writer = place.bench(&words(&SETTINGS.replace("--seeds 2", "--seeds 3"), &["--shard", "1/2", "--out", "s1"]));
    let mut writer = writer.env("BENCH_WORKER", place.path("worker")).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_until(&mut writer, "a waiting worker", || place.path("waits").exists());
    let message = refusal(&place, &["s1", "--out", "out"]);
    fs::write(place.path("go"), "").unwrap();
    assert!(message.contains("a bench is writing to s1; wait until it ends"), "{message}");
    assert!(writer.wait().unwrap().success() && !place.path("out").exists());
}

/// The key says what the bytes are, so nobody can tell which are right.
#[test]
fn the_same_trial_with_other_bytes_is_refused_with_both_folders() {
    let place = two_shards();
    copy(&place.path("s1"), &place.path("copy"));
    let changed = trial(&place, "copy");
    let key = changed.file_name().unwrap().to_str().unwrap().to_string();
    let mut weights = fs::read(changed.join("weights.safetensors")).unwrap();
    *weights.last_mut().unwrap() ^= 1;
    fs::write(changed.join("weights.safetensors"), &weights).unwrap();
    // Of `copy` and `s1` the one whose name sorts first is copied first, and its weights are not those that its trial.json tells of.
    let message = refusal(&place, &["s1", "copy", "--out", "out"]);
    assert!(message.contains("weights.safetensors is damaged: its SHA-256 is not the one in trial.json"), "{message}");
    // An honest one of another machine.
    let scores = fs::read_dir(changed.join("eval")).unwrap().next().unwrap().unwrap().path();
    fs::copy(trial(&place, "s1").join("weights.safetensors"), changed.join("weights.safetensors")).unwrap();
    let mut bytes = fs::read(&scores).unwrap();
    bytes[20] ^= 1;
    fs::write(&scores, bytes).unwrap();
    let _ = fs::remove_dir_all(place.path("out"));
    let message = refusal(&place, &["s1", "copy", "--out", "out"]);
    let file = scores.strip_prefix(&changed).unwrap().display().to_string();
    assert!(message.contains(&format!("trial {key} (")) && message.contains(&format!("has another {file} in ")), "{message}");
    assert!(message.contains(" s1") && message.contains(" copy") && message.contains("out keeps what was merged before"), "{message}");
    // Without the folder in doubt the same target goes on.
    let _ = fs::remove_dir_all(place.path("out"));
    place.fine(&["merge", "s1", "s2", "--out", "out"]);
    let message = refusal(&place, &["copy", "--out", "out"]);
    assert!(message.contains("in copy than in out:"), "{message}");
    place.fine(&words(SETTINGS, &["--out", "single"]));
    place.fine(&["merge", "s2", "--out", "out"]);
    assert_same(&place, "single", "out");
}

/// A file of a folder, what is done to it, and what is said of it.
type Change<'a> = (String, Box<dyn Fn(&PathBuf) + 'a>, &'static str);

#[test]
fn what_no_run_folder_holds_is_refused_and_never_followed() {
    let place = two_shards();
    fs::write(place.path("secret"), "secret").unwrap();
    let key = trial(&place, "s1").file_name().unwrap().to_str().unwrap().to_string();
    let of_trial = |name: &str| format!("trials/{key}/{name}");
    let scores = fs::read_dir(trial(&place, "s1").join("eval")).unwrap().next().unwrap().unwrap().file_name().into_string().unwrap();
    let cut = |path: &PathBuf, keep: usize| {
        let bytes = fs::read(path).unwrap();
        fs::write(path, &bytes[..bytes.len().min(keep)]).unwrap();
    };
    let link = |path: &PathBuf| {
        let _ = fs::remove_file(path);
        symlink(place.path("secret"), path).unwrap();
    };
    let changes: Vec<Change<'_>> = vec![
        ("run.toml".into(), Box::new(link), "is a link, which is not followed"),
        ("selftest.json".into(), Box::new(link), "is a link, which is not followed"),
        (of_trial("trial.json"), Box::new(link), "is a link, which is not followed"),
        (of_trial("weights.safetensors"), Box::new(link), "is a link, which is not followed"),
        (of_trial("conditions.json"), Box::new(link), "is a link, which is not followed"),
        (of_trial(&format!("eval/{scores}")), Box::new(link), "is a link, which is not followed"),
        (of_trial("eval/0123456789abcdef.parquet"), Box::new(link), "is a link, which is not followed"),
        ("trials/0123456789abcdef0123456789abcdef".into(), Box::new(|path| symlink("/etc", path).unwrap()), "is a link, which is not followed"),
        ("costs".into(), Box::new(|path| symlink("/etc", path).unwrap()), "is a link, which is not followed"),
        ("trials/..x".into(), Box::new(|path| fs::create_dir(path).unwrap()), ""),
        ("trials/x..".into(), Box::new(|path| fs::create_dir(path).unwrap()), "32 hexadecimal digits"),
        ("trials/\u{1b}[2J".into(), Box::new(|path| fs::create_dir(path).unwrap()), "\\u{1b}[2J is no trial"),
        ("trials/0123456789ABCDEF0123456789ABCDEF".into(), Box::new(|path| fs::create_dir(path).unwrap()), "32 hexadecimal digits"),
        ("trials/0123456789abcdef0123456789abcdef".into(), Box::new(|path| fs::write(path, "").unwrap()), "a trial's folder is expected"),
        (of_trial("eval/x.parquet"), Box::new(|path| fs::write(path, "").unwrap()), "is no file of scores"),
        (of_trial("more"), Box::new(|path| fs::create_dir(path).unwrap()), "is nothing that a trial's folder holds"),
        (of_trial("weights.txt"), Box::new(|path| fs::write(path, "").unwrap()), "is nothing that a trial's folder holds"),
        (of_trial("steps.parquet"), Box::new(|path| drop(UnixListener::bind(path).unwrap())), "is neither a file nor a folder"),
        (of_trial("trial.json"), Box::new(move |path| cut(path, 100)), "is damaged"),
        (of_trial("conditions.json"), Box::new(move |path| cut(path, 9)), "is damaged"),
        (of_trial("losses.parquet"), Box::new(move |path| cut(path, 100)), "is damaged: it is cut off"),
        (of_trial(&format!("eval/{scores}")), Box::new(move |path| cut(path, 5)), "is damaged: it is cut off"),
        (of_trial("weights.safetensors"), Box::new(move |path| cut(path, 0)), "is damaged: it is cut off"),
        (of_trial("weights.safetensors"), Box::new(move |path| cut(path, 100)), "is damaged: its SHA-256"),
        (
            of_trial("trial.json"),
            Box::new(|path| edit(path.clone(), "\"seed\": 42", "\"seed\": 43")),
            "is of another trial than its folder's name says",
        ),
        ("costs/../costs.json".into(), Box::new(|path| fs::write(path, "{}").unwrap()), ""),
    ];
    for (number, (name, change, said)) in changes.into_iter().enumerate() {
        // The place of a socket has a short name.
        let (folder, out) = (format!("h{number}"), format!("o{number}"));
        copy(&place.path("s1"), &place.path(&folder));
        fs::create_dir_all(place.path(&folder).join("costs")).unwrap();
        if name == "costs" {
            fs::remove_dir(place.path(&folder).join("costs")).unwrap();
        }
        change(&place.path(&folder).join(&name));
        let output = place.run(&["merge", &folder, "s2", "--out", &out, "--quiet"]);
        let message = errors(&output);
        if said.is_empty() {
            // Hidden, or beside what is copied: nobody's.
            assert_eq!(output.status.code(), Some(0), "{name}: {message}");
            assert_eq!(count(&place.path(&out), "costs.json"), 0);
            continue;
        }
        assert_eq!(output.status.code(), Some(2), "{name}: {message}");
        assert!(message.contains(said) && !message.contains('\u{1b}') && !message.contains("secret"), "{name}: {message}");
        assert!(!place.path(&out).join(of_trial("trial.json")).exists(), "{name}");
    }
}

/// No file may grow beyond so many blocks: what a full disk does, and what a merge that is cut short leaves.
#[test]
fn a_merge_that_met_a_full_disk_goes_on_when_there_is_room() {
    let place = two_shards();
    place.fine(&words(SETTINGS, &["--out", "single"]));
    let largest = whole(&place.path("s1")).values().map(Vec::len).max().unwrap();
    let script = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$@\"", largest / 512 - 1);
    let merge = ["merge", "s1", "s2", "--out", "out"];
    let limited = Command::new("/bin/sh").args(["-c", &script]).arg(program("bench")).args(merge).current_dir(place.path("")).output().unwrap();
    assert_eq!(limited.status.code(), Some(2), "{}", errors(&limited));
    assert!(errors(&limited).starts_with("bench: cannot write out/"), "{}", errors(&limited));
    assert_eq!(count(&place.path("out"), ".partial"), 0);
    place.fine(&merge);
    assert_same(&place, "single", "out");
}

#[test]
fn the_formats_are_those_of_a_run() {
    let place = two_shards();
    for format in ["json", "csv", "md", "table"] {
        let out = format!("single-{format}");
        let run = place.fine(&words(SETTINGS, &["--out", &out, "--format", format]));
        let merged = place.fine(&["merge", "s1", "s2", "--out", "out", "--format", format]);
        assert_eq!(run.replace(&out, "out"), merged, "{format}");
    }
}
