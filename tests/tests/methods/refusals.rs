//! What cannot be built is refused with the reason, not with a panic.

use bench_card::Value;
use bench_datasets::Task;
use bench_methods::{BuildContext, MethodError, registry};
use tch::Device;

use crate::{
    cases::{self, Case},
    toy::{self, Problem},
};

#[test]
fn an_option_that_is_absent_or_of_another_type_is_refused_by_name() {
    for case in cases::all().iter().filter(|case| case.problem.arity() == 2 && case.card.overrides(&case.options).is_empty()) {
        for option in &case.card.options {
            let mut wrong = case.options.clone();
            wrong.remove(&option.name);
            assert_refused(case, &wrong, &option.name, "absent");
            let other = if matches!(option.default, Value::Number(_)) { Value::Flag(true) } else { Value::Number(0.25) };
            wrong.insert(option.name.clone(), other.clone());
            assert_refused(case, &wrong, &option.name, &other.to_string());
        }
    }
}

#[test]
fn a_name_that_is_no_choice_is_refused() {
    for case in cases::all().iter().filter(|case| case.problem.arity() == 2 && case.card.overrides(&case.options).is_empty()) {
        for option in case.card.options.iter().filter(|option| !option.choices.is_empty()) {
            let mut wrong = case.options.clone();
            wrong.insert(option.name.clone(), "no-such-choice".into());
            assert_refused(case, &wrong, &option.name, "no-such-choice");
        }
    }
}

#[test]
fn a_task_that_the_card_excludes_is_refused_by_the_model_too() {
    let mut refused = Vec::new();
    for problem in toy::problems() {
        let task = if problem.regression() { bench_card::TaskKind::Regression } else { bench_card::TaskKind::Classification };
        for entry in registry::METHODS {
            let card = (entry.card)();
            if !card.capabilities.tasks.contains(&task) {
                let built = cases::named(&card.id, &problem).build_with(1, &card.resolve(&card.id.parse().unwrap()).unwrap());
                assert!(matches!(built.err(), Some(MethodError::Refused { method, .. }) if method == card.id), "{}", card.id);
                refused.push(card.id);
            }
        }
    }
    assert!(refused.contains(&"raml".to_string()), "{refused:?}");
}

#[test]
fn unimodal_needs_one_modality_of_the_dataset() {
    let Problem { modalities, task } = &toy::problems()[0];
    let entry = registry::find("unimodal").unwrap();
    let options = (entry.card)().resolve(&"unimodal".parse().unwrap()).unwrap();
    for modality in [None, Some(modalities.len())] {
        let built = (entry.build)(&BuildContext { modalities, task, options: &options, seed: 1, modality, pivot: None, device: Device::Cpu });
        assert!(matches!(built.err(), Some(MethodError::Refused { method: "unimodal", .. })), "{modality:?}");
    }
}

#[test]
fn an_unknown_method_is_refused_with_the_names_there_are() {
    let error = registry::find("rmal").err().unwrap().to_string();
    assert!(registry::METHODS.iter().all(|entry| error.contains(&(entry.card)().id)), "{error}");
}

// Datasets allow dots in names, libtorch's parameter names do not.
#[test]
fn modalities_whose_names_hold_every_allowed_sign_are_built() {
    let names = ["face.rgb", "face.rgb-2", "face_rgb+3"];
    let task = Task::Classification { classes: vec!["no".into(), "yes".into()] };
    let problem = Problem { modalities: names.map(|name| toy::vector(name, 3)).into(), task };
    for entry in registry::METHODS {
        let mut case = cases::named(&(entry.card)().id, &problem);
        case.modality = Some(0);
        case.build(1);
    }
}

fn assert_refused(case: &Case, options: &bench_card::Options, name: &str, found: &str) {
    match case.build_with(1, options).err() {
        Some(MethodError::Option { name: refused, found: value, .. }) => assert_eq!((refused.as_str(), value.as_str()), (name, found)),
        other => panic!("{}: option {name} as {found} gave {other:?}", case.name()),
    }
}
