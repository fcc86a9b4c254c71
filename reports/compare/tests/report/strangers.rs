//! Evidence of thousands of rows and of names that are meant to break something.

use crate::sample::{dataset, evidence, identical, row};
use bench_compare::{Cost, Evidence, Lacking, Report, Rules, Verdict, render};

const NASTY: &str =
    "a|b\n\n<img src=x onerror=alert(1)> `code` @team #1 </details> [x](https://e.org) & \"q\" 'r' \u{0}\u{1b}[31m ]]> \u{fffe}äöü漢字";

/// Rows that cost no test: identical ones, and ones of a single seed, which cannot be told.
fn many(rows: usize, name: &str) -> Evidence {
    let rows = (0..rows).map(|at| {
        let one = row(&format!("{name}{at}"), name, 4, &[(2, 2 + at % 2)]);
        if at % 2 == 0 { identical(one) } else { one }
    });
    evidence(vec![dataset(name, 4, rows.collect())])
}

#[test]
fn a_comment_stays_under_the_limit_whatever_there_is() {
    for (rows, length) in [(10, 1), (150, 1), (400, 1), (3000, 1), (500, 40), (10, 3000)] {
        let name = "漢<@|".repeat(length);
        let mut evidence = many(rows, &name);
        evidence.notes = (0..rows).map(|at| format!("{name}{at}")).collect();
        evidence.lacking = (0..rows).map(|_| Lacking { side: name.clone(), what: name.clone() }).collect();
        evidence.base.facts = (0..rows).map(|_| (name.clone(), name.clone())).collect();
        evidence.head.name = name.clone();
        let cost = Cost {
            dataset: name.clone(),
            base: name.clone(),
            head: name.clone(),
            what: name.clone(),
            unit: name.clone(),
            values: Some((1.0, 2.0)),
            ratio: 2.0,
            interval: None,
        };
        evidence.costs = vec![cost; rows];
        let text = render::github(&Report::of(&evidence, Rules::default()));
        assert!(text.chars().count() < 65_536, "{rows} rows, names of {length}: {} characters", text.chars().count());
        assert!(text.starts_with("<!-- bench-compare -->\n**"));
        assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
    }
}

/// 520 rows, of which every second is the same: those are left out first, and the 260 others all stay.
#[test]
fn rows_that_are_the_same_are_left_out_first() {
    let report = Report::of(&many(520, "m"), Rules::default());
    let text = render::github(&report);
    assert_eq!((report.count(Verdict::Same), report.count(Verdict::CannotTell)), (260, 260));
    let listed = |verdict: &str| text.lines().filter(|line| line.starts_with(&format!("| {verdict} |"))).count();
    // Those that cannot be told stand above and in the details.
    assert_eq!((listed("same"), listed("cannot tell")), (0, 520), "{}", text.chars().count());
    assert!(text.ends_with("\nLeft out here, all of it in the JSON: 260 rows that are the same.\n"));
}

#[test]
fn names_are_no_markup() {
    let text = render::github(&Report::of(&many(4, NASTY), Rules::default()));
    for markup in ["<img", "@team", "#1", "`code`", "[x](", "https://"] {
        assert!(!text.contains(markup), "{markup} is in:\n{text}");
    }
    assert_eq!(text.matches("</details>").count(), text.matches("<details>").count());
    assert!(render::terminal(&Report::of(&many(4, NASTY), Rules::default()), None).chars().all(|c| c == '\n' || !c.is_control()));
    // Every line of a table has as many cells as its head.
    let bars = |line: &str| line.replace("\\|", "").matches('|').count();
    for (head, line) in text.lines().zip(text.lines().skip(1)) {
        assert!(!(head.starts_with("| ") && line.starts_with('|')) || bars(head) == bars(line), "{head}\n{line}");
    }
}

/// A reader of the little XML that is written: elements that nest, attributes in quotes, known entities, allowed characters.
fn elements(text: &str) -> Vec<String> {
    let (mut open, mut all) = (Vec::new(), Vec::new());
    let body = text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").expect("a declaration");
    assert!(
        body.chars().all(|c| c == '\n' || c == '\t' || (c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}'))),
        "a character that XML does not allow"
    );
    for piece in body.split('<').skip(1) {
        let (tag, after) = piece.split_once('>').expect("a tag ends");
        assert!(after.trim().is_empty() && !after.contains('>'), "text outside of tags: {after}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "elements do not nest");
            continue;
        }
        let (content, empty) = tag.strip_suffix('/').map_or((tag, false), |content| (content, true));
        let parts: Vec<&str> = content.split('"').collect();
        assert!(parts.len() % 2 == 1, "quotes do not pair: {content}");
        for value in parts.iter().skip(1).step_by(2) {
            for entity in value.split('&').skip(1) {
                assert!(["amp;", "lt;", "gt;", "quot;", "apos;"].iter().any(|known| entity.starts_with(known)), "{value}");
            }
        }
        let name = parts[0].split(' ').next().expect("a name").to_owned();
        all.push(name.clone());
        if !empty {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?} are not closed");
    all
}

#[test]
fn junit_is_well_formed_and_counts_right() {
    let mut evidence = many(4, NASTY);
    evidence.lacking = vec![Lacking { side: "head".into(), what: NASTY.into() }];
    for (require_proof, expected) in [(false, "failures=\"0\" errors=\"1\" skipped=\"2\""), (true, "failures=\"2\" errors=\"1\" skipped=\"0\"")] {
        let text = render::junit(&Report::of(&evidence, Rules { require_proof, ..Rules::default() }));
        let found = elements(&text);
        assert_eq!(found.iter().filter(|name| *name == "testcase").count(), 5);
        assert!(text.contains(&format!("<testsuites name=\"bench compare\" tests=\"5\" {expected}>")), "{text}");
    }
    let report = Report::of(&crate::sample::all(), Rules::default());
    assert_eq!(elements(&render::junit(&report)).iter().filter(|name| *name == "failure").count(), 2);
}

#[test]
fn what_is_not_finite_is_null_in_the_json() {
    let mut evidence = many(2, "m");
    evidence.datasets[0].rows[1].pairs[0].head = f64::NAN;
    let json = render::json(&Report::of(&evidence, Rules::default()));
    assert!(json["datasets"][0]["rows"][1]["values"]["head"].is_null());
    assert_eq!((&json["verdict"], &json["outcome"], &json["format"]), (&"regressed".into(), &"regression".into(), &1.into()));
}

/// Whatever is wrong with ranges, sizes, groups and rules: a verdict, no panic, and never a proof out of nothing.
#[test]
fn odd_evidence_and_rules_prove_nothing() {
    for range in [0.0, 1.0, f64::NAN, f64::INFINITY, -1.0] {
        for (n_test, groups) in [(0, 0), (1, 1), (2, 5), (12, 12), (3, 11)] {
            for (alpha, margin) in [(0.05, 2.0), (0.7, 2.0), (1e-4, -3.0), (f64::NAN, f64::NAN)] {
                let one = row("m", "clean", n_test, &[(0, n_test), (n_test, 0), (0, 0)]);
                let groups = Some(("g".to_owned(), (0..groups).collect()));
                let evidence = evidence(vec![bench_compare::Dataset { range, groups, ..dataset("d", n_test, vec![one]) }]);
                let report = Report::with_resamples(&evidence, Rules { alpha, margin, ..Rules::default() }, 99);
                let wild = n_test > 0 && alpha < 0.5;
                assert!(!wild || report.verdict == Verdict::CannotTell, "{range} {n_test} {alpha} {margin}: {:?}", report.datasets[0].rows[0]);
                let texts = [render::github(&report), render::markdown(&report), render::junit(&report), render::terminal(&report, Some(0))];
                assert!(texts.iter().all(|text| !text.is_empty()) && render::json(&report).is_object());
            }
        }
    }
}
