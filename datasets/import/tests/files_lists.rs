//! Importers of lists of media, on lists as the field's scripts write them, PNG files of Pillow and WAV files of Python's `wave` (`fixtures/files/make.py`).

use std::{
    fs,
    path::{Path, PathBuf},
};

use bench_datasets::Split::{Test, Train, Validation};
use bench_import::{
    Content, Draft, Numbers, Target,
    formats::{self, Request},
};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/files").join(name)
}

fn read(format: &str, paths: &[PathBuf]) -> Result<Draft, String> {
    let format = formats::ALL.iter().find(|known| known.name == format).unwrap();
    (format.read)(&Request { paths: paths.to_vec(), pixels: (1, 2), ..Request::default() }).map_err(|error| error.to_string())
}

fn numbers<'a>(draft: &'a Draft, name: &str) -> &'a Numbers {
    let stream = draft.streams.iter().find(|stream| stream.name == name).unwrap();
    let Content::Numbers(numbers) = &stream.content else { panic!("{name} is no numbers") };
    numbers
}

fn words(draft: &Draft) -> Vec<String> {
    let Content::Words(words) = &draft.streams.last().unwrap().content else { panic!("no words") };
    words.iter().map(|words| words.join(" ")).collect()
}

fn classes(draft: &Draft) -> (Vec<u32>, Vec<&str>) {
    let Target::Classes { labels, names } = &draft.targets[0].target else { panic!("no classes") };
    (labels.clone(), names.iter().map(String::as_str).collect())
}

#[test]
fn pictures_and_sounds_of_ogm_ge_are_found_below_a_folder() {
    let draft = read("ogm-ge", &[fixture("ogm"), fixture("ogm_media")]).unwrap();
    // test.csv stands before train.csv.
    assert_eq!(draft.ids, ["1004_DFA_SAD_XX", "1001_DFA_NEU_XX", "1002_DFA_ANG_XX"]);
    assert_eq!(draft.splits, [Test, Train, Train]);
    assert_eq!(classes(&draft), (vec![2, 0, 5], vec!["NEU", "HAP", "SAD", "FEA", "DIS", "ANG"]));
    assert!(draft.repaired[0].starts_with("1 of 4 samples have no picture or no sound below"), "{:?}", draft.repaired);
    assert!(draft.repaired[0].ends_with("(1003_DFA_HAP_XX)"), "{:?}", draft.repaired);
    let image = numbers(&draft, "image");
    assert_eq!((image.shape.as_slice(), image.bytes), (&[3, 1, 2][..], Some((1.0 / 255.0, 0.0))));
    // The middle frame is green 10; red is 51 for the second clip of the script.
    assert_eq!(image.rows.read(2..3).unwrap(), [51.0, 51.0, 10.0, 10.0, 0.0, 0.0]);
    // 45, 25 and 35 ms: windows of 25 ms every 10 ms.
    let audio = numbers(&draft, "audio");
    assert_eq!((audio.shape.as_slice(), audio.lengths.as_deref()), (&[3, 80][..], Some(&[3, 1, 2][..])));
    assert_eq!(draft.groups[0].of_sample, ["1004", "1001", "1002"]);
}

#[test]
fn lines_of_mla_have_texts_and_classes_in_the_order_of_their_statistics() {
    let draft = read("mla", &[fixture("mla")]).unwrap();
    assert_eq!(draft.ids, ["Ses02F_impro01_F000", "Ses03M_script01_1_M002", "Ses01F_impro01_F000", "Ses01F_impro01_M001"]);
    assert_eq!(draft.splits, [Validation, Test, Train, Train]);
    assert_eq!(classes(&draft), (vec![3, 2, 0, 1], vec!["Neutral", "Angry", "Sad", "Happy"]));
    assert_eq!(words(&draft), ["[ laughter ] yes !", "no .", "excuse me .", "do you have your forms ?"]);
    assert_eq!(draft.groups[0].of_sample, ["Ses02F", "Ses03M", "Ses01F", "Ses01M"]);
}

#[test]
fn features_of_single_clips_are_a_modality_for_each_folder() {
    let draft = read("mla", &[fixture("mla"), fixture("mla_features")]).unwrap();
    assert_eq!(draft.ids, ["Ses02F_impro01_F000", "Ses01F_impro01_F000", "Ses01F_impro01_M001"]);
    assert!(draft.repaired[0].starts_with("1 of 4 samples have no features below"), "{:?}", draft.repaired);
    let audio = numbers(&draft, "audio_features");
    assert_eq!((audio.shape.as_slice(), audio.lengths.as_deref()), (&[3, 2][..], Some(&[3, 1, 2][..])));
    assert_eq!(audio.rows.read(1..3).unwrap(), [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 10.0, 11.0, 12.0, 13.0, 0.0, 0.0]);
    let pose = numbers(&draft, "pose");
    assert_eq!((pose.shape.as_slice(), pose.lengths.as_deref()), (&[3][..], None));
    assert_eq!(pose.rows.read(0..1).unwrap(), [200.0, 201.0, 202.0]);
}

#[test]
fn features_of_another_width_are_refused_with_their_file() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["Ses01F_impro01_F000.npy", "Ses01F_impro01_M001.npy"] {
        let pose = if file.contains("M001") { "audio_features" } else { "pose" };
        fs::copy(fixture("mla_features").join(pose).join(file), folder.path().join(file)).unwrap();
    }
    let error = read("mla", &[fixture("mla/my_train_iemo.txt"), folder.path().to_owned()]).unwrap_err();
    assert!(error.contains("Ses01F_impro01_M001.npy: array: found float64 [2, 2], expected 3 features, as before"), "{error}");
}

#[test]
fn lines_of_qmf_name_their_pictures() {
    let draft = read("qmf", &[fixture("qmf")]).unwrap();
    assert_eq!((draft.ids.as_slice(), draft.splits.as_slice()), (&["13", "11", "12"].map(String::from)[..], &[Validation, Train, Train][..]));
    assert_eq!(classes(&draft), (vec![1, 2, 0], vec!["negative", "neutral", "positive"]));
    assert_eq!(words(&draft), ["x", "nice day # sun", "ugh"]);
    assert_eq!(numbers(&draft, "image").rows.read(1..2).unwrap()[..3], [11.0, 11.0, 255.0]);
    assert!(draft.repaired[0].contains("1 of 4 samples") && draft.repaired[0].ends_with("(14)"), "{:?}", draft.repaired);
}

#[test]
fn lists_without_media_are_words_or_nothing() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(fixture("qmf/train.jsonl"), folder.path().join("train.jsonl")).unwrap();
    let draft = read("qmf", &[folder.path().to_owned()]).unwrap();
    assert_eq!((draft.streams.len(), words(&draft).len()), (1, 2));
    assert!(draft.assumed.iter().any(|sentence| sentence.starts_with("there are no pictures below")), "{:?}", draft.assumed);
    let error = read("ogm-ge", &[fixture("ogm")]).unwrap_err();
    assert!(error.contains("found no picture or sound of 4 samples (1004_DFA_SAD_XX, 1001_DFA_NEU_XX"), "{error}");
}

#[test]
fn lines_that_are_something_else_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let error = |format: &str, name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        read(format, &[path]).unwrap_err()
    };
    let found = error("qmf", "dev.jsonl", "{\"id\": 1, \"label\": [\"a\", \"b\"]}\n");
    assert!(found.contains("dev.jsonl: line 1: found the label [\"a\",\"b\"], expected one class"), "{found}");
    let found = error("qmf", "dev.jsonl", "\n{\"id\": 1\n");
    assert!(found.contains("dev.jsonl: line 2: found EOF"), "{found}");
    let found = error("ogm-ge", "train.csv", "a,NEU\nb\n");
    assert!(found.contains("train.csv: line 2: found `b`, expected NAME,CLASS"), "{found}");
    let found = error("mla", "my_train_cre.txt", "1001_X.flv Sad\n1002_X\n");
    assert!(found.contains("my_train_cre.txt: line 2: found `1002_X`, expected FILE CLASS"), "{found}");
    let found = error("mla", "my_list_cre.txt", "1001_X.flv Sad\n");
    assert!(found.contains("found `my_list_cre`, expected train, val, dev or test"), "{found}");
    let found = error("qmf", "test.jsonl", "\u{ff}").replace('\u{ff}', "");
    assert!(found.contains("test.jsonl: line 1"), "{found}");
}

/// A list may not name files outside the folders of media.
#[test]
fn pictures_outside_the_folders_are_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    fs::copy(fixture("qmf/images/11.png"), outside.path().join("11.png")).unwrap();
    let line = |name: &str| format!("{{\"id\": 1, \"label\": \"a\", \"text\": \"t\", \"img\": {:?}}}\n", name);
    let absolute = outside.path().join("11.png").display().to_string();
    let climbing = format!("../{}/11.png", outside.path().file_name().unwrap().to_string_lossy());
    fs::write(folder.path().join("train.jsonl"), line(&absolute) + &line(&climbing)).unwrap();
    let draft = read("qmf", &[folder.path().to_owned()]).unwrap();
    assert_eq!(draft.streams.len(), 1, "only the words");
}
