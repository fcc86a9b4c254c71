//! Names that nobody knows: the nearest one is offered.

use std::fs;

use super::{
    place::{Place, errors},
    transcript::Transcript,
};

#[test]
fn an_unknown_name_is_refused_with_the_nearest_one() {
    let place = Place::new();
    let mut seen = Transcript::of(&place)
        .replacing("known are prior, .*", "known are [METHODS]")
        .replacing("known are cremad-agree, .*", "known are [DATASETS]")
        .replacing("known are `robustness@1`, .*`", "known are [SUITES]");
    for arguments in [
        &["run", "--device", "cpu", "--method", "conct"][..],
        &["run", "--device", "cpu", "--method", "perceiver"],
        &["run", "--device", "cpu", "--method", "concat,UniMSE"],
        &["run", "--device", "cpu", "--dataset", "openmojy"],
        &["run", "--suite", "robustnes"],
        &["run", "--suite", "robustness@7"],
        &["methods", "show", "rmal"],
        &["methods", "show", "unimse", "--dataset", "digits"],
        &["datasets", "show", "digitz"],
        &["suites", "show", "noize"],
        &["runn"],
        &["run", "--seedz", "3"],
        &["run", "--format", "xml"],
    ] {
        seen.run(arguments);
    }
    seen.check("unknown_names");
    assert!(!place.path("runs").exists());
}

#[test]
fn an_unknown_part_of_a_method_is_refused_with_the_nearest_one() {
    let place = Place::new();
    let mut seen = Transcript::of(&place);
    for method in
        ["raml?lambda=1", "raml/nosparsity", "raml?lambda1=900", "raml?predictor=shered", "raml?lambda1", "raml?lambda1=1&lambda1=2", "/x", ""]
    {
        seen.run(&["run", "--device", "cpu", "--dataset", "openmoji", "--method", method]);
    }
    seen.run(&["run", "--device", "cpu", "--dataset", "openmoji", "--method", "concat,late", "--reference", "lat"]);
    seen.check("unknown_parts_of_methods");
    assert!(!place.path("runs").exists());
}

#[test]
fn methods_that_can_learn_none_of_the_datasets_are_refused_with_the_reason() {
    let place = Place::new();
    let run = place.run(&["run", "--device", "cpu", "--dataset", "mfeat", "--method", "tfn", "--out", "run"]);
    assert_eq!(run.status.code(), Some(2));
    let expected = "bench: nothing can be trained: tfn on mfeat (at most 3 modalities); choose other methods or datasets\n";
    assert_eq!(errors(&run), expected);
    assert!(!place.path("run/trials").exists());
}

#[test]
fn a_wrong_settings_file_is_named_with_its_line() {
    let place = Place::new();
    let mut seen = Transcript::of(&place);
    for (file, text) in [
        ("unknown.toml", "epochs = 3\nseed = 4\n"),
        ("type.toml", "\nepochs = 'many'\n"),
        ("list.toml", "method = 'raml'\n"),
        ("seeds.toml", "seeds = [1, -2]\n"),
        ("syntax.toml", "epochs = 3\npatience =\n"),
        ("zero.toml", "epochs = 0\n"),
    ] {
        fs::write(place.path(file), text).unwrap();
        seen.run(&["run", "--config", file]);
    }
    fs::write(place.path("bytes.toml"), [0xff, 0xfe]).unwrap();
    for file in ["bytes.toml", "nowhere.toml", "/dev/zero", "."] {
        seen.run(&["run", "--config", file]);
    }
    seen.check("settings_files");
    assert!(!place.path("runs").exists());
}
