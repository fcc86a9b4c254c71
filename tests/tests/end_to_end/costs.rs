//! Costs kept in a run folder: measured once, the same ever after, in the papers' units. No time is asserted beyond being one.

use std::fs;

use serde_json::Value;

use super::{
    place::{Place, errors, files},
    run::Run,
};

const TRAIN: &str = "run --suite missing --dataset cremad-votes?train=60 --method concat,prior --seeds 2 --epochs 1 --device cpu --quiet --out out";
const KEEP: &str = "profile --run out --keep --quiet --format json";

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

/// The number of a method, or the reason why there is none.
fn cost(report: &Value, method: &str, cost: &str) -> Result<f64, String> {
    let rows = report["costs"].as_array().unwrap();
    let row = rows.iter().find(|row| row["method"] == method && row["cost"] == cost).unwrap_or_else(|| panic!("no {cost} of {method}"));
    row["value"].as_f64().ok_or_else(|| row["reason"].as_str().unwrap().to_string())
}

#[test]
fn costs_are_measured_once_and_read_without_the_worker() {
    let place = Place::new();
    place.fine(&words(TRAIN));
    let run = Run::at(place.path("out"));
    let (before, listed) = (run.bytes(), place.fine(&["list", "out"]));
    let first = place.fine(&words(KEEP));

    // One trial a method, and the extractors; nothing else in the folder has changed, and no command trips over it.
    let trials = run.trials();
    let key = |method: &str| trials[&(method.to_string(), 42)].0.file_name().unwrap().to_str().unwrap().to_string();
    let mut expected = vec![format!("{}.json", key("concat")), format!("{}.json", key("prior")), "extractors.json".to_string()];
    expected.sort();
    assert_eq!(files(&place.path("out/costs")), expected);
    assert!(run.bytes() == before, "profiling changed the run folder");
    assert_eq!(place.fine(&["list", "out"]), listed);
    place.fine(&["report", "out", "--format", "csv"]);
    assert!(run.bytes() == before, "the report is another one");

    // What `bench profile` counts, in other units: FLOPs and bytes are the same each time.
    let counted: Value = serde_json::from_str(&place.fine(&words("profile --run out --no-timing --quiet --device cpu --format json"))).unwrap();
    let report: Value = serde_json::from_str(&first).unwrap();
    let row = |table: &str, what: &str| {
        let rows = counted["tables"][table].as_array().unwrap();
        rows.iter().find(|row| row["method"] == "concat" && (what.is_empty() || row["what"] == what)).unwrap().clone()
    };
    let flops = |what: &str| row("flops", what)["flops"].as_f64().unwrap();
    let step = flops("training forward") + flops("training backward") + flops("optimiser");
    let close = |found: Result<f64, String>, expected: f64| {
        let found = found.unwrap();
        assert!(found > 0.0 && (found - expected).abs() <= 1e-9 * expected, "{found} is not {expected}");
    };
    close(cost(&report, "concat", "training-flops"), step / 1e9);
    close(cost(&report, "concat", "inference-flops"), flops("inference") / 1e9);
    close(cost(&report, "concat", "step-peak"), row("memory", "")["step_peak_bytes"].as_f64().unwrap() / 1e9);
    close(cost(&report, "concat", "gradients"), row("memory", "")["gradients_bytes"].as_f64().unwrap() / 1e6);
    // torchvision's ResNet-50 alone has 4.087 GMACs without its classifier: 64 frames are 523 GFLOPs, a part of all three extractors.
    let extractors = cost(&report, "prior", "extractor-flops").unwrap();
    assert!(extractors > 523.0, "{extractors}");
    close(cost(&report, "concat", "end-to-end-training-flops"), extractors + step / 1e9);
    assert!(cost(&report, "concat", "latency").unwrap() > 0.0 && cost(&report, "concat", "training-hours").unwrap() > 0.0);
    assert_eq!(cost(&report, "prior", "training-hours").unwrap_err(), "nothing is trained by steps");

    // All is there: no worker is needed, and times are those of the first measurement.
    let mut without = place.bench(&words(KEEP));
    let output = without.env("BENCH_WORKER", "/no/such/worker").output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stdout).as_ref()), (Some(0), first.as_str()), "{}", errors(&output));

    // One lost file is measured anew; the others stay as they are.
    let lost = place.path("out/costs").join(format!("{}.json", key("prior")));
    let kept = fs::read(place.path("out/costs").join(format!("{}.json", key("concat")))).unwrap();
    fs::remove_file(&lost).unwrap();
    let mut without = place.bench(&words(KEEP));
    let output = without.env("BENCH_WORKER", "/no/such/worker").output().unwrap();
    assert!(output.status.code() == Some(2) && errors(&output).contains("/no/such/worker"), "{}", errors(&output));
    place.fine(&words(KEEP));
    assert!(lost.is_file() && fs::read(place.path("out/costs").join(format!("{}.json", key("concat")))).unwrap() == kept);
}

/// What training says that it moves: its gradients are as many numbers of float32, and there is less to go back through.
#[test]
fn frozen_encoders_make_a_step_cheaper() {
    let place = Place::new();
    let train = "run --suite missing --method concat --seeds 42, --epochs 1 --device cpu --quiet --dataset";
    place.fine(&[&words(train)[..], &["cremad-agree?train=60", "--out", "source"]].concat());
    let mut steps = Vec::new();
    for (out, more) in [("all", &[][..]), ("frozen", &["--freeze", "encoders"][..])] {
        place.fine(&[&words(train)[..], &["cremad-votes?train=60", "--init-from", "source", "--out", out], more].concat());
        let report = place.fine(&["profile", "--run", out, "--no-timing", "--device", "cpu", "--quiet", "--format", "json"]);
        let report: Value = serde_json::from_str(&report).unwrap();
        let trained = Run::at(place.path(out)).trials().into_values().next().unwrap().1;
        assert_eq!(report["tables"]["parameters"][0]["trainable"].as_u64(), Some(trained.outcome.parameters), "{out}");
        assert_eq!(report["tables"]["memory"][0]["gradients_bytes"].as_u64(), Some(4 * trained.outcome.parameters), "{out}");
        let backward = report["tables"]["flops"].as_array().unwrap().iter().find(|row| row["what"] == "training backward").unwrap();
        steps.push(backward["flops"].as_u64().unwrap());
    }
    assert!(steps[1] < steps[0], "{steps:?}");
}
