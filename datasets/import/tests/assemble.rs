//! From drafts to folders: what is repaired, assumed, refused, and that nothing half-written stays.

use std::{ops::ControlFlow, path::Path, sync::Arc};

use bench_datasets::{Block, Dataset, DatasetRef, Kind, Labels, Split, Task};
use bench_import::{Content, Draft, Groups, ImportError, Numbers, Options, Progress, Stream, Summary, Target, Targets, assemble, draft::Stacked};
use bench_readers::{Array, Source};

fn array(shape: &[usize], numbers: &[f64]) -> Arc<Array> {
    Arc::new(Array::of_numbers(shape.to_vec(), numbers, Arc::new(Source::memory("test.pkl", Vec::new()))))
}

fn stream(name: &str, shape: &[usize], lengths: Option<Vec<u32>>, numbers: &[f64]) -> Stream {
    let rows = numbers.len() / shape.iter().product::<usize>();
    let mut stacked = Stacked::default();
    stacked.push(name, array(&[&[rows], shape].concat(), numbers));
    Stream { name: name.into(), content: Content::Numbers(Numbers { shape: shape.to_vec(), lengths, rows: Box::new(stacked), bytes: None }) }
}

fn classes(labels: &[u32], names: &[&str]) -> Targets {
    Targets { name: "emotion".into(), target: Target::Classes { labels: labels.to_vec(), names: names.iter().map(|name| (*name).into()).collect() } }
}

fn values(values: &[f32], low: Option<f32>, high: Option<f32>) -> Targets {
    Targets { name: "sentiment".into(), target: Target::Values { values: values.to_vec(), low, high } }
}

fn ids(count: usize) -> Vec<String> {
    (0..count).map(|row| format!("s{row:03}")).collect()
}

/// Six samples: three of training, one of validation, two of test.
fn six() -> Draft {
    use Split::{Test, Train, Validation};
    Draft {
        name: "six".into(),
        ids: ids(6),
        splits: vec![Train, Train, Train, Validation, Test, Test],
        targets: vec![classes(&[0, 1, 0, 1, 0, 1], &["no", "yes"])],
        streams: vec![stream("audio", &[2], None, &(0..12).map(f64::from).collect::<Vec<_>>())],
        ..Draft::default()
    }
}

fn dry(draft: Draft, options: &Options) -> Result<Summary, ImportError> {
    assemble(draft, options, None, &mut |_| ControlFlow::Continue(()))
}

fn write(draft: Draft, options: &Options, out: &Path) -> Result<Summary, ImportError> {
    assemble(draft, options, Some(out), &mut |_| ControlFlow::Continue(()))
}

fn open(out: &Path) -> Dataset {
    Dataset::open(&DatasetRef::whole(out.display().to_string()), &[]).unwrap()
}

fn reals(dataset: &Dataset, modality: &str) -> (Vec<f32>, Option<Vec<u32>>) {
    let rows: Vec<usize> = (0..dataset.len()).collect();
    match dataset.read(dataset.modality(modality).unwrap(), &rows) {
        Block::Continuous { values, lengths } => (values, lengths),
        Block::Tokens { .. } => panic!("{modality} holds words"),
    }
}

#[test]
fn a_draft_becomes_a_folder_with_its_numbers() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("deep/six");
    let summary = write(six(), &Options::default(), &out).unwrap();
    let dataset = open(&out);
    assert_eq!(dataset.name(), "six");
    assert_eq!(dataset.ids(), ids(6));
    assert_eq!(reals(&dataset, "audio").0, (0..12u8).map(f32::from).collect::<Vec<_>>());
    assert_eq!(*dataset.labels(), Labels::Classes(vec![0, 1, 0, 1, 0, 1]));
    assert_eq!(dataset.indices(Split::Test), [4, 5]);
    assert_eq!(summary.samples, [3, 1, 2]);
    assert_eq!(summary.classes.iter().map(|class| class.samples).collect::<Vec<_>>(), [[2, 0, 1], [1, 1, 1]]);
    assert_eq!(summary.hash.as_deref(), Some(dataset.hash()));
    assert_eq!(summary.assumed, Vec::<String>::new());
    // Only the folder itself is there.
    assert_eq!(std::fs::read_dir(place.path().join("deep")).unwrap().count(), 1);
}

#[test]
fn a_dry_run_says_the_same_and_writes_nothing() {
    let place = tempfile::tempdir().unwrap();
    let mut written = write(six(), &Options::default(), &place.path().join("six")).unwrap();
    written.hash = None;
    assert_eq!(dry(six(), &Options::default()).unwrap(), written);
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
}

#[test]
fn numbers_that_are_not_finite_become_zero_and_are_counted_by_modality() {
    let place = tempfile::tempdir().unwrap();
    let mut draft = six();
    let mut numbers: Vec<f64> = (0..24).map(f64::from).collect();
    (numbers[0], numbers[1], numbers[6], numbers[17], numbers[23]) = (f64::NEG_INFINITY, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::NAN);
    // Sequences [2, 2]; the second step of the last sample is padding, so what stands there is no repair.
    draft.streams.push(stream("video", &[2, 2], Some(vec![2, 2, 2, 2, 2, 1]), &numbers));
    let summary = write(draft, &Options::default(), &place.path().join("out")).unwrap();
    assert_eq!(summary.repaired, ["video: 2 −inf, 1 +inf, 1 NaN in 3 samples were set to 0, as is usual in the field"]);
    let repaired = summary.modalities[1].repaired;
    assert_eq!((repaired.negative, repaired.positive, repaired.nan, repaired.samples), (2, 1, 1, 3));
    let (values, lengths) = reals(&open(&place.path().join("out")), "video");
    for at in [0, 1, 6, 17, 22, 23] {
        assert_eq!(values[at], 0.0, "{at}");
    }
    assert_eq!((values[2], values[21], lengths), (2.0, 21.0, Some(vec![2, 2, 2, 2, 2, 1])));
    let dataset = open(&place.path().join("out"));
    assert!(dataset.provenance().notes.iter().any(|note| note.starts_with("video: 2 −inf")), "{:?}", dataset.provenance());
}

#[test]
fn features_that_are_constant_in_training_are_said_and_kept() {
    let mut draft = six();
    // The first feature is 7 in training and differs in test.
    draft.streams = vec![stream("audio", &[2], None, &[7.0, 0.0, 7.0, 1.0, 7.0, 2.0, 5.0, 3.0, 6.0, 4.0, 7.0, 5.0])];
    let summary = dry(draft, &Options::default()).unwrap();
    assert_eq!(summary.modalities[0].constant, 1);
    assert_eq!(summary.assumed, ["audio: 1 of 2 features are the same in all of training, and are kept"]);
}

#[test]
fn missing_splits_are_drawn_from_training_alone_and_the_test_split_stays() {
    let mut draft = Draft {
        ids: ids(100),
        splits: (0..100).map(|row| if row < 80 { Split::Train } else { Split::Test }).collect(),
        targets: vec![classes(&(0..100).map(|row| u32::from(row % 4 == 0)).collect::<Vec<_>>(), &["most", "few"])],
        streams: vec![stream("a", &[1], None, &(0..100).map(f64::from).collect::<Vec<_>>())],
        ..Draft::default()
    };
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let summary = write(draft, &Options::default(), &out).unwrap();
    let dataset = open(&out);
    assert_eq!(dataset.indices(Split::Test), (80..100).collect::<Vec<_>>());
    assert_eq!(summary.samples, [64, 16, 20]);
    // A fifth of 20 and of 60.
    assert_eq!(summary.classes[1].samples, [16, 4, 5]);
    assert!(summary.assumed[0].starts_with("the files have no validation split: 16 of 80 training samples were drawn"), "{:?}", summary.assumed);

    draft = Draft { ids: ids(100), targets: vec![values(&[0.5; 100], Some(0.0), Some(1.0))], ..Draft::default() };
    draft.streams = vec![stream("a", &[1], None, &[1.0; 100])];
    let options = Options { validation: 0.1, test: 0.3, ..Options::default() };
    assert_eq!(dry(draft, &options).unwrap().samples, [60, 10, 30]);
}

#[test]
fn groups_stay_together_in_drawn_splits_and_those_that_cross_are_not_used() {
    let group =
        |name: &str, of: &dyn Fn(usize) -> usize| Groups { name: name.into(), of_sample: (0..60).map(|row| format!("g{}", of(row))).collect() };
    let draft = || Draft {
        ids: ids(60),
        splits: (0..60).map(|row| if row < 40 { Split::Train } else { Split::Test }).collect(),
        targets: vec![values(&(0..60).map(|row| row as f32).collect::<Vec<_>>(), Some(0.0), Some(60.0))],
        groups: vec![group("speaker", &|row| row % 7), group("dialogue", &|row| row / 5)],
        streams: vec![stream("a", &[1], None, &(0..60).map(f64::from).collect::<Vec<_>>())],
        ..Draft::default()
    };
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let summary = write(draft(), &Options::default(), &out).unwrap();
    // Opening again refuses a group in two splits.
    assert_eq!(open(&out).groups().unwrap().name, "dialogue");
    assert_eq!(summary.groups.as_ref().unwrap().groups, [6, 2, 4]);
    assert_eq!(summary.samples, [30, 10, 20]);
    assert_eq!(summary.left_out, ["groups by speaker: `g5` is in two splits, with the samples `s005` and `s040`"]);
    let asked = |group: &str| Options { group: Some(group.into()), ..Options::default() };
    let error = dry(draft(), &asked("speaker")).unwrap_err().to_string();
    assert!(error.contains("groups by speaker: `g5` is in two splits"), "{error}");
    assert!(dry(draft(), &asked("video")).unwrap_err().to_string().contains("there are: `speaker`, `dialogue`"));
    assert!(dry(draft(), &asked("none")).unwrap().groups.is_none());
}

#[test]
fn the_vocabulary_is_of_the_training_split() {
    let texts = ["the cat sat", "the cat ran", "a dog", "a dog dog", "zebra the", "the cat sat on the mat"];
    let words = texts.map(|text| text.split(' ').map(str::to_owned).collect()).to_vec();
    let mut draft = six();
    draft.streams.push(Stream { name: "text".into(), content: Content::Words(words) });
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let summary = write(draft, &Options::default(), &out).unwrap();
    let dataset = open(&out);
    let Kind::Tokens { steps, vocabulary } = &dataset.modalities()[1].kind else { panic!("no tokens") };
    // In training: the 2, cat 2, sat, ran, a, dog once each. By hand.
    assert_eq!((*steps, vocabulary.join(" ")), (3, "<pad> <unk> cat the".into()));
    let Block::Tokens { ids, lengths } = dataset.read(1, &[0, 3, 5]) else { panic!("no tokens") };
    assert_eq!(ids, [3, 2, 1, 1, 1, 1, 3, 2, 1]);
    assert_eq!(lengths, [3, 3, 3]);
    assert!(summary.repaired.iter().any(|note| note.contains("1 texts are longer than 3 words and were cut")), "{:?}", summary.repaired);
    // Training: 8 words, 4 known; validation: 3, none; test: `zebra the`, `the cat sat`: 3 of 5.
    assert_eq!(summary.modalities[1].unknown, Some([0.5, 1.0, 0.4]));
}

#[test]
fn modalities_are_renamed_and_left_out() {
    let draft = || {
        let mut draft = six();
        draft.streams.push(stream("video", &[1], None, &[1.0; 6]));
        draft
    };
    let map = |map: &[&str]| Options { map: map.iter().map(|rename| rename.parse().unwrap()).collect(), ..Options::default() };
    let names = |summary: Summary| summary.modalities.into_iter().map(|modality| modality.name).collect::<Vec<_>>();
    assert_eq!(names(dry(draft(), &map(&["audio=sound"])).unwrap()), ["sound", "video"]);
    let dropped = dry(draft(), &map(&["audio="])).unwrap();
    assert_eq!(dropped.left_out, ["modality `audio`, as asked"]);
    assert_eq!(names(dropped), ["video"]);
    for (asked, part) in [
        (&["text=words"][..], "there is no modality `text` in these files; there are: `audio`, `video`"),
        (&["audio=video"], "two modalities would be called `video`"),
        (&["audio=a", "audio=b"], "mapped twice"),
        (&["audio=", "video="], "no modality is left"),
    ] {
        let error = dry(draft(), &map(asked)).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    assert!("audio".parse::<bench_import::Rename>().is_err() && "audio=a b".parse::<bench_import::Rename>().is_err());
}

#[test]
fn targets_are_chosen_and_checked() {
    let draft = |target: Targets| Draft { targets: vec![classes(&[0, 1, 0, 1, 0, 1], &["no", "yes"]), target], ..six() };
    let sentiment = Options { target: Some("sentiment".into()), ..Options::default() };
    let summary = dry(draft(values(&[1.0, -2.0, 0.5, 0.0, 1.0, -1.5], None, None)), &sentiment).unwrap();
    assert_eq!(summary.task, Task::Regression { target: "sentiment".into(), low: -2.0, high: 1.0 });
    assert_eq!(summary.left_out, ["target `emotion`; --target has it"]);
    assert!(summary.assumed[0].contains("lies in [-2, 1], the range that occurs in training"), "{:?}", summary.assumed);
    let refused = |target: Targets, options: &Options, part: &str| {
        let error = dry(draft(target), options).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    };
    refused(values(&[1.0, -2.0, 0.5, 0.0, 3.0, -1.5], None, None), &sentiment, "found 3 for sample `s004` (one of 1), expected -2 to 1");
    refused(values(&[1.0, -2.0, f32::NAN, 0.0, 3.0, -1.5], None, None), &sentiment, "found NaN for sample `s002`");
    refused(values(&[1.0; 5], None, None), &sentiment, "found 5 labels, expected 6");
    refused(values(&[1.0; 6], None, None), &sentiment, "expected one with a width");
    refused(values(&[1.0; 6], None, None), &Options { target: Some("x".into()), ..Options::default() }, "there are: `emotion`, `sentiment`");
    let wide = Options { range: Some((-3.0, 3.0)), ..sentiment };
    assert!(dry(draft(values(&[1.0, -2.0, 0.5, 0.0, 3.0, -1.5], None, None)), &wide).is_ok());
    let label = dry(Draft { targets: vec![classes(&[0, 1, 0, 2, 0, 1], &["no", "yes"])], ..six() }, &Options::default()).unwrap_err().to_string();
    assert!(label.contains("found class 2 for sample `s003`, expected 0 to 1"), "{label}");
    let absent = dry(Draft { targets: vec![classes(&[0, 1, 0, 2, 2, 1], &["no", "yes", "both", "never"])], ..six() }, &Options::default()).unwrap();
    assert_eq!(
        absent.assumed,
        [
            "class `both` has no training sample, so no method can learn it; 2 of validation and test are of it",
            "class `never` has no sample, and is a class all the same"
        ]
    );
}

#[test]
fn vectors_that_do_not_fit_each_other_are_refused_by_name() {
    let mut short = six();
    short.streams.push(stream("video", &[1], None, &[1.0; 5]));
    let mut long = six();
    long.streams.push(stream("video", &[2, 1], Some(vec![2, 2, 3, 2, 2, 2]), &[1.0; 12]));
    let mut pixels = six();
    pixels.streams.push(stream("image", &[1, 1, 1], None, &[0.0, 1.0, 0.5, 1.5, 0.0, 0.0]));
    for (draft, part) in [
        (short, "modality `video`: found 5 samples, expected 6 as there are ids"),
        (long, "modality `video`: found the length 3 of sample `s002`, expected at most 2 steps"),
        (pixels, "modality `image`: found 1.5 in sample `s003`, expected pixels from 0 to 1"),
        (Draft { splits: vec![Split::Train; 4], ..six() }, "splits: found 4 of them, expected 6"),
        (Draft { ids: Vec::new(), ..six() }, "there is no sample"),
        (Draft { splits: vec![Split::Test; 6], ..six() }, "splits: found 0 training samples"),
        (Draft { streams: Vec::new(), ..six() }, "hold no modality"),
        (Draft { targets: Vec::new(), ..six() }, "nothing that could be predicted"),
    ] {
        let error = dry(draft, &Options::default()).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn what_is_interrupted_or_fails_leaves_nothing_behind() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("a/out");
    let stopped = assemble(six(), &Options::default(), Some(&out), &mut |_: Progress| ControlFlow::Break(()));
    assert!(matches!(stopped, Err(ImportError::Interrupted)));
    let mut bad = six();
    bad.streams.push(stream("image", &[1, 1, 1], None, &[0.0, 1.0, 0.5, 0.0, 0.0, 9.0]));
    assert!(write(bad, &Options::default(), &out).is_err());
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
    std::fs::create_dir_all(out.join("mine")).unwrap();
    let error = write(six(), &Options::default(), &out).unwrap_err().to_string();
    assert!(error.contains("found a folder that is not empty, expected a new or empty folder"), "{error}");
}

/// 80 MiB in two shards: the rows of a modality run through them.
#[test]
fn more_than_64_mib_are_cut_into_shards() {
    let place = tempfile::tempdir().unwrap();
    let (rows, width) = (20, 1 << 20);
    let mut draft =
        Draft { ids: ids(rows), targets: vec![classes(&(0..20).map(|row| row % 2).collect::<Vec<_>>(), &["a", "b"])], ..Draft::default() };
    draft.splits = (0..rows).map(|row| Split::ALL[row % 3]).collect();
    let single: Vec<f64> = (0..width).map(|at| at as f64).collect();
    let mut stacked = Stacked::default();
    let shared = array(&[1, width], &single);
    (0..rows).for_each(|_| stacked.push("wide", Arc::clone(&shared)));
    draft.streams = vec![Stream {
        name: "wide".into(),
        content: Content::Numbers(Numbers { shape: vec![width], lengths: None, rows: Box::new(stacked), bytes: None }),
    }];
    let summary = write(draft, &Options::default(), &place.path().join("out")).unwrap();
    assert_eq!((summary.shards, summary.bytes), (2, 80 << 20));
    let dataset = open(&place.path().join("out"));
    let Block::Continuous { values, .. } = dataset.read(0, &[19]) else { panic!("words") };
    assert!(values.iter().enumerate().all(|(at, &value)| value == at as f32));
}
