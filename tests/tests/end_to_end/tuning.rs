//! Tuning: the same budget for every method, on validation alone; and what a tuned preset makes of a run.

use std::{collections::BTreeSet, fs};

use super::{
    made_up::{SAMPLES, bytes, is_test, write_dataset},
    place::{Place, count, errors},
    run::Run,
};

const TUNE: &str = "tune --dataset cremad-votes?train=100 --epochs 2 --device cpu --quiet";

fn with<'a>(settings: &'a str, more: &'a str) -> Vec<&'a str> {
    settings.split(' ').chain(more.split(' ')).collect()
}

/// Rows of a log, without its header.
fn log(place: &Place, folder: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(place.path(folder).join("presets/cremad-votes.csv")).unwrap();
    text.lines().skip(1).map(|line| line.split(',').map(Into::into).collect()).collect()
}

#[test]
fn every_method_gets_the_same_budget_and_the_bits_depend_on_nothing_else() {
    let place = Place::new();
    place.fine(&with(TUNE, "--method concat,mla,unimodal --trials 6 --jobs 2 --out one"));
    // Fewer settings first, on one worker: what is tried is the same, and what is trained stays.
    place.fine(&with(TUNE, "--method unimodal,mla,concat --trials 4 --jobs 1 --out other"));
    let before = count(&place.path("other"), "trial.json");
    place.fine(&with(TUNE, "--method unimodal,mla,concat --trials 6 --jobs 1 --out other"));
    for name in ["presets/cremad-votes.toml", "presets/cremad-votes.csv"] {
        assert!(fs::read(place.path("one").join(name)).unwrap() == fs::read(place.path("other").join(name)).unwrap(), "{name}");
    }
    let rows = log(&place, "one");
    for (method, modality) in [("concat", ""), ("mla", ""), ("unimodal", "voice"), ("unimodal", "face")] {
        let own: Vec<&Vec<String>> = rows.iter().filter(|row| (row[1].as_str(), row[2].as_str()) == (method, modality)).collect();
        // Six with the first seed, and five with each of two others, unless a training diverged.
        let of = |seed: &str| own.iter().filter(|row| row[4] == seed).map(|row| row[3].as_str()).collect::<BTreeSet<_>>();
        assert_eq!((own.len(), of("1009").len(), of("2003").len()), (16, 6, 5), "{method}/{modality}");
        assert_eq!(of("2003"), of("3001"));
        // The defaults are always among them, and the paper's training where it is another.
        assert!(of("3001").contains("0") && own[0][11] == "1" && own[0][13].is_empty());
        assert_eq!(own.iter().filter(|row| row[10] == "true").count() > 0, method == "mla", "{method}");
        // The one that is kept has the best median of validation scores.
        let median = |setting: &str| {
            let mut scores: Vec<f64> = own.iter().filter(|row| row[3] == setting).map(|row| row[6].parse().unwrap()).collect();
            scores.sort_by(f64::total_cmp);
            scores[1]
        };
        let kept: BTreeSet<&str> = own.iter().filter(|row| row[9] == "true").map(|row| row[3].as_str()).collect();
        let best = of("2003").into_iter().map(median).fold(0.0, f64::max);
        assert!(kept.len() == 1 && kept.iter().all(|setting| median(setting) == best), "{method}: {kept:?} is not the best");
    }
    assert!(count(&place.path("other"), "trial.json") > before);
    // Nothing is evaluated, and weights of what was tried are not kept.
    assert_eq!((count(&place.path("one/trials"), ".parquet") > 0, count(&place.path("one"), "weights.safetensors")), (true, 0));
    assert!(!super::place::files(&place.path("one")).iter().any(|name| name.contains("eval/")));
}

/// The same as for training (`selection.rs`): labels of the test split are others, and nothing of the choice is.
#[test]
fn other_test_labels_choose_the_same_settings() {
    let log = |same: bool| {
        let place = Place::new();
        write_dataset(&place.path("data"), |content| {
            let split = bytes(content, "split");
            (0..SAMPLES).filter(|&row| !is_test(row)).for_each(|row| split[row] = u8::from(row != 0));
            let labels = bytes(content, "label");
            (0..SAMPLES).filter(|&row| same && is_test(row)).for_each(|row| labels[row] = labels[0]);
        })
        .unwrap();
        place.fine(&"tune --dataset ./data --method concat,mla --trials 5 --epochs 3 --device cpu --quiet --out out".split(' ').collect::<Vec<_>>());
        fs::read_to_string(place.path("out/presets/data.csv")).unwrap()
    };
    assert_eq!(log(false), log(true));
}

#[test]
fn a_tuned_run_trains_what_was_chosen_and_is_not_ranked_with_others() {
    let place = Place::new();
    place.fine(&with(TUNE, "--method concat,raml --trials 4 --out tuned"));
    let run = "run --suite missing --dataset cremad-votes?train=100 --epochs 2 --device cpu --quiet --seeds 3 --out out";
    place.fine(&with(run, "--method concat,raml,prior,raml/no-sparsity --preset tuned --presets tuned/presets"));
    let presets: toml::Table = toml::from_str(&fs::read_to_string(place.path("tuned/presets/cremad-votes.toml")).unwrap()).unwrap();
    let chosen =
        |method: &str| presets["preset"].as_array().unwrap().iter().find(|preset| preset["method"].as_str() == Some(method)).unwrap().clone();
    let trials = Run::at(place.path("out")).trials();
    for method in ["concat", "raml", "raml/no-sparsity"] {
        let (_, trained) = &trials[&(method.to_string(), 42)];
        assert_eq!(trained.spec.preset, "tuned(4)");
        let setting = chosen(method.split('/').next().unwrap())["setting"].clone();
        let factor = setting.get("learning-rate").and_then(toml::Value::as_float).unwrap_or(1.0);
        assert!((trained.spec.recipe.optimiser("*").unwrap().lr() - 1e-3 * factor).abs() < 1e-12, "{method}");
        for (name, value) in setting.get("options").and_then(toml::Value::as_table).into_iter().flatten() {
            assert_eq!(trained.spec.options.get(name), Some(&bench_card::Value::Number(value.as_float().unwrap())), "{method} {name}");
        }
    }
    assert_eq!(trials[&("raml/no-sparsity".to_string(), 42)].1.spec.options["sparsity-loss"], false.into());
    let report = fs::read_to_string(place.path("out/report.md")).unwrap();
    let said = report.split("## What tuning changed").nth(1).unwrap();
    assert!(said.contains("| cremad-votes?train=100 | raml | 4 |") && said.contains(&format!("{:.4}", chosen("raml")["chosen"].as_float().unwrap())));
    let stats = |reference: &str| -> serde_json::Value {
        serde_json::from_str(&place.fine(&["stats", "out", "--reference", reference, "--format", "json"])).unwrap()
    };
    let untested = |stats: &serde_json::Value, method: &str| {
        let all = stats["datasets"][0]["comparisons"].as_array().unwrap();
        let own: Vec<String> =
            all.iter().filter(|one| one["method"] == method).map(|one| one["outcome"]["untested"].as_str().unwrap_or("").to_string()).collect();
        assert!(!own.is_empty(), "{method}");
        own.iter().all(|reason| reason.contains("other tuning budget"))
    };
    let same = stats("concat");
    assert!(!untested(&same, "raml") && !untested(&same, "prior"));
    // The same methods without tuning in the same folder: now there are two budgets.
    place.fine(&with(run, "--method concat,raml"));
    let mixed = stats("concat [tuned(4)]");
    assert!(untested(&mixed, "concat [paper]") && untested(&mixed, "raml [paper]") && !untested(&mixed, "raml [tuned(4)]"));
    // Cost beside a score would rank them all the same.
    let refused = |arguments: &[&str]| {
        let output = place.run(arguments);
        assert_eq!(output.status.code(), Some(2));
        errors(&output)
    };
    let profile = refused(&["profile", "--run", "out", "--quiet"]);
    assert!(profile.contains("several tuning budgets: untuned (concat, raml); tuned, 4 settings (concat, raml, raml/no-sparsity)"), "{profile}");
    place.fine(&["profile", "--run", "out", "--quiet", "--method", "raml/no-sparsity,prior", "--device", "cpu"]);
    let compare = refused(&["compare", "out:concat [paper]", "out:raml [tuned(4)]"]);
    assert!(compare.contains("other tuning budget: untuned against tuned, 4 settings"), "{compare}");
    // What tuning does to one method is a question of its own.
    assert!(matches!(place.run(&["compare", "out:raml [paper]", "out:raml [tuned(4)]"]).status.code(), Some(0 | 1)));
}

#[test]
fn what_was_not_tuned_or_was_tuned_with_the_same_seed_is_refused() {
    let place = Place::new();
    place.fine(&with(TUNE, "--method concat --trials 2 --out tuned"));
    let run = |more: &str| {
        let run = "run --suite missing --epochs 2 --device cpu --quiet --preset tuned --presets tuned/presets --out out --method concat";
        let output = place.run(&with(run, more));
        assert_eq!(output.status.code(), Some(2), "{more}");
        errors(&output)
    };
    assert!(run("--dataset cremad-votes?train=100 --seeds 42,2003").contains("seed 2003 was used to tune concat"));
    let other = run("--dataset cremad-votes?train=200 --seeds 2");
    assert!(
        other.contains("there is no tuned preset of concat for cremad-votes?train=200") && other.contains("tuned on cremad-votes?train=100"),
        "{other}"
    );
    assert!(
        run("--dataset cremad-votes?train=100 --seeds 2 --method raml").contains("`bench tune --method raml --dataset 'cremad-votes?train=100'`")
    );
    assert!(!place.path("out").exists());
    let error = |more: &str| errors(&place.run(&with(TUNE, more)));
    assert!(error("--method raml/no-sparsity").contains("tune `raml`"));
    assert!(error("--method prior").contains("nothing"), "{}", error("--method prior"));
    assert!(error("--trials 0").contains("at least 1"));
}

#[test]
fn a_sweep_has_every_point_with_every_seed_and_a_figure() {
    let place = Place::new();
    let sweep = "--sweep raml.lambda1=0.2..1 --points 3 --sweep concat.learning-rate=0.1,1;concat.weight-decay=1,2 --out sweep";
    place.fine(&with(TUNE, sweep));
    let text = fs::read_to_string(place.path("sweep/sweep.csv")).unwrap();
    let rows: Vec<&str> = text.lines().skip(1).collect();
    assert_eq!(rows.len(), 3 * 3 + 4 * 3);
    assert!(
        ["lambda1=0.2", "lambda1=0.6", "lambda1=1"].iter().all(|point| rows.iter().filter(|row| row.contains(&format!(",{point},"))).count() == 3)
    );
    for name in ["raml-lambda1.svg", "concat-learning-rate-weight-decay-cremad-votes-train-100.svg"] {
        assert!(fs::read_to_string(place.path("sweep/figures").join(name)).unwrap().contains("<svg"), "{name}");
    }
    // A value of a sweep that is the default is the trial of the defaults: the same bits.
    let value = |start: &str| rows.iter().find(|row| row.contains(start)).unwrap().split(',').rev().nth(1).unwrap().to_string();
    place.fine(&with(TUNE, "--method raml --trials 1 --out tuned"));
    let defaults = log(&place, "tuned");
    assert_eq!(value(",lambda1=1,1009,"), defaults[0][6]);
    let error = |more: &str| {
        let output = place.run(&with(TUNE, more));
        assert_eq!(output.status.code(), Some(2), "{more}");
        errors(&output)
    };
    assert!(error("--sweep raml.lambda9=1..2").contains("did you mean `lambda"));
    assert!(error("--sweep raml.lambda1=1..200").contains("0 to 100"));
    assert!(error("--sweep raml.lambda1").contains("METHOD.OPTION=LOW..HIGH"));
    assert!(error("--sweep raml.lambda1=1,2 --method raml").contains("names its method itself"));
}
