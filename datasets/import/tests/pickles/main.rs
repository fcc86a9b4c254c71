//! Importers of the field's pickles, on files that its own writers made: see `tests/fixtures/pickle/make.py`, whose formulas are the expected values.

mod affect;
mod dialogues;
mod errors;
mod examples;
mod hostile;
mod written;

use std::path::{Path, PathBuf};

use bench_datasets::Split;
use bench_import::{
    Content, Draft, ImportError, Numbers, Target,
    formats::{ALL, Format, Glance, Request, open},
};

/// A file of the fixtures.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pickle").join(name)
}

fn format(name: &str) -> &'static Format {
    ALL.iter().find(|format| format.name == name).unwrap()
}

fn import(name: &str, files: &[&str], context: usize) -> Result<Draft, ImportError> {
    (format(name).read)(&Request { paths: files.iter().map(|file| fixture(file)).collect(), context, ..Request::default() })
}

fn numbers<'a>(draft: &'a Draft, name: &str) -> &'a Numbers {
    match &draft.streams.iter().find(|stream| stream.name == name).unwrap().content {
        Content::Numbers(numbers) => numbers,
        Content::Words(_) => panic!("{name} are words"),
    }
}

fn words<'a>(draft: &'a Draft, name: &str) -> &'a [Vec<String>] {
    match &draft.streams.iter().find(|stream| stream.name == name).unwrap().content {
        Content::Words(words) => words,
        Content::Numbers(_) => panic!("{name} are numbers"),
    }
}

/// Values of one sample.
fn row(numbers: &Numbers, at: usize) -> Vec<f32> {
    let row = numbers.rows.read(at..at + 1).unwrap();
    assert_eq!(row.len(), numbers.shape.iter().product::<usize>());
    row
}

fn streams(draft: &Draft) -> Vec<&str> {
    draft.streams.iter().map(|stream| stream.name.as_str()).collect()
}

fn targets(draft: &Draft) -> Vec<&str> {
    draft.targets.iter().map(|target| target.name.as_str()).collect()
}

fn classes<'a>(draft: &'a Draft, name: &str) -> (&'a [u32], Vec<&'a str>) {
    match &draft.targets.iter().find(|target| target.name == name).unwrap().target {
        Target::Classes { labels, names } => (labels, names.iter().map(String::as_str).collect()),
        Target::Values { .. } => panic!("{name} are values"),
    }
}

fn values<'a>(draft: &'a Draft, name: &str) -> (&'a [f32], Option<f32>, Option<f32>) {
    match &draft.targets.iter().find(|target| target.name == name).unwrap().target {
        Target::Values { values, low, high } => (values, *low, *high),
        Target::Classes { .. } => panic!("{name} are classes"),
    }
}

fn group<'a>(draft: &'a Draft, name: &str) -> Vec<&'a str> {
    draft.groups.iter().find(|groups| groups.name == name).unwrap().of_sample.iter().map(String::as_str).collect()
}

/// Samples in train, validation and test.
fn counts(draft: &Draft) -> [usize; 3] {
    Split::ALL.map(|split| draft.splits.iter().filter(|&&own| own == split).count())
}

fn says(sentences: &[String], part: &str) -> bool {
    sentences.iter().any(|sentence| sentence.contains(part))
}

/// That every vector of the draft is as long as its ids.
fn check(draft: &Draft) {
    let samples = draft.ids.len();
    assert_eq!(draft.splits.len(), samples);
    for groups in &draft.groups {
        assert_eq!(groups.of_sample.len(), samples, "{}", groups.name);
    }
    for target in &draft.targets {
        match &target.target {
            Target::Classes { labels, names } => {
                assert_eq!(labels.len(), samples, "{}", target.name);
                assert!(labels.iter().all(|&label| (label as usize) < names.len()), "{}", target.name);
            }
            Target::Values { values, .. } => {
                assert_eq!(values.len(), samples, "{}", target.name);
                assert!(values.iter().all(|value| value.is_finite()), "{}", target.name);
            }
        }
    }
    for stream in &draft.streams {
        match &stream.content {
            Content::Words(words) => assert_eq!(words.len(), samples, "{}", stream.name),
            Content::Numbers(numbers) => {
                assert_eq!(numbers.rows.len(), samples, "{}", stream.name);
                if let Some(lengths) = &numbers.lengths {
                    assert_eq!((lengths.len(), numbers.shape.len()), (samples, 2), "{}", stream.name);
                    assert!(lengths.iter().all(|&length| length as usize <= numbers.shape[0]), "{}", stream.name);
                }
            }
        }
    }
}

/// Every file of the fixtures that is whole, with its format.
const WHOLE: [(&str, &[&str]); 17] = [
    ("mmsa", &["mmsa-unaligned.pkl"]),
    ("mmsa", &["mmsa-aligned.pkl"]),
    ("mmsa", &["sims.pkl"]),
    ("mult", &["mult/mosi_data.pkl"]),
    ("mult", &["mult/mosei_senti_data_noalign.pkl"]),
    ("mult", &["mult/iemocap_data.pkl"]),
    ("multibench", &["multibench/mosi_raw.pkl"]),
    ("multibench", &["multibench/humor.pkl"]),
    ("mag", &["mag/mosi.pkl"]),
    ("mag", &["mag/numbers/mosi.pkl"]),
    ("misa", &["misa/mosei"]),
    ("misa", &["misa/mmim-mosi/train.pkl", "misa/mmim-mosi/dev.pkl", "misa/mmim-mosi/test.pkl"]),
    ("bc-lstm", &["bc-lstm"]),
    ("bc-lstm", &["bc-lstm/audio.pickle"]),
    ("conversation", &["conversation/IEMOCAP_features.pkl"]),
    ("conversation", &["conversation/MELD_features_raw.pkl"]),
    ("conversation", &["conversation/MELD_features_raw1.pkl"]),
];

#[test]
fn every_file_is_read_whole_and_in_parts() {
    for (name, files) in WHOLE {
        for context in [0, 2] {
            let draft = import(name, files, context).unwrap_or_else(|error| panic!("{name} {files:?}: {error}"));
            check(&draft);
            assert!(!draft.ids.is_empty() && !draft.targets.is_empty() && !draft.name.is_empty(), "{name} {files:?}");
            for stream in &draft.streams {
                let Content::Numbers(numbers) = &stream.content else { continue };
                let all = numbers.rows.read(0..draft.ids.len()).unwrap();
                let apart: Vec<f32> = (0..draft.ids.len()).flat_map(|at| row(numbers, at)).collect();
                assert_eq!(
                    all.iter().map(|value| value.to_bits()).collect::<Vec<_>>(),
                    apart.iter().map(|value| value.to_bits()).collect::<Vec<_>>()
                );
            }
        }
    }
}

#[test]
fn every_file_is_recognised_as_one_format() {
    for (name, files) in WHOLE {
        let paths: Vec<PathBuf> = files.iter().map(|file| fixture(file)).collect();
        let tree = open(&paths[0]).ok();
        if tree.is_none() && name == "bc-lstm" {
            // A folder tells nothing of what is in it.
            continue;
        }
        let glance = Glance { paths, tree };
        let found: Vec<&str> = ALL.iter().filter(|format| (format.recognise)(&glance).is_some()).map(|format| format.name).collect();
        assert_eq!(found, [name], "{files:?}");
    }
}
