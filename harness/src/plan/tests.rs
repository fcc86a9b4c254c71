//! Plans on the embedded datasets, with cards made up here.

use std::collections::BTreeSet;

use bench_card::{Capabilities, ModalityKind, OptionCard, Recipe, Variant};
use bench_datasets::DatasetRef;

use super::*;
use crate::settings::{Layer, Source};

fn card(id: &str, per_modality: bool, tasks: Vec<TaskKind>) -> Card {
    let plain = Card::plain(id, id, "", "");
    let small = Variant { recipe: Some(Recipe { batch: 8, ..Recipe::default() }), ..Variant::new("small-batches", "", &[]) };
    Card {
        options: vec![OptionCard::number("weight", 1.0, 0.0, 10.0, ""), OptionCard::choice("head", &["shared", "separate"], "")],
        variants: vec![Variant::new("separate", "", &[("head", "separate".into())]), small],
        capabilities: Capabilities { tasks, min_modalities: 1, per_modality, ..plain.capabilities },
        ..plain
    }
}

fn worker() -> Description {
    use TaskKind::{Classification, Regression};
    let methods_known = vec![
        card("unimodal", true, vec![Classification, Regression]),
        card("concat", false, vec![Classification, Regression]),
        card("raml", false, vec![Classification]),
    ];
    Description { version: "0".into(), libtorch: "0".into(), cpu: String::new(), methods: methods_known }
}

fn settings(datasets: &[&str], methods: &[&str]) -> anyhow::Result<Settings> {
    let list = |names: &[&str]| Some(names.iter().map(ToString::to_string).collect());
    let layer = Layer { dataset: list(datasets), method: list(methods), seeds: Some("2".parse().unwrap()), ..Layer::default() };
    Settings::resolve(vec![(Source::Flag, layer)], false)
}

fn opened(settings: &Settings) -> anyhow::Result<Vec<Dataset>> {
    let folders = crate::search::folders(&[]);
    settings.datasets.iter().map(|reference: &DatasetRef| crate::search::open(reference, &folders)).collect()
}

fn plan(datasets: &[&str], methods: &[&str]) -> anyhow::Result<Plan> {
    let settings = settings(datasets, methods)?;
    Plan::of(&settings, opened(&settings)?, &worker(), "cpu")
}

fn labels(plan: &Plan) -> Vec<(String, u64)> {
    plan.trials.iter().map(|trial| (trial.label.clone(), trial.spec.seed)).collect()
}

#[test]
fn a_method_of_one_model_a_modality_becomes_one_trial_a_modality_and_seed() {
    let plan = plan(&["openmoji"], &["unimodal", "concat"]).unwrap();
    let expected = ["unimodal/image", "unimodal/text", "concat"].into_iter().flat_map(|label| [42, 123].map(|seed| (label.to_string(), seed)));
    assert_eq!(labels(&plan), expected.collect::<Vec<_>>());
    assert_eq!(plan.trials[0].spec.modality.as_deref(), Some("image"));
    let keys: BTreeSet<&str> = plan.trials.iter().map(|trial| trial.key.as_str()).collect();
    assert_eq!(keys.len(), plan.trials.len());
}

#[test]
fn a_method_that_cannot_learn_the_task_is_kept_with_its_reason() {
    let plan = plan(&["cremad-agree"], &["concat", "raml", "unimodal/smell"]).unwrap();
    let refused: Vec<(&str, &str)> = plan.refused.iter().map(|refused| (refused.method.as_str(), refused.reason.as_str())).collect();
    assert_eq!(refused, [("raml", "classification only"), ("unimodal/smell", "the dataset has no modality smell")]);
    assert_eq!(labels(&plan), [("concat".to_string(), 42), ("concat".to_string(), 123)]);
}

#[test]
fn a_kind_of_modality_that_a_method_does_not_take_is_a_reason() {
    let settings = settings(&["openmoji"], &["concat", "raml"]).unwrap();
    let mut worker = worker();
    worker.methods[2].capabilities.kinds = vec![ModalityKind::Vector, ModalityKind::Tokens];
    let plan = Plan::of(&settings, opened(&settings).unwrap(), &worker, "cpu").unwrap();
    let refused: Vec<(&str, &str)> = plan.refused.iter().map(|refused| (refused.method.as_str(), refused.reason.as_str())).collect();
    assert_eq!(refused, [("raml", "takes no modality of kind image")]);
}

#[test]
fn options_that_change_nothing_are_no_other_trial_and_a_variant_written_out_is_the_variant() {
    let plan = plan(&["openmoji"], &["raml", "raml?weight=1", "raml?head=separate", "raml/separate?weight=2"]).unwrap();
    let names: Vec<String> = labels(&plan).into_iter().filter(|(_, seed)| *seed == 42).map(|(label, _)| label).collect();
    assert_eq!(names, ["raml", "raml/separate", "raml/separate?weight=2"]);
}

#[test]
fn a_variant_with_its_own_recipe_is_another_trial_of_its_own_name() {
    let plan = plan(&["openmoji"], &["raml", "raml/small-batches", "raml/small-batches?weight=2"]).unwrap();
    let first = plan.trials.iter().filter(|trial| trial.spec.seed == 42);
    let found: Vec<(&str, usize)> = first.map(|trial| (trial.label.as_str(), trial.spec.recipe.batch)).collect();
    assert_eq!(found, [("raml", 128), ("raml/small-batches", 8), ("raml/small-batches?weight=2", 8)]);
    let keys: BTreeSet<&str> = plan.trials.iter().map(|trial| trial.key.as_str()).collect();
    assert_eq!(keys.len(), plan.trials.len());
}

#[test]
fn unknown_names_are_refused_with_what_there_is() {
    let error = |datasets: &[&str], methods: &[&str]| crate::exit::sentence(&plan(datasets, methods).err().unwrap());
    assert!(error(&["openmoji"], &["conct"]).contains("did you mean `concat`"));
    assert!(error(&["openmoji"], &["UniMSE/small"]).starts_with("UniMSE cannot be run, its numbers are reported only: "));
    assert!(error(&["openmojy"], &["concat"]).contains("did you mean `openmoji`"));
    assert!(error(&["openmoji"], &["raml/no"]).contains("separate"));
    assert!(error(&["openmoji"], &["raml?weight=11"]).contains("0 to 10"));
}

#[test]
fn the_key_depends_on_the_dataset_but_not_on_its_place_in_the_plan() {
    let both = plan(&["openmoji", "cremad-votes"], &["concat"]).unwrap();
    let one = plan(&["cremad-votes"], &["concat"]).unwrap();
    assert_eq!(both.trials[2].key, one.trials[0].key);
    assert_ne!(both.trials[0].key, both.trials[2].key);
}

fn wanted(dataset: &str, method: &str, conditions: &[&str], datasets: &[Dataset]) -> Wanted {
    let reference: DatasetRef = dataset.parse().unwrap();
    let modalities = datasets.iter().find(|dataset| *dataset.reference() == reference).unwrap().raw_modalities();
    let conditions = conditions.iter().map(|text| Condition::parse(text, modalities).unwrap()).collect();
    Wanted { dataset: reference, method: method.parse().unwrap(), preset: Preset::Harness, start: None, conditions }
}

#[test]
fn a_trial_wanted_twice_is_planned_once_with_all_conditions_and_each_wish_learns_its_keys() {
    let settings = settings(&["openmoji", "cremad-agree"], &["concat"]).unwrap();
    let datasets = opened(&settings).unwrap();
    let wishes = [
        wanted("openmoji", "raml", &["missing(text)", "clean"], &datasets),
        wanted("cremad-agree", "raml", &["clean"], &datasets),
        wanted("openmoji", "raml?weight=1", &["noise(image,0.5)", "clean"], &datasets),
        wanted("cremad-agree", "concat", &["missing(face)"], &datasets),
        wanted("openmoji", "unimodal", &["clean"], &datasets),
    ];
    let folder = tempfile::tempdir().unwrap();
    let (plan, answers) = Plan::of_wanted(&wishes, &settings, datasets, &RunFolder::at(folder.path()), &worker(), "cpu").unwrap();
    let found: Vec<(&str, u64, Vec<String>)> = plan
        .trials
        .iter()
        .map(|trial| (trial.label.as_str(), trial.spec.seed, trial.conditions.iter().map(ToString::to_string).collect()))
        .filter(|(label, ..)| !label.starts_with("unimodal"))
        .collect();
    let union = ["clean", "missing(text)", "noise(image,0.5)"].map(String::from).to_vec();
    let alone = vec!["missing(face)".to_string()];
    assert_eq!(found, [("raml", 42, union.clone()), ("raml", 123, union), ("concat", 42, alone.clone()), ("concat", 123, alone)]);
    assert_eq!(answers[0], answers[2]);
    assert_eq!(answers[0], Ok(plan.trials[..2].iter().map(|trial| (trial.spec.seed, trial.key.clone())).collect()));
    assert_eq!(answers[1], Err("classification only".into()));
    // One model a modality: two of each seed.
    assert_eq!(answers[4].as_ref().map(Vec::len), Ok(4));
    let of_dataset: Vec<String> = plan.datasets[1].conditions.iter().map(|planned| planned.condition.to_string()).collect();
    assert_eq!(of_dataset, ["missing(face)"]);
}

#[test]
fn wishes_and_settings_plan_the_same_keys() {
    let settings = settings(&["openmoji"], &["concat", "raml/separate"]).unwrap();
    let by_settings = Plan::of(&settings, opened(&settings).unwrap(), &worker(), "cpu").unwrap();
    let datasets = opened(&settings).unwrap();
    let wishes = ["concat", "raml/separate"].map(|method| wanted("openmoji", method, &["clean"], &datasets));
    let folder = tempfile::tempdir().unwrap();
    let (by_wishes, _) = Plan::of_wanted(&wishes, &settings, datasets, &RunFolder::at(folder.path()), &worker(), "cpu").unwrap();
    let keys = |plan: &Plan| plan.trials.iter().map(|trial| trial.key.clone()).collect::<Vec<_>>();
    assert_eq!(keys(&by_settings), keys(&by_wishes));
}

#[test]
fn a_start_that_is_not_trained_yet_is_a_reason_and_no_trial() {
    let settings = settings(&["cremad-votes", "cremad-agree"], &["concat"]).unwrap();
    let datasets = opened(&settings).unwrap();
    let start = Some(Start { dataset: "cremad-votes".parse().unwrap(), freeze: true });
    let wish = Wanted { start, ..wanted("cremad-agree", "concat", &["clean"], &datasets) };
    let folder = tempfile::tempdir().unwrap();
    let (plan, answers) = Plan::of_wanted(&[wish], &settings, datasets, &RunFolder::at(folder.path()), &worker(), "cpu").unwrap();
    assert!(plan.trials.is_empty());
    assert!(matches!(&answers[0], Err(reason) if reason.contains("on cremad-votes is not trained")), "{answers:?}");
    let waiting: Vec<&str> = plan.waiting.keys().map(String::as_str).collect();
    let of_seed = |seed: u64| format!("concat (from cremad-votes, encoders frozen) on cremad-agree, seed {seed}");
    assert_eq!(waiting, [of_seed(123), of_seed(42)]);
}

fn shard(text: &str) -> crate::settings::Shard {
    text.parse().unwrap()
}

/// Six trials by hand: two datasets, then methods, then seeds.
#[test]
fn a_shard_keeps_every_nth_trial_of_the_plan() {
    let kept = |text: &str| {
        let mut plan = plan(&["cremad-votes", "openmoji"], &["concat", "raml"]).unwrap();
        plan.keep(shard(text));
        assert_eq!(plan.datasets.len(), 2);
        plan.trials.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(kept("1/3"), ["concat on cremad-votes, seed 42", "raml on cremad-votes, seed 123", "raml on openmoji, seed 42"]);
    assert_eq!(kept("2/3"), ["concat on cremad-votes, seed 123", "concat on openmoji, seed 42", "raml on openmoji, seed 123"]);
    assert_eq!(kept("3/3"), ["raml on cremad-votes, seed 42", "concat on openmoji, seed 123"]);
    assert_eq!(kept("9/9"), Vec::<String>::new());
}

/// Wherever it is wished for: what a folder can start may not move the other trials to other shards.
#[test]
fn a_trial_that_starts_from_another_is_in_its_shard_and_takes_nobody_elses_place() {
    let settings = settings(&["cremad-votes", "cremad-agree"], &["concat"]).unwrap();
    let opened = || opened(&settings).unwrap();
    let datasets = opened();
    let fresh = |dataset: &str, method: &str| wanted(dataset, method, &["clean"], &datasets);
    let start = Some(Start { dataset: "cremad-votes".parse().unwrap(), freeze: false });
    let wishes = [Wanted { start, ..fresh("cremad-agree", "concat") }, fresh("cremad-votes", "concat"), fresh("cremad-agree", "concat")];
    let folder = tempfile::tempdir().unwrap();
    let folder = RunFolder::at(folder.path());
    let plan = || Plan::of_wanted(&wishes, &settings, opened(), &folder, &worker(), "cpu").unwrap().0;
    let names = |number: &str| {
        let mut plan = plan();
        plan.keep(shard(number));
        let waiting: Vec<String> = plan.waiting.into_keys().collect();
        (plan.trials.iter().map(ToString::to_string).collect::<Vec<_>>(), waiting)
    };
    let started = |seed: u64| format!("concat (from cremad-votes) on cremad-agree, seed {seed}");
    let fresh = |dataset: &str, seed: u64| format!("concat on {dataset}, seed {seed}");
    assert_eq!(names("1/2"), (vec![fresh("cremad-votes", 42), fresh("cremad-agree", 42)], vec![started(42)]));
    assert_eq!(names("2/2"), (vec![fresh("cremad-votes", 123), fresh("cremad-agree", 123)], vec![started(123)]));

    let source = plan().trials.into_iter().find(|trial| trial.to_string() == fresh("cremad-votes", 123)).unwrap();
    let mut trained = crate::results::tests::finished(&source.key, "concat", 123).trial;
    trained.spec = source.spec;
    std::fs::create_dir_all(folder.trial(&source.key).root()).unwrap();
    folder.trial(&source.key).write(&trained).unwrap();
    std::fs::write(folder.trial(&source.key).weights(), "x").unwrap();
    assert_eq!(plan().trials[0].to_string(), started(123));
    assert_eq!(names("1/2"), (vec![fresh("cremad-votes", 42), fresh("cremad-agree", 42)], vec![started(42)]));
    assert_eq!(names("2/2"), (vec![started(123), fresh("cremad-votes", 123), fresh("cremad-agree", 123)], Vec::new()));
}
