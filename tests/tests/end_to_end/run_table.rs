//! `bench run --table`: what the cells of a table need is trained and evaluated, and nothing else.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use super::{
    place::{Place, errors},
    run::Run,
};

const QUICK: &str = "run --seeds 1 --epochs 1 --device cpu --quiet --jobs 2";

/// Two methods; the noise is asked of one of them alone, and nothing is asked of the paper's dataset that nothing stands for.
const ASKED: &str = "format = 1\nid = 'mine-1'\npaper = 'mine'\nnumber = 'Table 1'\ncaption = 'x'\ncorner = 'Method'\n\
    rows = [{ key = 'concat', method = 'concat', dataset = 'Food-101', measure = 'accuracy', label = 'Concat' },\n\
    { key = 'raml', method = 'raml', dataset = 'N24News', measure = 'accuracy' },\n\
    { key = 'large', reported_only = '7B model', dataset = 'IEMOCAP', measure = 'accuracy' }]\n\
    columns = [{ key = 'one', condition = 'only(T)' }, { key = 'noise', condition = 'noise(I,0.18)+mask(T,0.1)' }]\n";

/// Training that starts from another dataset's encoders, beside training from scratch.
const STARTS: &str = "format = 1\nid = 'mine-2'\npaper = 'mine'\nnumber = 'Table 2'\ncaption = 'x'\ncorner = 'Strategy'\n\
    rows = [{ key = 'frozen', method = 'concat', start = 'N24News', freeze = true }, { key = 'scratch', method = 'concat' }]\n\
    columns = [{ key = 'Acc', dataset = 'Food-101', measure = 'accuracy' }]\n";

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    QUICK.split(' ').chain(more.iter().copied()).collect()
}

/// Conditions of each dataset and method, from the records.
fn evaluated(run: &Run) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in run.rows() {
        found.entry(row.method).or_default().insert(row.condition);
    }
    found
}

#[test]
fn a_table_trains_and_evaluates_what_its_cells_ask_and_nothing_else() {
    let place = Place::new();
    fs::write(place.path("mine.toml"), ASKED).unwrap();
    let command = with(&["--table", "mine.toml", "--on", "N24News=openmoji?train=100"]);
    let shown = place.fine(&command);
    assert!(shown.starts_with("bench tables mine.toml --results runs/tables --on 'N24News=openmoji?train=100'\n"), "{shown}");
    let run = Run::at(place.path("runs/tables"));
    assert_eq!(run.trials().into_keys().collect::<Vec<_>>(), [("raml".to_string(), 42)]);
    // Written by hand from the table: openmoji's image is I, its text is T.
    let expected = ["missing(image)", "noise(image,0.18)+mask(text,0.1)"].map(String::from);
    assert_eq!(evaluated(&run), BTreeMap::from([("raml".to_string(), BTreeSet::from(expected))]));
    let settings = fs::read_to_string(run.root().join("run.toml")).unwrap();
    assert!(settings.contains("table = [\"mine.toml\"]") && settings.contains("on = [\"N24News=openmoji?train=100\"]"), "{settings}");

    // Again: nothing is left. With a stand-in for the other row too: only that is added.
    let before = run.bytes();
    place.fine(&command);
    assert!(run.bytes() == before);
    place.fine(&with(&["--table", "mine.toml", "--on", "N24News=openmoji?train=100,Food-101=openmoji?train=50"]));
    assert_eq!(evaluated(&run).len(), 2);
    let after = run.bytes();
    assert!(before.iter().filter(|(name, _)| name.starts_with("trials/")).all(|(name, bytes)| after[name] == *bytes));
}

#[test]
fn trials_that_start_from_others_follow_them_also_when_resumed() {
    let place = Place::new();
    fs::write(place.path("starts.toml"), STARTS).unwrap();
    let on = "cremad-votes?train=100,cremad-agree?train=100";
    let dry = place.fine(&with(&["--table", "starts.toml", "--on", on, "--dry-run"]));
    assert!(dry.contains("2 trials, 0 of them done, and 1 that start from some of them"), "{dry}");
    assert!(!place.path("runs").exists());

    let command = with(&["--table", "starts.toml", "--on", on]);
    place.fine(&command);
    let run = Run::at(place.path("runs/tables"));
    let trials = run.trials();
    let started = "concat (from cremad-agree?train=100, encoders frozen)";
    let labels: Vec<(&str, &str)> = trials.iter().map(|((label, _), (_, trained))| (label.as_str(), trained.spec.dataset.as_str())).collect();
    assert!(labels.contains(&(started, "cremad-votes?train=100")), "{labels:?}");
    let (folder, trained) = &trials[&(started.to_string(), 42)];
    assert!(trained.spec.init.as_ref().unwrap().freeze_encoders);

    // By key, what was planned in the second pass too, and nothing waits any more.
    let settings = fs::read_to_string(run.root().join("run.toml")).unwrap();
    for ((label, seed), (folder, trained)) in &trials {
        let key = folder.file_name().unwrap().to_str().unwrap();
        assert!(settings.contains(&format!("\n{key} = \"{label} on {}, seed {seed}\"\n", trained.spec.dataset)), "{settings}");
    }
    assert!(settings.contains("\n[planned]\n") && !settings.contains("waiting"), "{settings}");

    // Without it the same command makes it again, to the same bits, from the source that is still there.
    let before = run.bytes();
    fs::remove_dir_all(folder).unwrap();
    place.fine(&command);
    assert!(run.bytes() == before);
}

#[test]
fn what_cannot_be_run_is_said_in_a_sentence_and_what_needs_nothing_is_fine() {
    let place = Place::new();
    fs::write(place.path("mine.toml"), ASKED).unwrap();
    let printed = ASKED.replace("method = 'concat'", "reported_only = 'too large'").replace("method = 'raml'", "reported_only = 'too large'");
    fs::write(place.path("printed.toml"), printed).unwrap();
    let refusal = |arguments: &[&str]| {
        let output = place.run(&with(arguments));
        assert_eq!(output.status.code(), Some(2), "{}", errors(&output));
        errors(&output)
    };
    let missing = refusal(&["--table", "mine.toml"]);
    assert!(missing.contains("Food-101 (as `food-101`), N24News (as `n24news`) are not here") && missing.contains("--on openmoji"), "{missing}");
    assert!(refusal(&["--table", "raml-22"]).contains("did you mean `raml-"));
    fs::write(place.path("slip.toml"), ASKED.replace("method = 'raml'", "method = 'ramml'")).unwrap();
    assert!(refusal(&["--table", "slip.toml", "--on", "N24News=openmoji?train=100"]).contains("did you mean `raml`?"));
    assert!(refusal(&["--table", "mine.toml", "--suite", "noise"]).contains("suite (from flag) does not go with --table"));
    assert!(refusal(&["--table", "mine.toml", "--dataset", "digits"]).contains("data that stands in is named by --on"));
    assert!(refusal(&["--on", "digits"]).contains("on (from flag) needs --table"));
    assert!(refusal(&["--table", "mine.toml", "--quick"]).contains("--quick does not go with --table"));
    assert_eq!(place.fine(&with(&["--table", "printed.toml"])), "mine-1: nothing is trained for it; `bench tables printed.toml` shows it\n");
    assert!(!place.path("runs").exists());
}

/// Conditions by hand from RAML's Table III: noise on the image at p = 0.1, masked words at σ = 0.18, 0.18 and 0.1 in both.
#[test]
fn a_suite_of_a_table_is_run_like_any_other() {
    let place = Place::new();
    place.fine(&with(&["--suite", "raml-table3", "--dataset", "openmoji?train=100", "--method", "concat"]));
    let run = Run::at(place.path("runs/raml-table3"));
    let noise = ["0.08", "0.12", "0.18", "0.26", "0.38"].map(|sigma| format!("noise(image,{sigma})+mask(text,0.1)"));
    let words = ["0.05", "0.15", "0.2", "0.25"].map(|rate| format!("noise(image,0.18)+mask(text,{rate})"));
    let expected = noise.into_iter().chain(words).chain(["clean".to_string()]).collect();
    assert_eq!(evaluated(&run), BTreeMap::from([("concat".to_string(), expected)]));
}
