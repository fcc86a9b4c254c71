//! Every format of a small comparison as it stands in `golden/`. After a wanted change: `UPDATE_GOLDEN=1 cargo test -p bench-compare --test report formats`, and read the diff.

use std::sync::LazyLock;

use bench_compare::{Evidence, Report, Rules, render};

fn report() -> &'static Report {
    static REPORT: LazyLock<Report> = LazyLock::new(|| Report::of(&crate::sample::all(), Rules::default()));
    &REPORT
}

fn golden(name: &str, found: &str) {
    let path = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    assert!(expected == found, "{name} is now:\n{found}");
}

#[test]
fn terminal_stays() {
    golden("terminal.txt", &render::terminal(report(), Some(120)));
    golden("terminal-narrow.txt", &render::terminal(report(), Some(70)));
}

#[test]
fn markdown_stays() {
    golden("report.md", &render::markdown(report()));
}

#[test]
fn github_stays() {
    golden("github.md", &render::github(report()));
}

#[test]
fn json_stays() {
    golden("report.json", &(serde_json::to_string_pretty(&render::json(report())).unwrap() + "\n"));
}

#[test]
fn junit_stays() {
    golden("report.xml", &render::junit(report()));
}

/// Sides that have only bits in common, and no words to add.
#[test]
fn a_change_of_nothing_is_short() {
    let rows = vec![crate::sample::identical(crate::sample::row("raml", "clean", 100, &[(80, 80), (81, 81)]))];
    let report = Report::of(&crate::sample::evidence(vec![crate::sample::dataset("digits", 100, rows)]), Rules::default());
    golden("same.txt", &render::terminal(&report, None));
    golden("same-github.md", &render::github(&report));
    let nothing = Report::of(&Evidence { datasets: Vec::new(), ..crate::sample::evidence(Vec::new()) }, Rules::default());
    let text = render::terminal(&nothing, None);
    assert!(text.ends_with("there:\nnothing was compared.\nVerdict: incomplete\n"), "{text}");
}
