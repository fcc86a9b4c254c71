//! Plans on the embedded datasets, with cards made up here.

use std::collections::BTreeSet;

use bench_card::{Capabilities, OptionCard, Options, Recipe, Variant};
use bench_datasets::DatasetRef;

use super::*;
use crate::settings::{Layer, Source};

fn card(id: &str, per_modality: bool, tasks: Vec<TaskKind>) -> Card {
    Card {
        id: id.into(),
        name: id.into(),
        family: String::new(),
        paper: String::new(),
        year: None,
        summary: String::new(),
        equations: Vec::new(),
        options: vec![OptionCard::number("weight", 1.0, 0.0, 10.0, ""), OptionCard::choice("head", &["shared", "separate"], "")],
        variants: vec![Variant { name: "separate".into(), summary: String::new(), options: Options::from([("head".into(), "separate".into())]) }],
        contradictions: Vec::new(),
        capabilities: Capabilities {
            tasks,
            min_modalities: 1,
            max_modalities: None,
            input_gradient: true,
            deterministic: true,
            transductive: false,
            pivot: false,
            per_modality,
            trained: true,
        },
        recipe: Recipe::default(),
        paper_recipe: None,
        revision: 1,
    }
}

fn plan(datasets: &[&str], methods: &[&str]) -> anyhow::Result<Plan> {
    use TaskKind::{Classification, Regression};
    let methods_known = vec![
        card("unimodal", true, vec![Classification, Regression]),
        card("concat", false, vec![Classification, Regression]),
        card("raml", false, vec![Classification]),
    ];
    let worker = Description { version: "0".into(), libtorch: "0".into(), cpu: String::new(), methods: methods_known };
    let list = |names: &[&str]| Some(names.iter().map(ToString::to_string).collect());
    let layer = Layer { dataset: list(datasets), method: list(methods), seeds: Some("2".parse().unwrap()), ..Layer::default() };
    let settings = Settings::resolve(vec![(Source::Flag, layer)], false)?;
    let folders = crate::search::folders(&[]);
    let opened =
        settings.datasets.iter().map(|reference: &DatasetRef| crate::search::open(reference, &folders)).collect::<anyhow::Result<Vec<_>>>()?;
    Plan::of(&settings, opened, &worker, "cpu")
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
fn options_that_change_nothing_are_no_other_trial_and_a_variant_written_out_is_the_variant() {
    let plan = plan(&["openmoji"], &["raml", "raml?weight=1", "raml?head=separate", "raml/separate?weight=2"]).unwrap();
    let names: Vec<String> = labels(&plan).into_iter().filter(|(_, seed)| *seed == 42).map(|(label, _)| label).collect();
    assert_eq!(names, ["raml", "raml/separate", "raml/separate?weight=2"]);
}

#[test]
fn unknown_names_are_refused_with_what_there_is() {
    let error = |datasets: &[&str], methods: &[&str]| crate::exit::sentence(&plan(datasets, methods).err().unwrap());
    assert!(error(&["openmoji"], &["conct"]).contains("did you mean `concat`"));
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
