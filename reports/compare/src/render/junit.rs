//! JUnit's XML, which most systems for continuous integration read.

use super::{escape::xml, words};
use crate::{JudgedRow, Report, Verdict};

/// A suite a dataset, one of costs, one of what is lacking; a case a row. Regressed fails; what cannot be told is skipped, or fails where proof is required.
pub fn junit(report: &Report) -> String {
    let mut suites: Vec<Suite> = report
        .datasets
        .iter()
        .map(|dataset| Suite::new(&dataset.name, dataset.rows.iter().map(|row| of_row(&dataset.name, row, report.rules.require_proof)).collect()))
        .collect();
    let costs = report.costs.iter().map(|judged| {
        let name = format!("{} · {}", words::method(&judged.cost.base, &judged.cost.head), judged.cost.what);
        Case::new(&judged.cost.dataset, &name, Some(judged.verdict), &judged.reason, false)
    });
    suites.push(Suite::new("costs", costs.collect()));
    let lacking = report.lacking.iter().map(|lacking| Case {
        class: lacking.side.clone(),
        name: lacking.what.clone(),
        result: Some(("error", lacking.what.clone())),
    });
    suites.push(Suite::new("lacking", lacking.collect()));
    suites.retain(|suite| !suite.cases.is_empty());
    let all = |kind| suites.iter().map(|suite| suite.count(kind)).sum::<usize>();
    let tests: usize = suites.iter().map(|suite| suite.cases.len()).sum();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    text.push_str(&format!(
        "<testsuites name=\"bench compare\" tests=\"{tests}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n",
        all("failure"),
        all("error"),
        all("skipped")
    ));
    suites.iter().for_each(|suite| suite.write(&mut text));
    text.push_str("</testsuites>\n");
    text
}

fn of_row(dataset: &str, row: &JudgedRow, require_proof: bool) -> Case {
    let name = format!("{} · {}", words::method(&row.base, &row.head), row.quantity);
    Case::new(dataset, &name, row.verdict, &row.reason, require_proof)
}

struct Case {
    class: String,
    name: String,
    /// Element and message, where it is no success.
    result: Option<(&'static str, String)>,
}

impl Case {
    fn new(class: &str, name: &str, verdict: Option<Verdict>, reason: &str, require_proof: bool) -> Self {
        let element = match verdict {
            Some(Verdict::Regressed) => Some("failure"),
            Some(Verdict::CannotTell) if require_proof => Some("failure"),
            Some(Verdict::CannotTell) | None => Some("skipped"),
            Some(Verdict::Improved | Verdict::Same) => None,
        };
        let text = format!("{}: {reason}", verdict.map_or("not judged", words::verdict));
        Self { class: class.into(), name: name.into(), result: element.map(|element| (element, text)) }
    }
}

struct Suite {
    name: String,
    cases: Vec<Case>,
}

impl Suite {
    fn new(name: &str, cases: Vec<Case>) -> Self {
        Self { name: name.into(), cases }
    }

    fn count(&self, kind: &str) -> usize {
        self.cases.iter().filter(|case| case.result.as_ref().is_some_and(|(element, _)| *element == kind)).count()
    }

    fn write(&self, text: &mut String) {
        text.push_str(&format!(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n",
            xml(&self.name),
            self.cases.len(),
            self.count("failure"),
            self.count("error"),
            self.count("skipped")
        ));
        for case in &self.cases {
            let head = format!("    <testcase classname=\"{}\" name=\"{}\"", xml(&case.class), xml(&case.name));
            match &case.result {
                None => text.push_str(&format!("{head}/>\n")),
                Some((element, message)) => text.push_str(&format!("{head}><{element} message=\"{}\"/></testcase>\n", xml(message))),
            }
        }
        text.push_str("  </testsuite>\n");
    }
}
