//! `bench tables`: printed and measured numbers side by side, every one traced to its trials, and committed tables checked.

use std::{fs, path::Path};

use serde_json::Value;

use super::{
    made_up,
    place::{Place, errors, files},
};

/// A run of RAML's Table IV on a made-up Food-101 and on openmoji in the place of N24News.
fn run() -> Place {
    let place = Place::new();
    made_up::write_dataset(&place.path("data/food-101"), |_| ()).unwrap();
    let arguments = "run --table raml-4 --on N24News=openmoji?train=100 --data data --seeds 2 --epochs 2 --device cpu --quiet --jobs 2";
    place.fine(&arguments.split(' ').collect::<Vec<_>>());
    place
}

fn tables(place: &Place, arguments: &str) -> String {
    place.fine(&["tables"].into_iter().chain(arguments.split(' ')).collect::<Vec<_>>())
}

/// Exit code, standard output and standard error.
fn answer(place: &Place, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = place.run(arguments);
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned(), errors(&output))
}

fn cell<'a>(table: &'a Value, row: &str, column: usize) -> &'a Value {
    let rows = table["rows"].as_array().unwrap();
    &rows.iter().find(|found| found["label"] == row).unwrap()["cells"][column]
}

#[test]
fn every_measured_number_is_that_of_its_trials() {
    let place = run();
    let all: Value = serde_json::from_str(&tables(&place, "raml-4 --format json")).unwrap();
    let table = &all["tables"][0];
    let records = fs::read_to_string(place.path("runs/tables/records.csv")).unwrap();
    for (row, label) in [("RAML", "raml/full-modality"), ("Concat Fusion", "concat"), ("TMC", "tmc")] {
        for (column, dataset) in [(0, "food-101"), (1, "openmoji?train=100")] {
            let value = &cell(table, row, column)["measured"][0]["value"];
            assert_eq!((value["on"].as_str(), value["stands_in"].as_bool()), (Some(dataset), Some(column == 1)));
            let keys: Vec<&str> = value["trials"].as_array().unwrap().iter().map(|key| key.as_str().unwrap()).collect();
            let per_seed: Vec<(u64, f64)> = serde_json::from_value(value["per_seed"].clone()).unwrap();
            assert_eq!(per_seed.iter().map(|(seed, _)| *seed).collect::<Vec<_>>(), [42, 123]);
            for (key, (seed, found)) in keys.iter().zip(&per_seed) {
                assert!(place.path("runs/tables/trials").join(key).join("trial.json").is_file());
                let trial = &all["trials"][key];
                assert_eq!((trial["label"].as_str(), trial["seed"].as_u64(), trial["dataset"].as_str()), (Some(label), Some(*seed), Some(dataset)));
                assert_eq!(trial["selected_on"], "validation");
                // Another path to the same number: the records.
                let mark = format!(",{seed},clean,clean,accuracy,");
                let record = records.lines().find_map(|line| line.strip_prefix(&format!("{dataset},{label},"))?.split_once(&mark)).unwrap();
                let value: f64 = record.1.split(',').next().unwrap().parse().unwrap();
                assert!((value - found).abs() < 1e-12, "{row} {dataset} {seed}");
            }
            let mean = (per_seed[0].1 + per_seed[1].1) / 2.0;
            assert!((value["mean"].as_f64().unwrap() - mean).abs() < 1e-12);
            // Only the paper's own data make a difference to the printed number; Table IV prints 0.7060 for Concat on Food-101.
            match (column, row) {
                (0, "Concat Fusion") => assert!((value["difference"].as_f64().unwrap() - (mean - 0.7060)).abs() < 1e-12),
                (0, _) => assert!(value["difference"].is_f64()),
                _ => assert!(value["difference"].is_null()),
            }
        }
    }
    assert_eq!(all["code"]["epochs"], 2);
}

#[test]
fn a_changed_digit_is_found_and_named() {
    let place = run();
    let page = tables(&place, "raml-4");
    assert!(page.contains("<sub>openmoji?train=100</sub>"), "{page}");
    fs::write(place.path("paper.md"), format!("Some words.\n\n{page}\nMore words.\n")).unwrap();
    let check = ["tables", "--check", "paper.md"];
    let (code, said, _) = answer(&place, &check);
    assert_eq!((code, said.as_str()), (Some(0), "1 file checked: every cell is as in the results\n"));

    // The printed 0.7060 copied wrongly.
    fs::write(place.path("paper.md"), page.replacen("0.7060", "0.7006", 1)).unwrap();
    let (code, said, _) = answer(&place, &check);
    assert_eq!(code, Some(1));
    assert!(said.contains("paper.md") && said.contains("raml-4") && said.contains("Concat Fusion") && said.contains("Food-101"), "{said}");
    assert!(said.contains("0.7006") && said.contains("0.7060") && said.ends_with("1 file checked: 1 place is not as in the results\n"), "{said}");

    // The JSON is as good as the run: the same page, and the same check, without the trials.
    fs::write(place.path("tables.json"), tables(&place, "raml-4 --format json")).unwrap();
    fs::remove_dir_all(place.path("runs")).unwrap();
    assert_eq!(tables(&place, "raml-4 --results tables.json"), page);
    assert_eq!(answer(&place, &["tables", "--check", "paper.md", "--results", "tables.json"]).0, Some(1));
    for format in ["csv", "tex", "html"] {
        assert!(tables(&place, &format!("--results tables.json --format {format}")).contains("Concat Fusion"));
    }
}

#[test]
fn without_results_the_papers_numbers_are_shown_and_slips_are_answered() {
    let place = Place::new();
    let (code, page, said) = answer(&place, &["tables", "mla-table7"]);
    assert!(code == Some(0) && page.contains("63.07") && said.contains("there is no runs/tables"), "{page}{said}");
    assert_eq!(tables(&place, "--list").lines().filter(|line| line.contains("able ") || line.contains("Figure ")).count(), 39);
    fs::write(place.path("cut.json"), "{\"format\": 1, \"tabl").unwrap();
    fs::write(place.path("newer.json"), "{\"format\": 99}").unwrap();
    fs::write(place.path("words.md"), "No table.\n").unwrap();
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/tables/tables.json");
    let endless = fs::read_to_string(committed).unwrap().replacen("\"decimals\": 2", "\"decimals\": 99999999", 1);
    fs::write(place.path("endless.json"), endless).unwrap();
    for (arguments, said) in [
        (vec!["tables", "ramll-1"], "there is no table `ramll-1`; did you mean `raml-1`?"),
        (vec!["tables", "--results", "nowhere"], "nowhere"),
        (vec!["tables", "--results", "cut.json"], "cut.json"),
        (vec!["tables", "--results", "newer.json"], "99"),
        (vec!["tables", "--results", "endless.json"], "99999999"),
        (vec!["tables", "--results", "newer.json", "--on", "digits"], "--on needs a run folder"),
        (vec!["tables", "--on", "IEMOCUP=digits"], "did you mean `IEMOCAP`?"),
        (vec!["tables", "--check", "words.md"], "has no table"),
        (vec!["tables", "--check", "gone.md"], "gone.md cannot be read"),
        (vec!["tables", "mla-7", "--reading"], "no sentence is about these tables"),
    ] {
        let (code, _, errors) = answer(&place, &arguments);
        assert!(code == Some(2) && errors.contains(said) && errors.trim_end().lines().count() <= 2, "{arguments:?}: {code:?} {errors}");
    }
}

/// The committed pages are what the program makes of the committed numbers.
#[test]
fn the_committed_tables_are_what_the_program_writes() {
    let place = Place::new();
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/tables");
    let numbers = committed.join("tables.json");
    place.fine(&["tables", "--results", numbers.to_str().unwrap(), "--out", "pages"]);
    let pages = files(&committed);
    assert_eq!(files(&place.path("pages")), pages);
    for name in pages {
        assert!(
            fs::read(committed.join(&name)).unwrap() == fs::read(place.path("pages").join(&name)).unwrap(),
            "docs/tables/{name} is not up to date"
        );
    }
    let (code, said, _) = answer(&place, &["tables", "--check", committed.to_str().unwrap(), "--results", numbers.to_str().unwrap()]);
    assert!(code == Some(0) && said.contains("every cell is as in the results"), "{said}");
}
