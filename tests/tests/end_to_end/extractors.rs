//! Frozen extractors: features are the module's, corruptions happen on the raw input, and nobody runs a module that was not asked for.
//!
//! The modules are those of `tests/extractors/make.py`: a text is the mean of the rows (i, i², 1, −i) / 8 of its tokens, a picture the means of its pixels and of
//! their squares by channel.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use bench_datasets::{Block, Dataset, DatasetRef, Kind, Split, UNKNOWN, embedded_directory};
use bench_store::Scores;

use super::{
    place::{Place, errors},
    run::Run,
};

const CONDITIONS: [&str; 5] = ["clean", "noise(image,0.18)", "mask(text,0.25)", "missing(text)", "fgsm(image,4/255)"];

fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/extractors").join(name).display().to_string()
}

fn settings(out: &str, jobs: &str, method: &str) -> Vec<String> {
    let both = format!("text={},image={}", fixture("text.pt"), fixture("picture.pt"));
    let fixed = "run --dataset openmoji?train=100 --seeds 42, --epochs 2 --device cpu --quiet --extractor";
    let rest = ["--out", out, "--jobs", jobs, "--method", method];
    fixed.split(' ').map(String::from).chain([both]).chain(rest.map(String::from)).collect()
}

fn run(place: &Place, out: &str, jobs: &str) -> Run {
    let settings = settings(out, jobs, "concat,late,unimodal");
    place.fine(&settings.iter().map(String::as_str).collect::<Vec<_>>());
    Run::at(place.path(out))
}

/// The dataset that a run made.
fn derived(run: &Run) -> (String, Dataset) {
    let folder = run.root().join("extracted");
    let names = Dataset::available(std::slice::from_ref(&folder)).unwrap();
    assert_eq!(names.len(), 1, "{names:?}");
    let dataset = Dataset::open(&DatasetRef::whole(&names[0]), &[folder]).unwrap();
    (names[0].clone(), dataset)
}

fn reals(block: Block) -> Vec<f32> {
    let Block::Continuous { values, .. } = block else { panic!("features are real numbers") };
    values
}

fn scores(run: &Run, dataset: &Dataset, method: &str, condition: &str) -> Scores {
    let condition = bench_corruptions::Condition::parse(condition, dataset.raw_modalities()).unwrap();
    let (folder, _) = &run.trials()[&(method.to_string(), 42)];
    Scores::read(&folder.join("eval").join(format!("{}.parquet", condition.hash()))).unwrap()
}

#[test]
fn features_are_the_modules_and_methods_see_nothing_else() {
    let place = Place::new();
    let (_, dataset) = derived(&run(&place, "one", "1"));
    let source = Dataset::open(&DatasetRef::whole("openmoji"), &[embedded_directory()]).unwrap();
    let kinds: Vec<Kind> = dataset.modalities().iter().map(|modality| modality.kind.clone()).collect();
    assert_eq!(kinds, [Kind::Vector { dim: 6 }, Kind::Vector { dim: 4 }]);
    assert_eq!(dataset.raw_modalities(), source.modalities());
    assert_eq!(dataset.base_hash(), source.hash());
    let rows: Vec<usize> = (0..dataset.len()).collect();
    let pixels = reals(source.read(0, &rows));
    for (own, features) in pixels.chunks(3 * 24 * 24).zip(reals(dataset.read(0, &rows)).chunks(6)) {
        let channels = own.chunks(24 * 24).map(|channel| channel.iter().map(|&pixel| f64::from(pixel)).sum::<f64>() / 576.0);
        let squares = own.chunks(24 * 24).map(|channel| channel.iter().map(|&pixel| f64::from(pixel).powi(2)).sum::<f64>() / 576.0);
        assert!(channels.chain(squares).zip(features).all(|(expected, &found)| (expected - f64::from(found)).abs() < 1e-5));
    }
    // [CLS] 2, [MASK] 4 for each word that nobody knows, [SEP] 3; at most 12 tokens.
    let Block::Tokens { ids, lengths } = source.read(1, &rows) else { panic!("text is words") };
    let texts = reals(dataset.read(1, &rows));
    let mut seen = 0;
    for ((ids, &length), features) in ids.chunks(ids.len() / rows.len()).zip(&lengths).zip(texts.chunks(4)) {
        let words = &ids[..length as usize];
        if !words.is_empty() && words.len() <= 10 && words.iter().all(|&id| id == UNKNOWN) {
            let n = words.len() as f32;
            let expected = [(5.0 + 4.0 * n) / (n + 2.0) / 8.0, (13.0 + 16.0 * n) / (n + 2.0) / 8.0, 0.125, -(5.0 + 4.0 * n) / (n + 2.0) / 8.0];
            assert!(features.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-5), "{features:?} {expected:?}");
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn corruptions_reach_scores_through_the_extractor_and_are_those_of_the_source() {
    let place = Place::new();
    let run = run(&place, "one", "2");
    let (_, dataset) = derived(&run);
    let clean = scores(&run, &dataset, "concat", CONDITIONS[0]);
    for condition in &CONDITIONS[1..] {
        assert_ne!(scores(&run, &dataset, "concat", condition).values, clean.values, "{condition}");
    }
    // The same words are masked and the same noise is drawn as without an extractor, in the raw input's unit.
    let raw = [
        "run",
        "--dataset",
        "openmoji?train=100",
        "--method",
        "concat",
        "--seeds",
        "42,",
        "--epochs",
        "1",
        "--device",
        "cpu",
        "--quiet",
        "--out",
        "raw",
    ];
    place.fine(&raw);
    let source = Run::at(place.path("raw"));
    for condition in &CONDITIONS[1..3] {
        let (own, of_source) = (scores(&run, &dataset, "concat", condition), source.scores("concat", 42, condition));
        assert_eq!((own.ids, own.perturbations), (of_source.ids, of_source.perturbations), "{condition}");
    }
    let attacked = scores(&run, &dataset, "concat", "fgsm(image,4/255)");
    let (_, sizes) = attacked.perturbations.iter().find(|(name, _)| name == "image").unwrap();
    assert!(sizes.iter().all(|&size| size <= 4.0 / 255.0 + 1e-6) && sizes.iter().any(|&size| size > 1.0 / 255.0), "{sizes:?}");
    // Words have no gradient, so no suite attacks them.
    assert!(run.rows().iter().all(|row| !row.condition.contains("fgsm(text")));
}

#[test]
fn neither_workers_nor_resuming_change_a_byte_and_features_are_made_once() {
    let place = Place::new();
    let one = run(&place, "one", "1");
    let (name, _) = derived(&one);
    let file = one.root().join("extracted").join(&name).join("dataset.toml");
    let before = fs::metadata(&file).unwrap().modified().unwrap();
    let short = settings("two", "1", "concat");
    place.fine(&short.iter().map(String::as_str).collect::<Vec<_>>());
    let two = run(&place, "two", "2");
    one.assert_same_bytes(&two);
    run(&place, "one", "2");
    one.assert_same_bytes(&two);
    assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), before);
    assert_eq!(derived(&two).1.indices(Split::Train).len(), 1055);
}

/// What is in a folder below `cache`, with the time of its last change.
fn kept(place: &Place) -> BTreeMap<String, SystemTime> {
    let entries = fs::read_dir(place.path("cache/corrupted")).unwrap().map(Result::unwrap);
    entries.map(|entry| (entry.file_name().into_string().unwrap(), entry.metadata().unwrap().modified().unwrap())).collect()
}

#[test]
fn a_cache_is_shared_by_runs_and_their_evaluations() {
    let place = Place::new();
    let start = |out: &str, method: &str| {
        let settings = settings(out, "1", method);
        place.fine(&settings.iter().map(String::as_str).chain(["--cache", "cache"]).collect::<Vec<_>>());
    };
    start("one", "concat");
    let before = kept(&place);
    assert!(!before.is_empty());
    start("two", "late");
    assert_eq!(kept(&place), before, "features of the same corrupted inputs are read");
    assert!(!place.path("one/extracted").exists() && !place.path("two/extracted").exists());
    place.fine(&["eval", "two", "--condition", "mask(text,0.33)", "--trust-extractors", "--quiet"]);
    assert_eq!(kept(&place).len(), before.len() + 1);
}

#[test]
fn folds_of_one_dataset_share_its_features() {
    let place = Place::new();
    let picture = format!("image={}", fixture("picture.pt"));
    let fixed =
        "run --suite clean --dataset openmoji?train=60 --folds 3 --method concat --seeds 42, --epochs 1 --device cpu --quiet --out run --extractor";
    place.fine(&fixed.split(' ').chain([picture.as_str()]).collect::<Vec<_>>());
    let run = Run::at(place.path("run"));
    let (name, _) = derived(&run);
    let folder = [run.root().join("extracted")];
    for fold in [1, 2, 3] {
        let test = |name: &str, search: &[PathBuf]| {
            let dataset = Dataset::open(&format!("{name}?folds=3&fold={fold}&train=60").parse().unwrap(), search).unwrap();
            let ids = |split| dataset.indices(split).iter().map(|&row| dataset.ids()[row].clone()).collect::<Vec<_>>();
            Split::ALL.map(ids)
        };
        assert_eq!(test(&name, &folder), test("openmoji", &[embedded_directory()]), "dealt as the source's, fold {fold}");
    }
    let table = fs::read_to_string(place.path("run/folds.csv")).unwrap();
    assert!(table.contains(&format!("{name}?folds=3&train=60,")), "{table}");
}

#[test]
fn a_module_that_nobody_asked_for_is_not_run() {
    let place = Place::new();
    let run = run(&place, "one", "2");
    let (name, _) = derived(&run);
    let eval = ["eval", "one", "--condition", "mask(text,0.5)", "--quiet"];
    let refused = place.run(&eval);
    assert_eq!(refused.status.code(), Some(2));
    assert!(errors(&refused).contains("text.extractor.pt, a TorchScript module, which is a program"), "{}", errors(&refused));
    place.fine(&[&eval[..], &["--trust-extractors"]].concat());
    // What needs no extractor needs no trust.
    place.fine(&["eval", "one", "--condition", "missing(image)", "--quiet"]);
    let as_data =
        ["run", "--dataset", &name, "--data", "one/extracted", "--method", "concat", "--epochs", "1", "--seeds", "42,", "--device", "cpu", "--quiet"];
    let refused = place.run(&[&as_data[..], &["--out", "three"]].concat());
    assert_eq!(refused.status.code(), Some(2));
    assert!(errors(&refused).contains("--trust-extractors"), "{}", errors(&refused));
    assert!(!place.path("three/trials").exists());
}

#[test]
fn a_dataset_of_features_is_made_alone_and_what_cannot_be_is_refused() {
    let place = Place::new();
    let text = format!("text={}", fixture("steps.pt"));
    place.fine(&["datasets", "extract", "openmoji", "--extractor", &text, "--out", "steps", "--device", "cpu", "--quiet"]);
    let dataset = Dataset::open(&DatasetRef::whole(place.path("steps").to_str().unwrap()), &[]).unwrap();
    assert_eq!(dataset.modalities()[1].kind, Kind::Sequence { steps: 12, dim: 4 });
    assert_eq!(dataset.name(), "steps");
    let Block::Continuous { lengths: Some(lengths), .. } = dataset.read(1, dataset.indices(Split::Test)) else { panic!("steps have lengths") };
    assert!(lengths.iter().all(|length| (2..=12).contains(length)) && lengths.iter().any(|&length| length < 12));
    let refused = |arguments: &[&str], part: &str| {
        let fixed = ["datasets", "extract", "openmoji", "--device", "cpu", "--quiet"];
        let output = place.run(&[&fixed[..], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(errors(&output).contains(part) && errors(&output).lines().count() == 1, "{part}: {}", errors(&output));
    };
    let wrong = format!("image={}", fixture("wrong.pt"));
    let script = format!("image={}", fixture("make.py"));
    refused(&["--extractor", &wrong, "--out", "x"], "answers [256] of Float, expected [256, d]");
    refused(&["--extractor", &script, "--out", "x"], "found no TorchScript module");
    refused(&["--extractor", &text, "--out", "steps"], "already there");
    refused(&["--extractor", "audio=nowhere.pt", "--out", "x"], "there is no file nowhere.pt");
    refused(&["--extractor", "audio", "--out", "x"], "MODALITY=FILE");
    assert!(!place.path("x").exists());
    assert!(fs::read_dir(place.path(".")).unwrap().all(|entry| !entry.unwrap().file_name().to_string_lossy().ends_with(".partial")));
}
