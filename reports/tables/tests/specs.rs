//! The built-in tables against the ledger, their datasets and the numbers of cells counted in the papers.

use std::collections::BTreeSet;

use bench_audit::Ledger;
use bench_tables::spec::{Leaf, Meaning, Preset, Spec, builtin, paper_datasets};

#[test]
fn all_tables_are_there_and_fit_the_ledger() {
    let ledger = bench_audit::ledger::builtin().unwrap();
    let specs = builtin().unwrap();
    let problems: Vec<String> =
        specs.iter().flat_map(|spec| spec.problems(&ledger).into_iter().map(|problem| format!("{}: {problem}", spec.id))).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    let ids: BTreeSet<&str> = specs.iter().map(|spec| spec.id.as_str()).collect();
    assert_eq!((specs.len(), ids.len()), (38, 38));
    let tables: BTreeSet<(&str, &str)> = specs.iter().filter_map(|spec| Some((spec.paper.as_str(), spec.ledger.as_deref()?))).collect();
    for table in &ledger.tables {
        assert!(tables.contains(&(table.paper.as_str(), table.id.as_str())), "no table for {}", table.file);
    }
}

#[test]
fn datasets_are_described_and_have_the_parts_that_conditions_name() {
    let datasets = paper_datasets().unwrap();
    let mut used = BTreeSet::new();
    for spec in builtin().unwrap() {
        for (row, column, meaning) in cells(&spec) {
            let at = format!("{} ({}, {})", spec.id, row.key, column.key);
            for name in meaning.dataset.iter().chain(&meaning.start) {
                assert!(datasets.contains_key(name), "{at}: dataset `{name}` is not in datasets.toml");
                used.insert(name.clone());
            }
            let Some(condition) = &meaning.condition else { continue };
            let dataset = meaning.dataset.as_ref().unwrap_or_else(|| panic!("{at}: a condition and no dataset"));
            for part in parts(condition) {
                assert!(datasets[dataset].parts.contains(&part), "{at}: `{dataset}` has no part `{part}`");
            }
        }
    }
    assert_eq!(
        used.len(),
        datasets.len(),
        "datasets that no table uses: {:?}",
        datasets.keys().filter(|name| !used.contains(*name)).collect::<Vec<_>>()
    );
}

#[test]
fn what_a_cell_says_is_enough_to_measure_it() {
    let ledger = bench_audit::ledger::builtin().unwrap();
    for spec in builtin().unwrap() {
        let printed = spec.ledger.as_ref().map(|id| ledger.table(&spec.paper, id).unwrap());
        for (row, column, meaning) in cells(&spec) {
            let at = format!("{} ({}, {})", spec.id, row.key, column.key);
            let (ledger_row, ledger_column) = spec.address(row, column);
            if meaning.reported_only.is_some() || meaning.derive.is_some() {
                continue;
            }
            let Some(measure) = &meaning.measure else {
                // A bare number, or nothing: a method's row without a year.
                assert!(printed.is_some(), "{at}: nothing printed and nothing measured");
                assert!(ledger_column == "Year" || printed.is_some_and(|table| table.cell(ledger_row, ledger_column).is_none()), "{at}: no measure");
                continue;
            };
            assert!(meaning.dataset.is_some(), "{at}: no dataset");
            if measure.is_of_scores() || measure.is_of_scores() {
                assert!(meaning.method.is_some(), "{at}: no method");
                assert!(spec.suite.is_some(), "{at}: measured from scores, and no suite");
            }
        }
    }
}

#[test]
fn methods_and_options_are_read() {
    let mut methods = BTreeSet::new();
    for spec in builtin().unwrap() {
        for (row, column, meaning) in cells(&spec) {
            let at = format!("{} ({}, {})", spec.id, row.key, column.key);
            let Some(method) = &meaning.method else {
                assert!(meaning.options.is_empty() || meaning.derive.is_some() || meaning.reported_only.is_some(), "{at}: options of no method");
                continue;
            };
            assert!(method.options.is_empty(), "{at}: options stand in `with`");
            assert_eq!(method.to_string().parse().as_ref(), Ok(method), "{at}");
            methods.insert(method.to_string());
        }
    }
    // Table 4 of DEF+AAF has 15 rows and Table 19 three more, RAML has six variants beside itself, Tables 3 and 4 of DecAlign four each beside Table 1, CP+SL
    // 17 beside itself; then MLA, four fusions, and once each what others are compared with.
    let of = |name: &str| methods.iter().filter(|method| method.split('/').next() == Some(name)).count();
    assert_eq!(["def-aaf", "raml", "decalign", "cp-sl", "mla"].map(of), [18, 7, 9, 18, 1]);
    assert_eq!(["concat", "sum", "late", "augmentation"].map(of), [1, 1, 1, 1]);
    assert_eq!(["film", "bi-gated", "tmc", "etmc", "md", "qmf", "ogm-ge", "cggm", "pmr"].map(of), [1; 9]);
}

/// Conditions by hand from the captions: DEF+AAF's Tables 6 and 7 have σ 0.2, 0.5, 1.0 and ε 0.1, RAML's σ 0.08 to 0.38 and p 0.05 to 0.25.
#[test]
fn conditions_are_those_of_the_captions() {
    let specs = builtin().unwrap();
    let of = |id: &str| -> Vec<String> {
        let spec = specs.iter().find(|spec| spec.id == id).unwrap();
        let mut found: Vec<String> = Vec::new();
        for (_, _, meaning) in cells(spec) {
            found.extend(meaning.condition.filter(|condition| !found.contains(condition)));
        }
        found
    };
    assert_eq!(of("def-aaf-6"), ["missing(V)", "missing(A)", "missing(T)", "noise(V,0.5)", "noise(A,0.5)", "noise(T,0.5)", "fgsm(A,0.1)"]);
    assert_eq!(of("def-aaf-7"), ["noise(V,0.2)", "noise(V,0.5)", "noise(V,1.0)"]);
    assert_eq!(of("raml-2")[..6], ["noise(I,0.08)", "noise(I,0.12)", "noise(I,0.18)", "noise(I,0.26)", "noise(I,0.38)", "mask(T,0.05)"]);
    assert_eq!(of("raml-3")[5], "noise(I,0.18)+mask(T,0.05)");
    assert_eq!(of("raml-1"), ["only(I)", "only(T)", "patterns", "only(A)", "only(V)", "only(A,T)", "only(A,V)", "only(T,V)"]);
    assert_eq!(of("mla-6"), ["rate(0.1)", "rate(0.2)", "rate(0.3)", "rate(0.4)", "rate(0.5)", "rate(0.6)", "rate(0.7)"]);
    assert_eq!(of("def-aaf-figure2").len(), 9);
    assert_eq!(of("def-aaf-4").len(), 0);
}

/// Table 16 of DEF+AAF prints two rows for IEMOCAP and two columns; the ledger has one row and four columns.
#[test]
fn a_cell_may_stand_elsewhere_in_the_ledger() {
    let specs = builtin().unwrap();
    let spec = specs.iter().find(|spec| spec.id == "def-aaf-16").unwrap();
    let (row, column) = (&spec.rows[1], &spec.columns[1]);
    assert_eq!(row.labels, ["IEMOCAP", "F1-Score"]);
    assert_eq!(spec.address(row, column), ("IEMOCAP", "RelStdPct(F1-Score)"));
    assert_eq!(spec.meaning(row, column).unwrap().measure, Some("relative-deviation:weighted_f1".parse().unwrap()));
    let text = |cells: &str, kind: &str| {
        let (row, column) = if kind == "rows" { (cells, "") } else { ("", cells) };
        format!(
            "format = 1\nid = \"a-1\"\npaper = \"a\"\ncaption = \"\"\ncorner = \"\"\nrows = [{{ key = \"r\"{row} }}]\ncolumns = [{{ key = \"c\"{column} }}]\n"
        )
    };
    let read = |cells: &str, kind: &str| Spec::read("a.toml", &text(cells, kind));
    let known = read(", cells = { c = { row = \"x\", column = \"y\" } }", "rows").unwrap();
    assert_eq!(known.address(&known.rows[0], &known.columns[0]), ("x", "y"));
    let unknown = read(", cells = { d = { row = \"x\", column = \"y\" } }", "rows").unwrap();
    assert_eq!(unknown.problems(&Ledger::default()), ["row `r`: `cells` names `d`, which is no column"]);
    assert!(read(", cells = { r = { row = \"x\", column = \"y\" } }", "columns").is_err());
}

#[test]
fn data_are_wanted_only_where_something_can_be_measured() {
    let specs = builtin().unwrap();
    let of = |id: &str| specs.iter().find(|spec| spec.id == id).unwrap().datasets();
    assert_eq!(of("def-aaf-1"), ["IEMOCAP6", "MOSEI7"]);
    assert_eq!(of("def-aaf-4"), ["IEMOCAP6"]);
    assert_eq!(of("def-aaf-10"), ["IEMOCAP6"]);
    assert!(of("def-aaf-3").is_empty() && of("def-aaf-5").is_empty() && of("mla-7").is_empty());
}

#[test]
fn suites_are_there() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corruptions/suites");
    for spec in builtin().unwrap() {
        let Some(suite) = &spec.suite else { continue };
        assert!(folder.join(format!("{suite}.toml")).is_file(), "{}: no suite `{suite}`", spec.id);
    }
}

/// Every cell of a table with what it is of.
fn cells(spec: &Spec) -> Vec<(&Leaf, &Leaf, Meaning)> {
    spec.rows.iter().flat_map(|row| spec.columns.iter().map(move |column| (row, column, spec.meaning(row, column).unwrap()))).collect()
}

/// Letters of parts in a condition: the capital ones.
fn parts(condition: &str) -> Vec<String> {
    condition.chars().filter(char::is_ascii_uppercase).map(String::from).collect()
}

/// Suite, and how many of the ledger's cells are measured, derived, reported only, or none of these.
///
/// Counted once and looked over beside the papers, so that a change is seen; the year of a row that is measured is none of these; `def-aaf-20` by hand:
/// DEF+AAF has the extractors and two totals, and five parts that are not separated; MulT has five numbers.
#[test]
fn cells_are_counted() {
    let ledger = bench_audit::ledger::builtin().unwrap();
    let counted: Vec<String> = builtin().unwrap().iter().map(|spec| count(spec, &ledger)).collect();
    assert_eq!(counted, COUNTS);
}

fn count(spec: &Spec, ledger: &Ledger) -> String {
    let printed = spec.ledger.as_ref().map(|id| ledger.table(&spec.paper, id).unwrap());
    let mut counts = [0; 4];
    for (row, column, meaning) in cells(spec) {
        let (ledger_row, ledger_column) = spec.address(row, column);
        if printed.is_some_and(|table| table.cell(ledger_row, ledger_column).is_none()) {
            continue;
        }
        counts[match &meaning {
            meaning if meaning.reported_only.is_some() => 2,
            meaning if meaning.derive.is_some() => 1,
            meaning if meaning.measure.is_some() => 0,
            _ => 3,
        }] += 1;
    }
    let [measured, derived, reported, bare] = counts;
    format!("{} {} {measured} {derived} {reported} {bare}", spec.id, spec.suite.as_deref().unwrap_or("-"))
}

const COUNTS: [&str; 38] = [
    "def-aaf-1 clean@1 6 0 32 1",
    "def-aaf-2 clean@1 3 1 16 0",
    "def-aaf-3 - 0 0 30 0",
    "def-aaf-4 def-aaf-table4@1 15 14 29 0",
    "def-aaf-5 - 0 0 5 0",
    "def-aaf-6 def-aaf-table6@1 16 0 32 0",
    "def-aaf-7 def-aaf-table7@1 6 3 6 0",
    "def-aaf-8 - 5 5 5 0",
    "def-aaf-9 clean@1 16 4 0 0",
    "def-aaf-10 clean@1 9 9 9 0",
    "def-aaf-11 clean@1 14 7 14 0",
    "def-aaf-12 clean@1 7 7 7 0",
    "def-aaf-13 clean@1 12 6 6 0",
    "def-aaf-14 clean@1 2 1 0 0",
    "def-aaf-15 - 23 0 5 0",
    "def-aaf-16 clean@1 4 0 8 0",
    "def-aaf-17 clean@1 6 0 24 0",
    "def-aaf-18 clean@1 6 2 0 0",
    "def-aaf-19 clean@1 15 0 0 0",
    "def-aaf-20 - 3 0 10 0",
    "def-aaf-21 - 2 1 6 0",
    "def-aaf-22 - 11 0 3 0",
    "def-aaf-figure2 def-aaf-figure2@1 54 0 0 0",
    "decalign-1 clean@1 20 0 120 0",
    "decalign-2 clean@1 8 0 48 0",
    "decalign-3 decalign-table3@1 16 0 0 0",
    "decalign-4 decalign-table4@1 16 0 0 0",
    "mla-5 mla-table5@1 128 0 0 0",
    "mla-6 mla-table6@1 21 0 63 0",
    "mla-7 mla-table7@1 0 0 6 0",
    "raml-1 raml-table1@1 144 24 120 0",
    "raml-2 raml-table2@1 120 20 100 0",
    "raml-3 raml-table3@1 60 10 50 0",
    "raml-4 raml-table4@1 20 0 0 0",
    "raml-5 raml-table5@1 12 0 0 0",
    "raml-6 raml-table6@1 96 0 0 0",
    "cp-sl-1 clean@1 8 0 68 0",
    "cp-sl-2 cp-sl-table2@1 68 0 0 0",
];

/// DEF+AAF's Table 14 sets the method as it is beside the method tuned for the dataset: the second row asks for tuned presets and for nothing to start from.
#[test]
fn a_table_asks_for_tuned_presets() {
    let spec = builtin().unwrap().into_iter().find(|spec| spec.id == "def-aaf-14").unwrap();
    let meaning = |row: usize| spec.meaning(&spec.rows[row], &spec.columns[0]).unwrap();
    let (plain, tuned) = (meaning(0), meaning(1));
    assert_eq!((plain.preset, tuned.preset), (None, Some(Preset::Tuned)));
    assert_eq!((tuned.reported_only, tuned.start, tuned.method.map(|method| method.to_string())), (None, None, Some("def-aaf".into())));
}
