//! A run in parts: each in a folder of its own, together the same bytes as on one machine.

use std::{collections::BTreeMap, fs, path::Path, process::Stdio};

use super::{
    place::{Place, count, errors, files, wait_until},
    run::Run,
};

/// By hand: two methods on two datasets, and one model for each of two and of three modalities: 4 + 5 trials.
const SETTINGS: &str = "run --suite missing --dataset openmoji?train=100,digits?train=100 --method concat,late,unimodal --seeds 1 --epochs 1 --reference \
                        concat --device cpu --jobs 2 --quiet";
const TRIALS: usize = 9;

/// Two datasets, of which one starts from the other's encoders.
const STARTS: &str = "format = 1\nid = 'mine-2'\npaper = 'mine'\nnumber = 'Table 2'\ncaption = 'x'\ncorner = 'Strategy'\n\
    rows = [{ key = 'frozen', method = 'concat', start = 'N24News', freeze = true }, { key = 'scratch', method = 'concat' }]\n\
    columns = [{ key = 'Acc', dataset = 'Food-101', measure = 'accuracy' }]\n";

/// The words of a command.
pub fn words<'a>(settings: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    settings.split_whitespace().chain(more.iter().copied()).collect()
}

/// Every file of a run folder but the lock, which holds the number of a process.
pub fn whole(root: &Path) -> BTreeMap<String, Vec<u8>> {
    files(root).into_iter().filter(|name| name != ".lock").map(|name| (name.clone(), fs::read(root.join(name)).unwrap())).collect()
}

/// Fails with the names of the files that differ.
#[track_caller]
pub fn assert_same(place: &Place, one: &str, other: &str) {
    let (own, others) = (whole(&place.path(one)), whole(&place.path(other)));
    assert!(own.contains_key("report.md") && own.contains_key("run.toml") && own.contains_key("records.parquet"), "{:?}", own.keys());
    assert_eq!(own.keys().collect::<Vec<_>>(), others.keys().collect::<Vec<_>>());
    let differ: Vec<&String> = own.iter().filter(|(name, bytes)| others[*name] != **bytes).map(|(name, _)| name).collect();
    assert!(differ.is_empty(), "{one} and {other} differ in {differ:?}");
}

/// Runs shards of `settings` into folders `s1`, `s2` …
pub fn shards(place: &Place, settings: &str, of: usize, which: &[usize]) {
    for index in which {
        place.fine(&words(settings, &["--shard", &format!("{index}/{of}"), "--out", &format!("s{index}")]));
    }
}

#[test]
fn shards_merged_in_any_order_have_the_bytes_of_one_run() {
    let place = Place::new();
    place.fine(&words(SETTINGS, &["--out", "single"]));
    assert_eq!(count(&place.path("single"), "/trial.json"), TRIALS);
    shards(&place, SETTINGS, 3, &[1, 2, 3]);
    for index in 1..=3 {
        assert_eq!(count(&place.path(&format!("s{index}")), "/trial.json"), TRIALS / 3);
        assert!(!place.path(&format!("s{index}/report.md")).exists() && !place.path(&format!("s{index}/records.csv")).exists());
    }
    let before: Vec<_> = (1..=3).map(|index| whole(&place.path(&format!("s{index}")))).collect();
    let shown = place.fine(&["merge", "s2", "s3", "s1", "--out", "once"]);
    assert!(shown.ends_with("report: once/report.md\n"), "{shown}");
    assert_same(&place, "single", "once");

    // One after the other, and again: what is there is not lost, and what is missing is named with its shard.
    for folders in [&["s3"][..], &["s2", "s3"]] {
        let output = place.run(&[&["merge"], folders, &["--out", "steps", "--quiet"]].concat());
        assert_eq!(output.status.code(), Some(3), "{}", errors(&output));
        assert!(errors(&output).contains("(shard 1/3)") && !errors(&output).contains("(shard 3/3)"), "{}", errors(&output));
    }
    place.fine(&["merge", "s1", "--out", "steps"]);
    place.fine(&["merge", "s1", "s1", "./s2", "--out", "steps"]);
    assert_same(&place, "single", "steps");
    let after: Vec<_> = (1..=3).map(|index| whole(&place.path(&format!("s{index}")))).collect();
    assert!(before == after, "merging wrote into what it reads");
}

#[test]
fn a_shard_says_what_it_is_and_a_whole_stays_a_whole() {
    let place = Place::new();
    let shown = place.fine(&words(SETTINGS, &["--shard", "2/4", "--out", "part"]));
    assert_eq!(shown, "shard 2/4: 2 of 2 trials finished in part; join all 4 with: bench merge part DIR… --out DIR\n");
    let note = "this is shard 2/4 of a run of 9 trials: its numbers are those of a part";
    assert!(place.fine(&["report", "part"]).contains(note));
    assert!(place.fine(&["stats", "part"]).contains(note));
    assert!(fs::read_to_string(place.path("part/report.md")).unwrap().contains(note));
    assert!(place.fine(&["show", "part"]).contains("shard      2/4 of 9 trials"));
    assert_eq!(place.fine(&["list", "part"]).lines().count(), 2 + 2);
    place.fine(&["eval", "part", "--condition", "noise(image,0.5)", "--quiet"]);

    // The same shard goes on; another one, and a part of a whole, need folders of their own.
    place.fine(&words(SETTINGS, &["--shard", "2/4", "--out", "part"]));
    let refusal = |arguments: &[&str]| {
        let output = place.run(&words(SETTINGS, arguments));
        assert_eq!(output.status.code(), Some(2), "{}", errors(&output));
        errors(&output)
    };
    assert!(refusal(&["--shard", "1/4", "--out", "part"]).contains("part holds shard 2/4 of a run; give shard 1/4 a folder of its own"));
    place.fine(&words(SETTINGS, &["--out", "part"]));
    assert_eq!(count(&place.path("part"), "/trial.json"), TRIALS);
    assert!(refusal(&["--shard", "2/4", "--out", "part"]).contains("part holds a whole run"));
    assert!(refusal(&["--shard", "2/4", "--out", "new", "--format", "csv"]).contains("a part of a run has no report"));
    assert!(refusal(&["--shard", "5/4"]).contains("`5/4` is no shard; write I/N"));
    fs::write(place.path("shard.toml"), "shard = '0/4'\n").unwrap();
    assert!(refusal(&["--config", "shard.toml"]).contains("shard.toml, line 1: shard: `0/4` is no shard"));
    assert!(!place.path("new").exists() && !place.path("runs").exists());

    let dry = place.fine(&words(SETTINGS, &["--shard", "1/4", "--out", "new", "--dry-run"]));
    assert!(dry.contains("into new: 9 trials, 0 of them done") && dry.contains("shard 1/4: 3 of these 9 trials"), "{dry}");
    assert!(!place.path("new").exists());
}

#[test]
fn a_shard_that_was_killed_is_named_and_both_it_and_the_merged_folder_can_finish_it() {
    let place = Place::new();
    place.fine(&words(SETTINGS, &["--out", "single"]));
    shards(&place, SETTINGS, 2, &[2]);
    let out = place.path("s1");
    let mut child = place.bench(&words(SETTINGS, &["--shard", "1/2", "--out", "s1"]));
    let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_until(&mut child, "a trained trial", || count(&out, "/trial.json") >= 1);
    child.kill().unwrap();
    child.wait().unwrap();
    let kept = count(&out, "/trial.json");
    assert!(kept < 5, "it was not killed in the middle");
    for folder in ["merged", "again"] {
        let output = place.run(&["merge", "s1", "s2", "--out", folder, "--quiet"]);
        assert_eq!(output.status.code(), Some(3), "{}", errors(&output));
        assert!(errors(&output).contains("planned trial") && errors(&output).contains("seed 42 (shard 1/2)"), "{}", errors(&output));
    }
    // Here: the same command without --shard.
    place.fine(&words(SETTINGS, &["--out", "merged"]));
    assert_same(&place, "single", "merged");
    // Or there, and merged again.
    shards(&place, SETTINGS, 2, &[1]);
    place.fine(&["merge", "s1", "s2", "--out", "again"]);
    assert_same(&place, "single", "again");
}

#[test]
fn more_shards_than_trials_and_overlapping_shards_are_the_same_run() {
    let place = Place::new();
    let settings = "run --suite missing --dataset openmoji?train=100 --method concat,prior --seeds 1 --epochs 1 --device cpu --jobs 1 --quiet";
    place.fine(&words(settings, &["--out", "single"]));
    shards(&place, settings, 4, &[1, 2, 3, 4]);
    let empty = place.fine(&words(settings, &["--shard", "4/4", "--out", "s4"]));
    assert!(empty.starts_with("shard 4/4: 0 of 0 trials finished in s4;"), "{empty}");
    place.fine(&["merge", "s4", "s3", "s2", "s1", "--out", "many"]);
    assert_same(&place, "single", "many");
    // A shard of another division, and the whole.
    place.fine(&words(settings, &["--shard", "1/1", "--out", "all"]));
    place.fine(&["merge", "s2", "all", "single", "--out", "overlapping"]);
    assert_same(&place, "single", "overlapping");
    // Conditions that one folder has beyond the others are kept.
    place.fine(&["eval", "s1", "--condition", "noise(image,0.5)", "--quiet"]);
    place.fine(&["merge", "s1", "s2", "--out", "more"]);
    assert_eq!(count(&place.path("more"), ".parquet"), count(&place.path("many"), ".parquet") + 1);
    assert!(Run::at(place.path("more")).csv().contains("noise(image,0.5)"));
}

#[test]
fn a_table_in_two_passes_is_the_same_in_shards() {
    let place = Place::new();
    fs::write(place.path("starts.toml"), STARTS).unwrap();
    let settings = "run --table starts.toml --on cremad-votes?train=100,cremad-agree?train=100 --seeds 2 --epochs 1 --device cpu --jobs 2 --quiet";
    place.fine(&words(settings, &["--out", "single"]));
    let dry = place.fine(&words(settings, &["--shard", "1/2", "--out", "s1", "--dry-run"]));
    assert!(dry.contains("shard 1/2: 2 of these 4 trials, and 1 that start from some of them"), "{dry}");
    shards(&place, settings, 2, &[1, 2]);
    let shown = place.fine(&["merge", "s1", "s2", "--out", "merged"]);
    assert!(shown.starts_with("bench tables starts.toml --results merged --on 'cremad-votes?train=100,cremad-agree?train=100'\n"), "{shown}");
    assert_same(&place, "single", "merged");
    // Without the second shard: two that it trains, and one that starts from one of them and that nobody could give a key.
    let output = place.run(&["merge", "s1", "--out", "half"]);
    assert_eq!(output.status.code(), Some(3), "{}", errors(&output));
    let message = errors(&output);
    assert!(message.contains("3 planned trials are not finished in any of these folders (of 6)"), "{message}");
    assert!(message.contains("(from cremad-agree?train=100, encoders frozen) on cremad-votes?train=100, seed 123 (what it starts from"), "{message}");
    place.fine(&words(settings, &["--out", "half"]));
    assert_same(&place, "single", "half");
}
