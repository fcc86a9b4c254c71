//! Sound files with wrong content: values, labels, splits, ids, and folders that are no dataset.

use std::fs;

use bench_datasets::write::{Content, TaskEntry, Values};

use super::{
    made_up::{SAMPLES, bytes, floats, is_test, write_dataset},
    place::Place,
    train,
    transcript::Transcript,
};

/// A run of a second on the dataset in `./NAME`.
fn run<'a>(dataset: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let settings = ["run", "--suite", "missing", "--method", "concat", "--seeds", "1", "--epochs", "1", "--device", "cpu", "--quiet"];
    [&settings[..], &["--dataset", dataset], more].concat()
}

#[test]
fn wrong_values_are_refused_with_their_place() {
    let place = Place::new();
    let mut seen = Transcript::of(&place);
    type Change = fn(&mut Content);
    let changes: [(&str, Change); 9] = [
        ("nan", |content| floats(content, "right")[7] = f32::NAN),
        ("infinite", |content| floats(content, "left")[3] = f32::NEG_INFINITY),
        ("label-out-of-range", |content| bytes(content, "label")[5] = 3),
        ("label-no-whole-number", |content| content.tensors.get_mut("label").unwrap().values = Values::F32(vec![0.5; SAMPLES])),
        ("split-unknown", |content| bytes(content, "split")[0] = 3),
        ("no-test", |content| bytes(content, "split").iter_mut().for_each(|split| *split = (*split).min(1))),
        ("no-training", |content| bytes(content, "split").iter_mut().for_each(|split| *split = (*split).max(1))),
        ("ids-twice", |content| content.lists.get_mut("ids.txt").unwrap()[4] = "s000".into()),
        ("ids-too-few", |content| drop(content.lists.get_mut("ids.txt").unwrap().pop())),
    ];
    for (name, change) in changes {
        // It is written with the right checksums; only opening it again refuses it.
        write_dataset(&place.path(name), change).unwrap_err();
        let output = seen.run(&["datasets", "show", &format!("./{name}")]);
        assert_eq!(output.status.code(), Some(2));
    }
    seen.run(&run("./nan", &["--out", "out"]));
    seen.check("values");
    assert!(!place.path("out").exists());
}

#[test]
fn what_is_no_datasets_folder_is_refused() {
    let place = Place::new();
    fs::write(place.path("file"), "").unwrap();
    place.fine(&train(&["--seeds", "1", "--out", "out"]));
    let mut seen = Transcript::of(&place).replacing("known are cremad-agree, .*", "known are [DATASETS]");
    for dataset in ["./file", "./nowhere", "./out", "out", "nowhere", "/dev/null", "."] {
        seen.run(&["datasets", "show", dataset]);
    }
    seen.run(&["run", "--data", "nowhere"]);
    seen.run(&["datasets", "--data", "file"]);
    seen.check("no_dataset");
}

#[test]
fn a_broken_dataset_does_not_hide_the_others() {
    let place = Place::new();
    write_dataset(&place.path("mine/sound"), |_| {}).unwrap();
    write_dataset(&place.path("mine/broken"), |content| floats(content, "left")[0] = f32::NAN).unwrap_err();
    let mut seen = Transcript::of(&place).replacing(r"(?m)^(cremad-agree|cremad-votes|digits|mfeat|openmoji) .*\n", "");
    // The columns are as wide as the embedded datasets need them.
    seen = seen.replacing("  +", "  ").replacing("-{20,}", "-----");
    seen.run(&["datasets", "--data", "mine"]);
    seen.check("one_broken_dataset");
}

/// The other classes can be learnt, so it is a warning; accuracy on the absent one is what it is.
#[test]
fn a_class_that_is_absent_from_training_is_a_warning() {
    let place = Place::new();
    let absent = 2;
    write_dataset(&place.path("absent"), |content| {
        let labels = bytes(content, "label");
        (0..SAMPLES).filter(|&row| !is_test(row) && labels[row] == absent).collect::<Vec<_>>().into_iter().for_each(|row| labels[row] = 0);
    })
    .unwrap();
    let mut seen = Transcript::of(&place);
    seen.run(&["datasets", "show", "./absent"]);
    seen.run(&run("./absent", &["--out", "out"]));
    seen.check("absent_class");
}

/// One training sample: two classes are absent, every feature is constant, and training still ends.
#[test]
fn the_smallest_training_split_is_trained_on_with_a_warning() {
    let place = Place::new();
    let mut seen = Transcript::of(&place);
    write_dataset(&place.path("waves"), |_| {}).unwrap();
    seen.run(&run("./waves?train=1", &["--out", "out"]));
    seen.check("one_training_sample");
}

#[test]
fn a_value_outside_the_tasks_range_is_refused() {
    let place = Place::new();
    write_dataset(&place.path("range"), |content| {
        content.manifest.task = TaskEntry::Regression { tensor: "label".into(), target: "mood".into(), low: -1.0, high: 1.0 };
        content.tensors.get_mut("label").unwrap().values = Values::F32((0..SAMPLES).map(|row| if row == 9 { 1.5 } else { 0.5 }).collect());
    })
    .unwrap_err();
    let mut seen = Transcript::of(&place);
    seen.run(&["datasets", "show", "./range"]);
    seen.check("regression_range");
}
