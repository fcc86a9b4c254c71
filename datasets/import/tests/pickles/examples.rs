//! Files that are lists of examples: MAG-BERT, MISA, MMIM.

use super::*;

#[test]
fn mag_has_words_and_series_of_their_own_lengths() {
    let draft = import("mag", &["mag/mosi.pkl"], 0).unwrap();
    assert_eq!((draft.name.as_str(), counts(&draft)), ("mosi", [2, 1, 2]));
    assert_eq!(draft.ids, ["zhpQhgha_K1[0]", "zhpQhgha_K1[1]", "zhpQhgha_K2[0]", "zhpQhgha_K3[0]", "zhpQhgha_K3[1]"]);
    assert_eq!(group(&draft, "video")[1..3], ["zhpQhgha_K1", "zhpQhgha_K2"]);
    assert_eq!(streams(&draft), ["words", "visual", "acoustic"]);
    assert_eq!(words(&draft, "words")[0], ["a", "good"]);
    assert_eq!(words(&draft, "words")[1], ["good", "film", "bad", "a"]);
    let acoustic = numbers(&draft, "acoustic");
    assert_eq!((&acoustic.shape, &acoustic.lengths), (&vec![4, 2], &Some(vec![2, 4, 1, 3, 2])));
    assert_eq!(row(acoustic, 0), [1001.0, 1002.0, 1011.0, 1012.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(values(&draft, "sentiment"), (&[-1.0, -0.6, 0.0, 1.0, 1.4][..], Some(-3.0), Some(3.0)));
    assert_eq!(classes(&draft, "polarity"), (&[0, 0, 1, 1, 1][..], vec!["negative", "non-negative"]));
}

#[test]
fn mag_words_that_are_numbers_are_looked_up_beside_the_file() {
    let words_of = |files: &[&str]| words(&import("mag", files, 0).unwrap(), "words").to_vec();
    let expected = words_of(&["mag/mosi.pkl"]);
    assert_eq!(words_of(&["mag/numbers/mosi.pkl"]), expected);
    assert_eq!(words_of(&["mag/numbers/mosi.pkl", "mag/numbers/word2id.pickle"]), expected);

    let alone = tempfile::tempdir().unwrap();
    let file = alone.path().join("mosi.pkl");
    std::fs::copy(fixture("mag/numbers/mosi.pkl"), &file).unwrap();
    let draft = (format("mag").read)(&Request { paths: vec![file], ..Request::default() }).unwrap();
    assert_eq!(words(&draft, "words")[0], ["2", "3"]);
    assert!(says(&draft.assumed, "no word2id.pickle"));
}

#[test]
fn misa_has_seven_labels_and_a_sample_without_words() {
    let draft = import("misa", &["misa/mosei"], 0).unwrap();
    assert_eq!((draft.name.as_str(), counts(&draft)), ("mosei", [2, 1, 1]));
    assert_eq!(words(&draft, "words"), [vec!["a", "good", "film"], vec![], vec!["a", "good"], vec!["a", "good", "film", "bad"]]);
    let visual = numbers(&draft, "visual");
    assert_eq!((&visual.shape, &visual.lengths), (&vec![4, 3], &Some(vec![3, 0, 2, 4])));
    assert_eq!(row(visual, 1), [0.0; 12]);
    assert_eq!(row(visual, 2)[3..6], [2012.0, 2013.0, 2014.0]);
    assert!(says(&draft.repaired, "visual: 1 samples have no step"));
    assert_eq!(targets(&draft), ["sentiment", "polarity", "happy", "sad", "angry", "surprised", "disgusted", "afraid"]);
    assert_eq!(values(&draft, "sentiment").0, [-1.5, -1.5, -0.5, 0.5]);
    assert_eq!(classes(&draft, "happy").0, [0, 1, 0, 0]);
    assert_eq!(classes(&draft, "sad").0, [0; 4]);
    assert_eq!(classes(&draft, "angry").0, [1; 4]);
}

#[test]
fn mmim_series_need_not_be_as_long_as_the_words() {
    let draft = import("misa", &["misa/mmim-mosi"], 0).unwrap();
    assert_eq!(draft.name, "mmim-mosi");
    assert_eq!(numbers(&draft, "visual").lengths, Some(vec![3, 2, 1, 2]));
    assert_eq!(numbers(&draft, "acoustic").lengths, Some(vec![1, 5, 2, 2]));
    assert_eq!(row(numbers(&draft, "acoustic"), 1), [1001.0, 1011.0, 1021.0, 1031.0, 1041.0]);
    assert_eq!(words(&draft, "words"), vec![vec!["a", "good"]; 4]);
    assert_eq!(values(&draft, "sentiment").0, [0.5, 0.5, -0.5, -1.5]);
    assert!(says(&draft.assumed, "3 samples have other numbers of words"));
    assert_eq!(group(&draft, "video")[0], "03bSnISJMi1");
}

#[test]
fn misa_without_a_validation_file_says_so() {
    let draft = import("misa", &["misa/mosei/test.pkl", "misa/mosei/train.pkl"], 0).unwrap();
    assert_eq!(counts(&draft), [2, 0, 1]);
    assert!(says(&draft.assumed, "no file of the validation split"));
}
