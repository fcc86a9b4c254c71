//! CSV, long: one line for each measured number, or for a printed number without one.

use bench_audit::ledger::Mark;

use super::prose::one_line;
use crate::table::{Cell, Collection, Measured, Row, Table, Verdict};

/// Names of the columns.
const HEAD: [&str; 22] = [
    "table",
    "row_group",
    "row",
    "column",
    "reported",
    "reported_deviation",
    "reported_unit",
    "reported_mark",
    "line",
    "on",
    "stands_in",
    "mean",
    "deviation",
    "seeds",
    "difference",
    "versus_difference",
    "p",
    "p_samples",
    "verdict",
    "absent",
    "flags",
    "trials",
];

/// All cells. Numbers are exact: the shortest decimal that reads back as the same value; empty is unknown or none. Lists (`seeds`, `flags` by their ids,
/// `trials`) are separated by spaces; `line` counts measured lines from 1 and is empty where only the printed number is there.
pub fn csv(collection: &Collection) -> String {
    let mut lines = vec![HEAD.map(String::from).to_vec()];
    for table in &collection.tables {
        for row in &table.rows {
            for (path, cell) in table.columns.iter().zip(&row.cells) {
                lines.extend(cell_lines(table, row, path, cell));
            }
        }
    }
    lines.iter().map(|line| line.iter().map(|field| quoted(field)).collect::<Vec<_>>().join(",") + "\n").collect()
}

fn cell_lines(table: &Table, row: &Row, path: &[String], cell: &Cell) -> Vec<Vec<String>> {
    let joined = |parts: &[String]| parts.iter().filter(|part| !part.trim().is_empty()).map(|part| one_line(part)).collect::<Vec<_>>().join(" / ");
    let flags: Vec<&str> = cell.flags.iter().filter_map(|&number| Some(table.flags.get(number.checked_sub(1)?)?.id.as_str())).collect();
    let reported = cell.reported.as_ref();
    let mark = reported.map_or("", |reported| match reported.mark {
        Mark::None => "",
        Mark::Best => "best",
        Mark::Second => "second",
    });
    let start = [
        table.id.clone(),
        joined(&row.group),
        one_line(&row.label),
        joined(path),
        number(reported.map(|reported| reported.value)),
        number(reported.and_then(|reported| reported.deviation)),
        reported.map_or_else(String::new, |reported| reported.unit.clone()),
        mark.to_owned(),
    ];
    let line = |middle: [String; 12], trials: String| start.iter().cloned().chain(middle).chain([flags.join(" "), trials]).collect::<Vec<_>>();
    let measured: Vec<(usize, &Measured)> =
        cell.measured.iter().enumerate().filter_map(|(at, measured)| Some((at + 1, measured.as_ref()?))).collect();
    if measured.is_empty() {
        let nothing = reported.is_none() && flags.is_empty();
        let mut middle: [String; 12] = Default::default();
        middle[11] = row.reported_only.as_deref().map_or_else(String::new, one_line);
        return if nothing { Vec::new() } else { vec![line(middle, String::new())] };
    }
    measured.into_iter().map(|(at, measured)| line(numbers(at, measured), trials(measured))).collect()
}

/// The fields from `line` to `absent`.
fn numbers(at: usize, measured: &Measured) -> [String; 12] {
    let value = match measured {
        Measured::Absent(reason) => {
            let mut fields: [String; 12] = Default::default();
            fields[0] = at.to_string();
            fields[11] = one_line(reason);
            return fields;
        }
        Measured::Value(value) => value,
    };
    let versus = value.versus.as_ref();
    let verdict = versus.map_or("", |versus| match versus.verdict {
        Verdict::Better => "better",
        Verdict::Worse => "worse",
        Verdict::SeedsBetter => "seeds-better",
        Verdict::SeedsWorse => "seeds-worse",
        Verdict::Undecided => "undecided",
    });
    [
        at.to_string(),
        value.on.clone(),
        value.stands_in.to_string(),
        number(Some(value.mean)),
        number(value.deviation),
        value.per_seed.iter().map(|(seed, _)| seed.to_string()).collect::<Vec<_>>().join(" "),
        number(value.difference),
        number(versus.map(|versus| versus.difference)),
        number(versus.map(|versus| versus.p)),
        number(versus.and_then(|versus| versus.p_samples)),
        verdict.to_owned(),
        String::new(),
    ]
}

fn trials(measured: &Measured) -> String {
    match measured {
        Measured::Value(value) => value.trials.join(" "),
        Measured::Absent(_) => String::new(),
    }
}

/// The shortest decimal that reads back as the same value.
fn number(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field.to_owned() }
}
