use super::*;

fn layer(text: &str) -> Layer {
    file::read("test.toml", text).unwrap()
}

#[test]
fn a_flag_wins_over_the_environment_over_the_file_over_quick_over_the_defaults() {
    let given = vec![
        (Source::Flag, layer("epochs = 7")),
        (Source::Environment, layer("epochs = 8\npatience = 3")),
        (Source::File, layer("epochs = 9\npatience = 4\nmethod = ['late']")),
    ];
    let settings = Settings::resolve(given, true).unwrap();
    assert_eq!((settings.epochs, settings.patience), (7, 3));
    assert_eq!(settings.methods.iter().map(ToString::to_string).collect::<Vec<_>>(), ["late"]);
    let source = |name| settings.sources[name];
    assert_eq!([source("epochs"), source("patience"), source("method")], [Source::Flag, Source::Environment, Source::File]);
    assert_eq!([source("dataset"), source("device")], [Source::Quick, Source::Default]);
}

#[test]
fn without_anything_said_the_suite_decides() {
    let settings = Settings::resolve(Vec::new(), false).unwrap();
    assert_eq!(settings.suite.id(), "robustness@1");
    let datasets: Vec<String> = settings.datasets.iter().map(ToString::to_string).collect();
    assert_eq!(datasets, ["cremad-votes?train=1000", "openmoji?train=500", "digits?train=300"]);
    assert_eq!(settings.seeds, [42, 123, 456, 789, 2024]);
    assert_eq!(settings.sources["dataset"], Source::Suite);
    assert_eq!(settings.out, PathBuf::from("runs/robustness"));
}

#[test]
fn every_suite_can_be_run_without_naming_datasets() {
    for suite in Suite::all().unwrap() {
        let given = vec![(Source::Flag, Layer { suite: Some(suite.id()), ..Layer::default() })];
        assert!(!Settings::resolve(given, false).unwrap().datasets.is_empty(), "{}", suite.id());
    }
}

#[test]
fn a_table_says_what_it_needs_and_nothing_else_may() {
    let table = || (Source::Flag, layer("table = ['raml-2', 'mla']\non = ['openmoji']"));
    let settings = Settings::resolve(vec![table()], false).unwrap();
    assert_eq!((settings.tables.len(), settings.on.len(), settings.datasets.len(), settings.methods.len()), (2, 1, 0, 0));
    assert_eq!((settings.out, settings.seeds), (PathBuf::from("runs/tables"), vec![42, 123, 456, 789, 2024]));
    assert!(["suite", "dataset", "method"].iter().all(|name| !settings.sources.contains_key(name)));
    for other in [
        "folds = 3",
        "by = 'speaker'",
        "suite = 'noise'",
        "dataset = ['digits']",
        "method = ['concat']",
        "preset = 'paper'",
        "init-from = 'x'",
        "freeze = 'encoders'",
    ] {
        let error = Settings::resolve(vec![table(), (Source::Environment, layer(other))], false).unwrap_err().to_string();
        let name = other.split(' ').next().unwrap();
        assert!(error.starts_with(&format!("{name} (from environment) does not go with --table")), "{error}");
    }
    let error = Settings::resolve(vec![(Source::Flag, layer("on = ['openmoji']"))], false).unwrap_err().to_string();
    assert!(error.starts_with("on (from flag) needs --table"), "{error}");
    assert!(Settings::resolve(vec![table()], true).unwrap_err().to_string().contains("--quick"));
}

#[test]
fn folds_stand_in_the_place_of_each_dataset() {
    let settings = Settings::resolve(vec![(Source::File, layer("dataset = ['digits']\nfolds = 3\nby = 'speaker'"))], false).unwrap();
    let datasets: Vec<String> = settings.datasets.iter().map(ToString::to_string).collect();
    assert_eq!(datasets, [1, 2, 3].map(|fold| format!("digits?folds=3&fold={fold}&by=speaker")));
    assert_eq!((settings.folds, settings.sources["folds"], settings.sources["by"]), (Some(Folds::Dealt(3)), Source::File, Source::File));
    for text in ["by = 'speaker'", "folds = 'all'\nby = 'speaker'"] {
        let error = Settings::resolve(vec![(Source::Flag, layer(text))], false).unwrap_err().to_string();
        assert!(error.starts_with("by = speaker (from flag) needs a number of folds"), "{error}");
    }
}

#[test]
fn nonsense_is_refused_with_its_name() {
    let error = |text: &str| Settings::resolve(vec![(Source::File, layer(text))], false).unwrap_err().to_string();
    assert!(error("epochs = 0").contains("epochs is 0 (from file)"));
    assert!(error("dataset = ['digits?folds=3&fold=1']\nfolds = 3").contains("is one fold already"));
    assert!(error("jobs = 0").contains("jobs is 0"));
    assert!(error("device = 'gpu'").contains("device"));
    assert!(error("method = ['']").contains("method (from file) names nothing"));
    assert!(error("suite = 'robustnes'").contains("did you mean"));
}
