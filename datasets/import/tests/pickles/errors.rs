//! Broken files: each error names file, key, what was found and what was expected.

use super::*;

/// Format, files, place in the file, what is found, what is expected.
const BROKEN: [(&str, &[&str], &str, &str, &str); 36] = [
    ("mmsa", &["mmsa-no-train.pkl"], "the whole file", "keys valid", "a key `train`"),
    ("mmsa", &["mmsa-no-labels.pkl"], "train", "keys audio, vision, id", "a key `regression_labels`"),
    ("mmsa", &["mmsa-no-modality.pkl"], "train", "keys id", "one of the keys `text`, `audio`, `vision`"),
    ("mmsa", &["mmsa-rank.pkl"], "train.audio", "float32 [2, 3, 2, 1]", "features [samples, steps, features]"),
    ("mmsa", &["mmsa-count.pkl"], "train.audio", "float32 [3, 6, 2]", "2 samples, as many as there are labels"),
    ("mmsa", &["mmsa-dim.pkl"], "valid.audio", "float32 [2, 6, 2]", "samples of shape [6, 1], as in `train`"),
    ("mmsa", &["mmsa-objects.pkl"], "train.audio[0]", "None", "an array, or a list of numbers"),
    ("mmsa", &["mmsa-lengths-count.pkl"], "train.audio_lengths", "3 lengths", "2, one for each of `regression_labels`"),
    ("mmsa", &["mmsa-lengths-below.pkl"], "train.audio_lengths", "length -2 at 1", "no length below 0"),
    ("mmsa", &["mmsa-lengths-half.pkl"], "train.vision_lengths[0]", "1.5", "a whole number"),
    ("mmsa", &["mmsa-ids.pkl"], "train.id", "1 names", "2, one for each"),
    ("mmsa", &["mmsa-label-nan.pkl"], "train.regression_labels[1]", "NaN", "a finite number"),
    ("mmsa", &["mmsa-label-two.pkl"], "train.regression_labels", "float64 [2, 2]", "one number for each of 2 samples"),
    ("mult", &["mult-labels.pkl"], "train.labels", "float64 [2, 3, 1]", "one number for each of 2 samples"),
    ("mag", &["mag-arrays.pkl"], "train", "keys facet, label", "a list of ((words, visual, acoustic), label, segment)"),
    ("mag", &["mag-two.pkl"], "train[0][0]", "a list of 2", "(words, visual, acoustic)"),
    ("mag", &["mag-rank.pkl"], "train[0][0][2]", "float64 [4]", "a series [steps, features]"),
    ("mag", &["mag-label.pkl"], "train[0][1]", "float64 [2]", "one label, or MOSEI's seven"),
    ("mag", &["mag-dim.pkl"], "train[1][0][1]", "float64 [1, 4]", "3 features a step"),
    ("bc-lstm", &["bc-lstm-six.pickle"], "the whole file", "a list of 6", "a tuple of seven"),
    ("bc-lstm", &["bc-lstm-audio-rank.pickle"], "[0]", "float64 [2, 3]", "features [dialogues, utterances, d]"),
    ("bc-lstm", &["bc-lstm-audio-labels.pickle"], "[1]", "float64 [2, 2]", "labels [2, 3]"),
    ("bc-lstm", &["bc-lstm-audio-lengths.pickle"], "[5]", "1 lengths", "2, one for each dialogue"),
    ("bc-lstm", &["bc-lstm-audio-long.pickle"], "[5]", "length 4 of dialogue 1", "a length from 0 to 3"),
    ("bc-lstm", &["bc-lstm-audio-dim.pickle"], "[2]", "float64 [1, 3, 2]", "1 features, as in train"),
    ("bc-lstm", &["bc-lstm-text.pickle", "bc-lstm-audio-other-count.pickle"], "train", "1 dialogues", "2 as in"),
    ("bc-lstm", &["bc-lstm-text.pickle", "bc-lstm-audio-other-length.pickle"], "train", "2 utterances in dialogue 1", "3 as in"),
    ("bc-lstm", &["bc-lstm-text.pickle", "bc-lstm-audio-other-labels.pickle"], "train", "label 1 of utterance 1 in dialogue 1", "label 0 as in"),
    ("conversation", &["meld-eight.pkl"], "the whole file", "a list of 8", "a tuple of nine or ten"),
    ("conversation", &["meld-audio-count.pkl"], "[4].0", "a list of 1", "2 utterances, as in the dialogue's labels"),
    ("conversation", &["meld-audio-missing.pkl"], "[4]", "keys 0, 11", "a dialogue `7`, which has labels"),
    ("conversation", &["meld-audio-dim.pkl"], "[4].7[0]", "float64 [8]", "1 features, as before"),
    ("conversation", &["meld-class.pkl"], "[9]", "class -1", "classes from 0 on"),
    ("conversation", &["meld-train.pkl"], "[7]", "dialogue 8", "dialogues that have labels"),
    ("conversation", &["meld-twice.pkl"], "[8]", "dialogue 11, which is in train too", "a dialogue in one split"),
    ("conversation", &["mag-two.pkl"], "the whole file", "keys train", "a tuple of nine or ten"),
];

#[test]
fn every_broken_file_has_its_sentence() {
    for (name, files, place, found, expected) in BROKEN {
        let paths: Vec<String> = files.iter().map(|file| format!("broken/{file}")).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let error = import(name, &paths, 0).map(|_| ()).unwrap_err().to_string();
        let file = files.last().unwrap();
        for part in [format!("{file}: {place}: found {found}"), format!("expected {expected}")] {
            assert!(error.contains(&part), "{name} {files:?}: `{part}` is not in: {error}");
        }
    }
}

#[test]
fn paths_that_do_not_fit_the_format_are_named() {
    let said = |name: &str, files: &[&str]| import(name, files, 0).map(|_| ()).unwrap_err().to_string();
    assert!(said("mmsa", &[]).contains("found 0 paths, expected one"));
    assert!(said("mmsa", &["mult"]).contains("found a folder, expected one .pkl file"));
    assert!(said("mag", &["a", "b", "c"]).contains("found 3 paths"));
    assert!(said("misa", &["misa/mosei/dev.pkl"]).contains("found no file train.pkl"));
    assert!(said("misa", &["misa/mosei/train.pkl", "misa/mmim-mosi/train.pkl"]).contains("found two files of one split"));
    assert!(said("bc-lstm", &["mult"]).contains("iemocap_data.pkl: the whole file: found keys test, train, valid, expected a tuple of seven"));
    assert!(said("bc-lstm", &["bc-lstm/text.pickle", "bc-lstm/text.pickle"]).contains("second file of `text`"));
    assert!(said("conversation", &["missing.pkl"]).contains("cannot read"));
    assert!(said("mult", &["make.py"]).contains("make.py"));
}
