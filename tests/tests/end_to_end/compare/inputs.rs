//! What cannot be compared: one sentence and exit code 2.

use std::fs;

use super::{made_up::write_dataset, place::Place, train, transcript::Transcript, words};

#[test]
fn sides_that_cannot_be_compared_are_refused_with_a_sentence() {
    let place = Place::new();
    train(&place, "prior,concat", "1", "a");
    train(&place, "concat", "7,", "seven");
    train(&place, "sum", "1", "other");
    fs::create_dir(place.path("empty")).unwrap();
    let mut seen = Transcript::of(&place);
    for arguments in [
        "a nowhere",
        "nowhere:concat a:concat",
        "a empty",
        "a other",
        "a seven",
        "a:concat a",
        "a a:concat",
        "a: a:concat",
        "a:concta a:prior",
        "a a --method concta",
        "a:concat a:prior --method concat",
        "a a --dataset openmoj",
        "a a --metric acuracy",
        "a a --metric perturbation/image",
        "a a --metric pearson",
        "a a --margin -1",
        "a a --margin many",
        "a a --alpha 0",
        "a a --cost-margin -5",
        "a a --format html",
        "a a --data nowhere",
        "a",
    ] {
        seen.run(&[&["compare"], &words(arguments)[..]].concat());
    }
    fs::write(place.path("a/run.toml"), "format = 99\n").unwrap();
    seen.run(&["compare", "a", "other"]);
    fs::remove_file(place.path("other/run.toml")).unwrap();
    seen.run(&["compare", "other", "other"]);
    seen.check("compare_inputs");
}

#[test]
fn runs_on_other_data_are_refused() {
    let place = Place::new();
    let train = |value: f32, out: &str| {
        write_dataset(&place.path("set"), |content| super::made_up::floats(content, "left")[0] = value).unwrap();
        let run = "run --suite missing --method concat --seeds 1 --epochs 1 --device cpu --quiet --dataset ./set --out";
        place.fine(&[&words(run)[..], &[out]].concat());
    };
    train(0.0, "a");
    train(1.0, "b");
    let mut seen = Transcript::of(&place)
        .replacing(r"begins with [0-9a-f]{12}", "begins with [HASH]")
        .replacing(r"with [0-9a-f]{12} in HEAD", "with [HASH] in HEAD");
    seen.run(&["compare", "a", "b"]);
    // Both on a version that is not there any more.
    seen.run(&["compare", "a", "a"]);
    seen.check("compare_other_data");
}
