//! The page that reads the tables.

use std::fmt::Write;

use super::{Finding, Judged, Lean, Statement};

const HEAD: &str = "\
# What of the papers' sentences appears on our data

Made by `bench tables --reading`; every number below is from the tables of this folder. A sentence of a paper is taken as a set of differences between \
cells of one of its tables that should all be above zero. On each dataset here every difference gets a paired t-test over seeds, corrected by Holm within \
the sentence and dataset.

| word | meaning |
| --- | --- |
| appears | every difference is significantly as claimed |
| points that way, not shown | every difference is as claimed, not every one can be told from chance |
| mixed | some are as claimed, some are not; none is significantly the other way |
| points the other way, not shown | no difference is as claimed; none is significantly the other way |
| contradicted | at least one difference is significantly the other way |

Limits. The datasets here are small and are not the papers'; encoders are small and trained from scratch, where the papers use large frozen ones; settings \
are those of the harness, chosen on validation (`docs/`), not the papers' searches. A test over seeds speaks of this test set, not of other samples. Nothing \
is corrected over sentences: one in twenty that is true of nothing would look shown by chance. A sentence that does not appear here may well be true of the paper's data; one that appears has been seen once more, elsewhere.
";

/// The page in Markdown: an overview, then every sentence with its numbers.
pub fn page(read: &[(&Statement, Judged)]) -> String {
    let mut text = HEAD.to_owned();
    let count = |wanted: &[Lean]| read.iter().flat_map(|(_, judged)| &judged.findings).filter(|finding| wanted.contains(&finding.lean)).count();
    let of: usize = read.iter().map(|(_, judged)| judged.findings.len()).sum();
    let _ = writeln!(
        text,
        "\nOf {of} pairs of a sentence and a dataset {} appear, {} point that way, {} are mixed, {} point the other way, {} are contradicted.\n",
        count(&[Lean::Appears]),
        count(&[Lean::Leans]),
        count(&[Lean::Mixed]),
        count(&[Lean::LeansAgainst]),
        count(&[Lean::Contradicted]),
    );
    text.push_str("| sentence | table | in the paper's table | on our data |\n| --- | --- | --- | --- |\n");
    for (statement, judged) in read {
        let found: Vec<String> = judged.findings.iter().map(|finding| format!("{}: {}", finding.dataset, emphasised(finding.lean))).collect();
        let found = if found.is_empty() { "not measured".to_owned() } else { found.join("<br>") };
        let _ = writeln!(text, "| [{}](#{}) | {} | {} | {found} |", cell(&statement.says), statement.id, statement.table, printed(judged));
    }
    text.push_str("\n## Sentence by sentence\n");
    for (statement, judged) in read {
        let _ = write!(text, "\n### {}\n\n{} ({}, {})\n\n", statement.id, statement.says, statement.at, statement.table);
        let _ = writeln!(text, "- In the paper's table: {} of the differences.", printed(judged));
        for finding in &judged.findings {
            let _ = writeln!(text, "- {}", sentence(finding, statement.by));
        }
        if judged.other_budget > 0 {
            let _ = writeln!(text, "- Differences not formed, because the tuning budget was another one: {}.", judged.other_budget);
        } else if judged.findings.is_empty() {
            text.push_str("- Not measured: no cells of ours to compare.\n");
        }
        if !statement.note.is_empty() {
            let _ = writeln!(text, "- {}", statement.note);
        }
    }
    text
}

fn printed(judged: &Judged) -> String {
    format!("{} of {}", judged.printed.claimed, judged.printed.of)
}

fn sentence(finding: &Finding, by: f64) -> String {
    let beyond = if by == 0.0 { String::new() } else { format!(" beyond {by}") };
    let range = if finding.of == 1 {
        format!("the difference is {:+.3}", finding.smallest)
    } else {
        format!("differences from {:+.3} to {:+.3}", finding.smallest, finding.largest)
    };
    format!(
        "{}: **{}**; {} of {} as claimed, {} significantly, {} significantly the other way; {range}{beyond}; {} seeds.",
        finding.dataset,
        finding.lean.words(),
        finding.claimed,
        finding.of,
        finding.shown,
        finding.refuted,
        finding.seeds
    )
}

fn emphasised(lean: Lean) -> String {
    match lean {
        Lean::Appears | Lean::Contradicted => format!("**{}**", lean.words()),
        _ => lean.words().to_owned(),
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
