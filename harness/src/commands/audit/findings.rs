//! Findings of discovery on standard output.

use bench_audit::{
    Ledger,
    discover::{CHECKS, Finding},
    report::{FindingRow, page, separated, strength},
};

use super::Format;
use crate::{exit::Exit, output};

/// Prints findings; the answer is no where one speaks against a table.
pub fn run(ledger: &Ledger, findings: &[Finding], format: Format) -> anyhow::Result<Exit> {
    match format {
        Format::Table => output::print(&table(ledger, findings))?,
        Format::Json => output::print_json(&findings.iter().map(FindingRow::of).collect::<Vec<_>>())?,
        Format::Csv => output::print(&csv(findings)?)?,
        Format::Md => output::print(&page(ledger, &[], findings))?,
    }
    Ok(if findings.iter().any(Finding::counts) { Exit::No } else { Exit::Fine })
}

fn table(ledger: &Ledger, findings: &[Finding]) -> String {
    let tables = ledger.tables.len();
    let looked = format!("{} checks looked at {tables} {}", CHECKS.len(), if tables == 1 { "table" } else { "tables" });
    if findings.is_empty() {
        return format!("{looked}: nothing found that rounding or chance does not explain.\n");
    }
    let rows = findings.iter().map(|finding| {
        let assumes = if finding.assumes.is_empty() { String::new() } else { format!(" (assuming {})", finding.assumes) };
        let place = if ledger.papers.len() > 1 { format!("{}: {}", finding.paper, finding.place) } else { finding.place.clone() };
        vec![finding.check.to_owned(), place, strength(finding.strength), format!("{}{assumes}", finding.sentence)]
    });
    let counts = findings.iter().filter(|finding| finding.counts()).count();
    let open = match findings.len() - counts {
        0 => String::new(),
        1 => "; 1 more is open: a limit of what the table can show".into(),
        open => format!("; {open} more are open: limits of what the tables can show"),
    };
    output::table(&["check", "place", "strength", "finding"], rows, &[])
        + &format!("\n{looked}: {counts} {} not explained by rounding or chance{open}.\n", if counts == 1 { "finding is" } else { "findings are" })
}

fn csv(findings: &[Finding]) -> anyhow::Result<String> {
    let rows = findings.iter().map(|finding| {
        vec![
            finding.check.to_owned(),
            finding.paper.clone(),
            finding.place.clone(),
            strength(finding.strength),
            finding.assumes.clone(),
            finding.sentence.clone(),
        ]
    });
    Ok(separated(&["check", "paper", "place", "strength", "assumes", "finding"], rows)?)
}

/// What there is to look for.
pub fn checks() -> String {
    output::table(&["check", "looks for"], CHECKS.iter().map(|check| vec![check.name.to_owned(), check.summary.to_owned()]), &[])
}
