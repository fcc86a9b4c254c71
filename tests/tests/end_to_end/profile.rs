//! `bench profile`: counts that are the same each time, every number in every format, trained models, growth, and nothing left behind. No time is asserted.

use std::{collections::BTreeSet, fs, process::Stdio};

use serde_json::Value;

use super::{
    made_up::write_dataset,
    place::{Place, files, signal, wait_until},
    run::Run,
};

/// Counts only, on little data.
const COUNT: [&str; 7] = ["profile", "--dataset", "openmoji?train=100", "--no-timing", "--device", "cpu", "--quiet"];

fn count<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&COUNT[..], more].concat()
}

fn json(place: &Place, arguments: &[&str]) -> Value {
    serde_json::from_str(&place.fine(&[arguments, &["--format", "json"]].concat())).unwrap()
}

/// Rows of a table, each with all of `keys`.
fn rows<'a>(report: &'a Value, table: &str, keys: &[&str]) -> &'a [Value] {
    let rows = report["tables"][table].as_array().unwrap_or_else(|| panic!("no table {table}"));
    for row in rows {
        let missing: Vec<&&str> = keys.iter().filter(|key| row.get(**key).is_none()).collect();
        assert!(missing.is_empty(), "{table} lacks {missing:?}: {row}");
    }
    rows
}

fn find<'a>(rows: &'a [Value], method: &str, what: &str) -> &'a Value {
    let fits = |row: &&Value| row["method"] == method && (what.is_empty() || row["what"] == what);
    rows.iter().find(fits).unwrap_or_else(|| panic!("no row of {method}, {what}"))
}

#[test]
fn counts_and_memory_are_the_same_twice() {
    let place = Place::new();
    let once = || {
        let text = place.fine(&count(&["--method", "concat,raml,prior", "--format", "csv"]));
        // The process's own peak depends on what the system does.
        text.lines().filter(|line| !line.contains("process_peak_bytes")).map(str::to_string).collect::<Vec<_>>()
    };
    let first = once();
    assert!(first.len() > 30 && first.iter().any(|line| line.starts_with("flops,openmoji?train=100,raml,inference,64,")), "{first:?}");
    assert_eq!(first, once());
}

/// Matrix products, convolutions and everything else here is done sample by sample, so twice the batch is exactly twice the work of a prediction; the optimiser
/// does the same whatever the batch.
#[test]
fn work_is_positive_and_grows_with_the_batch() {
    let place = Place::new();
    let of = |batch: &str| json(&place, &count(&["--method", "concat", "--batch", batch]));
    let (small, large) = (of("32"), of("64"));
    let flops = |report: &Value, what: &str, quantity: &str| {
        let rows = rows(report, "flops", &["dataset", "method", "what", "batch", "flops", "elementwise_elements", "moves_calls"]);
        find(rows, "concat", what)[quantity].as_u64().unwrap()
    };
    assert!(flops(&small, "inference", "flops") > 0);
    assert_eq!(2 * flops(&small, "inference", "flops"), flops(&large, "inference", "flops"));
    assert!(flops(&small, "training backward", "flops") > flops(&small, "training forward", "flops"));
    assert_eq!(flops(&small, "optimiser", "elementwise_elements"), flops(&large, "optimiser", "elementwise_elements"));
    let memory = |report: &Value| {
        let keys = [
            "parameters_bytes",
            "gradients_bytes",
            "optimiser_bytes",
            "activations_bytes",
            "step_peak_bytes",
            "inference_peak_bytes",
            "process_peak_bytes",
        ];
        let row = &rows(report, "memory", &keys)[0];
        keys.map(|key| row[key].as_u64().unwrap())
    };
    let (small, large) = (memory(&small), memory(&large));
    assert!(small.iter().all(|bytes| *bytes > 0), "{small:?}");
    // Parameters, gradients and moments belong to the model, activations to the batch.
    assert_eq!(small[..3], large[..3]);
    assert!(large[3] > small[3]);
}

/// By hand: 2 of 3 patterns of two modalities miss one; one of two methods is compared with the other.
#[test]
fn every_table_is_in_the_json() {
    let place = Place::new();
    let timed = ["profile", "--dataset", "cremad-votes?train=100", "--method", "concat,late", "--device", "cpu", "--quiet"];
    let report = json(&place, &[&timed[..], &["--batch", "8", "--batches", "2,8", "--repeats", "6", "--warm-up", "1"]].concat());
    assert_eq!((report["format"].as_u64(), report["flops_per_mac"].as_u64()), (Some(1), Some(2)));
    rows(&report, "parameters", &["dataset", "method", "trainable", "frozen", "training_only", "state"]);
    rows(&report, "families", &["what", "part", "flops", "calls"]);
    let keys = ["what", "batch", "pattern", "median_ns", "low_ns", "high_ns", "coverage", "p5_ns", "p95_ns", "samples_per_second", "calls"];
    let latency = rows(&report, "latency", &keys);
    let cells: BTreeSet<(String, String, u64, String)> = latency
        .iter()
        .map(|row| {
            let text = |key: &str| row[key].as_str().unwrap().to_string();
            (text("method"), text("what"), row["batch"].as_u64().unwrap(), text("pattern"))
        })
        .collect();
    // Two methods, two batches, three patterns of inference and one of training.
    assert_eq!((cells.len(), latency.len()), (16, 16));
    assert!(
        latency.iter().all(|row| row["calls"] == 6 && row["low_ns"].as_f64() <= row["median_ns"].as_f64() && row["median_ns"].as_f64() > Some(0.0))
    );
    assert_eq!(rows(&report, "ratio", &["ratio", "low", "high"]).iter().filter(|row| row["method"] == "late").count(), 8);
}

#[test]
fn a_method_that_a_dataset_does_not_suit_is_listed_with_the_reason() {
    let place = Place::new();
    let report = json(
        &place,
        &["profile", "--dataset", "digits?train=100", "--method", "concat,mla,unimodal/text", "--no-timing", "--device", "cpu", "--quiet"],
    );
    let refused = rows(&report, "refused", &["dataset", "method", "reason"]);
    assert!(
        refused.iter().any(|row| row["method"] == "unimodal/text" && row["reason"].as_str().unwrap().contains("no modality text")),
        "{refused:?}"
    );
    assert!(rows(&report, "flops", &[]).iter().all(|row| row["method"] != "unimodal/text"));
}

#[test]
fn trained_models_stand_beside_their_accuracy() {
    let place = Place::new();
    let train =
        ["run", "--suite", "missing", "--dataset", "openmoji?train=100", "--method", "concat,unimodal,prior", "--seeds", "2", "--epochs", "2"];
    place.fine(&[&train[..], &["--device", "cpu", "--quiet", "--out", "out"]].concat());
    let run = Run::at(place.path("out"));
    let before = run.bytes();
    let timing = ["--batches", "8", "--repeats", "6", "--warm-up", "1", "--no-patterns", "--device", "cpu", "--quiet"];
    let report = json(&place, &[&["profile", "--run", "out", "--out", "costs"][..], &timing].concat());
    assert!(run.bytes() == before, "profiling changed the run folder");
    let keys = ["score", "seeds", "flops_per_sample", "training_hours", "cost_normalised_accuracy_per_1000_hours", "discounted_gain", "dominated_by"];
    let values = rows(&report, "value", &keys);
    let clean: Vec<f64> = run
        .rows()
        .iter()
        .filter(|row| row.method == "concat" && row.condition == "clean" && row.metric == "accuracy")
        .filter_map(|row| row.value)
        .collect();
    let concat = find(values, "concat", "");
    assert_eq!((concat["score"].as_f64(), concat["seeds"].as_u64()), (Some(clean.iter().sum::<f64>() / 2.0), Some(2)));
    assert!(concat["training_hours"].as_f64() > Some(0.0));
    // Nothing is trained, and nothing is gained by costing nothing.
    let prior = find(values, "prior", "");
    assert!(prior["training_hours"].is_null() && prior["discounted_gain"].as_f64() <= Some(0.0), "{prior}");
    let written: Vec<String> = files(&place.path("costs"));
    assert_eq!(written, ["figures/accuracy-cost-openmoji-train-100.svg", "profile.csv", "profile.json", "profile.md"]);
    let markdown = fs::read_to_string(place.path("costs/profile.md")).unwrap();
    assert!(markdown.contains("figures/accuracy-cost-openmoji-train-100.svg") && markdown.contains("FLOPs = 2 × MACs"));
    assert_eq!(serde_json::from_str::<Value>(&fs::read_to_string(place.path("costs/profile.json")).unwrap()).unwrap(), report);
}

/// Concatenation has an encoder a modality and a head over all codes: its work is close to linear in modalities, and its made-up data goes away.
#[test]
fn growth_is_fitted_and_made_up_data_goes_away() {
    let place = Place::new();
    let temporary = place.path("temporary");
    fs::create_dir(&temporary).unwrap();
    let mut command =
        place.bench(&["profile", "--scale", "modalities", "--method", "concat", "--no-timing", "--device", "cpu", "--quiet", "--format", "json"]);
    let output = command.env("TMPDIR", &temporary).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let points = rows(&report, "growth", &["method", "what", "part"]);
    assert!(points.iter().all(|row| row["flops"].as_u64().or(row["bytes"].as_u64()) > Some(0)), "{points:?}");
    let of = |what: &str| points.iter().filter(|row| row["what"] == what).map(|row| row["part"].as_str().unwrap().to_string()).collect::<Vec<_>>();
    assert_eq!(of("FLOPs of inference"), ["2", "3", "4", "6", "8"]);
    let fits = rows(&report, "fit", &["slope", "low", "high", "residual_doublings"]);
    let fit = fits.iter().find(|row| row["what"] == "FLOPs of inference" && row["part"] == "power").unwrap();
    assert!((fit["slope"].as_f64().unwrap() - 1.0).abs() < 0.2, "{fit}");
    assert_eq!(files(&temporary), Vec::<String>::new());
}

/// torchvision's ResNet-50 has 4,089,184,256 multiply-accumulates on 224 × 224 with its classifier of 2048 × 1000, which an extractor does not have.
#[test]
fn an_extractor_costs_what_its_architecture_says() {
    let place = Place::new();
    let report = json(&place, &["profile", "--extractor", "resnet-50:1", "--no-timing", "--device", "cpu", "--quiet"]);
    let row = find(rows(&report, "flops", &["flops"]), "resnet-50:1", "inference");
    assert_eq!(row["flops"].as_u64(), Some(2 * (4_089_184_256 - 2_048_000)));
    assert_eq!(find(rows(&report, "parameters", &["frozen"]), "resnet-50:1", "")["trainable"], 0);
}

/// A folder of one's own is as good as an embedded dataset.
#[test]
fn a_dataset_in_a_folder_is_profiled() {
    let place = Place::new();
    write_dataset(&place.path("mine"), |_| {}).unwrap();
    let text = place.fine(&["profile", "--dataset", "./mine", "--method", "concat", "--no-timing", "--device", "cpu", "--quiet", "--format", "md"]);
    assert!(text.contains("**./mine · FLOPs of a batch of 64**"), "{text}");
}

#[test]
fn an_interrupt_leaves_nothing_behind() {
    let place = Place::new();
    let temporary = place.path("temporary");
    fs::create_dir(&temporary).unwrap();
    let mut command = place.bench(&["profile", "--scale", "length", "--method", "concat", "--repeats", "10000", "--device", "cpu", "--out", "costs"]);
    let mut child = command.env("TMPDIR", &temporary).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until(&mut child, "the last made-up dataset", || files(&temporary).iter().any(|name| name.ends_with("/128/dataset.toml")));
    signal("INT", child.id());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(files(&temporary), Vec::<String>::new());
    assert!(!place.path("costs").exists());
}
