//! Small tables with every kind of cell.

use std::collections::BTreeMap;

use bench_audit::ledger::Mark;
use bench_tables::table::{Cell, Code, Collection, FORMAT, Flag, Measured, Reported, Row, StandIn, Table, Trial, Value, Verdict, Versus};

pub const HASH: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

pub fn printed(text: &str, value: f64, mark: Mark) -> Option<Reported> {
    Some(Reported { text: text.into(), value, deviation: None, unit: "fraction".into(), mark })
}

pub fn value(on: &str, mean: f64, deviation: Option<f64>) -> Value {
    let per_seed = deviation.map_or_else(Vec::new, |deviation| vec![(0, mean - deviation), (1, mean), (2, mean + deviation)]);
    let trials = per_seed.iter().map(|(seed, _)| format!("key-{on}-{seed}")).collect();
    Value { on: on.into(), stands_in: true, mean, deviation, decimals: 4, per_seed, difference: None, versus: None, trials }
}

pub fn tested(value: Value, verdict: Verdict) -> Option<Measured> {
    let versus = Versus { difference: -0.1, p: 0.0123, p_samples: Some(0.04), verdict };
    Some(Measured::Value(Value { versus: Some(versus), ..value }))
}

pub fn absent(reason: &str) -> Option<Measured> {
    Some(Measured::Absent(reason.into()))
}

pub fn row(label: &str, cells: Vec<Cell>) -> Row {
    Row { group: Vec::new(), label: label.into(), reported_only: None, cells }
}

pub fn cell(reported: Option<Reported>, measured: Vec<Option<Measured>>) -> Cell {
    Cell { reported, measured, flags: Vec::new() }
}

pub fn columns(paths: &[&[&str]]) -> Vec<Vec<String>> {
    paths.iter().map(|path| path.iter().map(ToString::to_string).collect()).collect()
}

/// A table with nothing but its rows and columns.
pub fn bare(id: &str, columns: Vec<Vec<String>>, rows: Vec<Row>) -> Table {
    Table {
        id: id.into(),
        paper: "DEF+AAF".into(),
        number: "7".into(),
        caption: "Accuracy under noise".into(),
        corner: "Method".into(),
        columns,
        rows,
        stand_ins: Vec::new(),
        reference: None,
        tests: 0,
        flags: Vec::new(),
        notes: Vec::new(),
        command: None,
    }
}

const LONG: &str = "n/a (digits has no modality that could play the part T)";

/// Two stand-ins, a group, marks of every kind, a row that is reported only.
pub fn stand_ins() -> Table {
    let number = |value: Value| Some(Measured::Value(value));
    let mut concat = row(
        "Concat Fusion",
        vec![
            cell(
                printed("0.4115", 0.4115, Mark::None),
                vec![tested(value("openmoji", 0.39018, Some(0.01214)), Verdict::Worse), absent("n/a (no image)")],
            ),
            cell(
                printed("0.7060", 0.706, Mark::Second),
                vec![tested(value("openmoji", 0.7, Some(0.01)), Verdict::Undecided), tested(value("digits", 0.9, None), Verdict::SeedsBetter)],
            ),
            cell(None, vec![None, None]),
        ],
    );
    concat.cells[0].flags = vec![1];
    let mut mvae = row(
        "MVAE",
        ["0.4759", "0.7226", "0.5589"]
            .map(|text| cell(printed(text, text.parse().unwrap(), Mark::None), vec![absent("not trained here"), absent("not trained here")]))
            .into(),
    );
    mvae.reported_only = Some("not trained here".into());
    let mut raml = row(
        "RAML",
        vec![
            cell(printed("0.5109", 0.5109, Mark::Best), vec![number(value("openmoji", 0.5, Some(0.02))), absent(LONG)]),
            cell(printed("0.7864", 0.7864, Mark::Best), vec![number(value("openmoji", 0.75, Some(0.02))), absent(LONG)]),
            cell(printed("0.6540", 0.654, Mark::None), vec![number(value("openmoji", 0.625, Some(0.02))), absent(LONG)]),
        ],
    );
    raml.group = vec!["Ours".into()];
    raml.cells[1].flags = vec![1, 2];
    let stand_in = |line, dataset: &str, parts: &str| StandIn { line, of: "Food-101".into(), dataset: dataset.into(), parts: parts.into() };
    Table {
        paper: "RAML".into(),
        number: "I".into(),
        caption: "Missing modalities at test time".into(),
        stand_ins: vec![stand_in(0, "openmoji", "image for I, name for T"), stand_in(1, "digits", "")],
        reference: Some("RAML".into()),
        tests: 6,
        flags: vec![
            Flag { id: "raml-1-average".into(), text: "The average is no mean of its columns.".into() },
            Flag { id: "raml-1-digits".into(), text: "Fewer digits than the others.".into() },
        ],
        notes: vec!["Accuracy (the paper's WA); `--on` chooses the data.".into()],
        command: Some("bench run --table raml-1 --on openmoji,digits".into()),
        ..bare("raml-1", columns(&[&["Food-101", "{I}"], &["Food-101", "{I,T}"], &["Average", ""]]), vec![concat, mvae, raml])
    }
}

/// The paper's own dataset, so with differences, under three levels of heads.
pub fn own_data() -> Table {
    let own = |mean: f64, deviation: Option<f64>, difference: f64, verdict| {
        tested(Value { stands_in: false, decimals: 2, difference: Some(difference), ..value("iemocap", mean, deviation) }, verdict)
    };
    let full = row(
        "Full model",
        vec![
            cell(printed("86.91 ± 0.37", 86.91, Mark::Best), vec![own(58.824, Some(1.506), -28.086, Verdict::Better)]),
            cell(printed("85.10", 85.1, Mark::None), vec![own(85.3, None, 0.2, Verdict::SeedsWorse)]),
            cell(printed("-3.4", -3.4, Mark::None), vec![absent("n/a (no noise on words)")]),
        ],
    );
    let paths = columns(&[&["IEMOCAP", "Clean", "Acc"], &["IEMOCAP", "Clean", "F1"], &["IEMOCAP", "Noise σ=0.5", ""]]);
    Table { reference: Some("MulT".into()), tests: 1, ..bare("def-aaf-7", paths, vec![full]) }
}

/// Labels that mean something to one of the formats.
pub fn hostile() -> Table {
    let plain = || vec![cell(printed("1", 1.0, Mark::None), Vec::new()), cell(printed("2|3", 2.0, Mark::None), vec![absent("needs <b> & | \\x")])];
    let labels = ["</td><script>", "\\input{x}", "a|b", "two\nlines", "[x] 50% #1 $y$ _z_ ~^"];
    bare("hostile", columns(&[&["<i>", "p|q"], &["100%\n$", "a_b"]]), labels.into_iter().map(|label| row(label, plain())).collect())
}

pub fn collection(tables: Vec<Table>) -> Collection {
    let trial = |on: &str, seed: u64| Trial {
        label: format!("{on} raml"),
        dataset: on.into(),
        dataset_hash: HASH.into(),
        seed,
        preset: "harness".into(),
        protocol: 3,
        revision: 2,
        selected_on: "validation".into(),
    };
    let trials: BTreeMap<String, Trial> =
        ["openmoji", "iemocap"].into_iter().flat_map(|on| (0..3).map(move |seed| (format!("key-{on}-{seed}"), trial(on, seed)))).collect();
    let code = Code { bench: "0.7.0".into(), libtorch: "2.9.0".into(), device: "cpu".into(), epochs: 40, patience: 8 };
    Collection { format: FORMAT, on: vec!["openmoji".into(), "digits".into()], code: Some(code), tables, trials }
}
