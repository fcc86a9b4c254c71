//! A judged comparison as text: same evidence, same bytes.

use crate::Report;

/// For people who just ran it; `width` in columns of the terminal.
pub fn terminal(report: &Report, _width: Option<usize>) -> String {
    format!("{:?}\n", report.verdict)
}

/// A document.
pub fn markdown(report: &Report) -> String {
    format!("{:?}\n", report.verdict)
}

/// The comment on a pull request.
pub fn github(report: &Report) -> String {
    format!("<!-- bench-compare -->\n{:?}\n", report.verdict)
}

/// For programs.
pub fn json(report: &Report) -> serde_json::Value {
    serde_json::json!({ "format": 1, "verdict": report.verdict, "outcome": report.outcome() })
}

/// For systems that read JUnit.
pub fn junit(_report: &Report) -> String {
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"bench compare\"/>\n".into()
}
