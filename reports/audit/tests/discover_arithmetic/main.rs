//! The arithmetic checks: on the built-in ledger they find what is there, on honest tables they are silent.

mod builtin;
mod made;
mod simulated;

use bench_audit::{
    Ledger,
    discover::{CHECKS, Finding, Settings},
    ledger,
};

const ARITHMETIC: [&str; 7] = ["mean", "sum", "delta", "implied-base", "mark", "duplicate", "same-quantity"];

fn run(ledger: &Ledger, check: &str) -> Vec<Finding> {
    let check = CHECKS.iter().find(|one| one.name == check).unwrap();
    (check.find)(ledger, &Settings::default())
}

fn builtin(check: &str) -> Vec<Finding> {
    run(&ledger::builtin().unwrap(), check)
}

/// The finding whose paper and place are these.
fn at<'a>(findings: &'a [Finding], paper: &str, place: &str) -> &'a Finding {
    let all: Vec<&str> = findings.iter().map(|finding| finding.place.as_str()).collect();
    findings
        .iter()
        .find(|finding| finding.paper == paper && finding.place.starts_with(place))
        .unwrap_or_else(|| panic!("{place} is not among {all:?}"))
}

#[track_caller]
fn says(finding: &Finding, parts: &[&str]) {
    for part in parts {
        assert!(finding.sentence.contains(part), "{part} is not in: {}", finding.sentence);
    }
}

/// A ledger of one table from a grid: first line the columns, first word of each other line the row; `|` parts cells, `*` marks the best, `-` is empty.
fn table(unit: &str, text: &str) -> Ledger {
    tables(&[(unit, text)])
}

fn tables(all: &[(&str, &str)]) -> Ledger {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("tables")).unwrap();
    for (number, (unit, text)) in all.iter().enumerate() {
        let mut csv = String::from("row_key,col_key,value_raw,unit,higher_is_better,marked,metric\n");
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let columns: Vec<&str> = lines.next().unwrap().split('|').skip(1).map(str::trim).collect();
        for line in lines {
            let mut cells = line.split('|').map(str::trim);
            let row = cells.next().unwrap();
            for (column, cell) in columns.iter().zip(cells).filter(|(_, cell)| *cell != "-") {
                let mark = if cell.ends_with('*') { "best" } else { "none" };
                let metric = column.split(' ').next().unwrap();
                csv += &format!("\"{row}\",\"{column}\",{},{unit},1,{mark},{metric}\n", cell.trim_end_matches('*'));
            }
        }
        std::fs::write(folder.path().join(format!("tables/own-table{}.csv", number + 1)), csv).unwrap();
    }
    ledger::read_folder(folder.path()).unwrap()
}
