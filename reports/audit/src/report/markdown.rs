//! The report that one would send to a programme committee: complete, factual, worst first.

use std::fmt::Write;

use super::{
    order::{Group, Tally, grouped},
    text::{interval, said, strength},
};
use crate::{
    Ledger,
    discover::{Finding, Strength},
    ledger::Paper,
    number::{Rational, nearest},
    verdict::{Judgement, Verdict},
};

/// The whole page, for the papers that have a claim among the judgements or a finding. The same input gives the same bytes.
pub fn page(ledger: &Ledger, judgements: &[Judgement], findings: &[Finding]) -> String {
    let papers: Vec<&Paper> = ledger
        .papers
        .iter()
        .filter(|paper| {
            judgements.iter().any(|judgement| judgement.claim.paper == paper.id) || findings.iter().any(|finding| finding.paper == paper.id)
        })
        .collect();
    let mut page = String::from("# What the papers say, recomputed from what they print\n\n");
    page += "<!-- Made by `bench audit --format md`; do not edit. -->\n\n";
    page += INTRODUCTION;
    page += &short(&papers, judgements, findings);
    for paper in papers {
        page += &section(paper, judgements, findings);
    }
    page
}

const INTRODUCTION: &str = "\
Each claim is an expression over the numbers that a paper prints. A printed number stands for every number that rounds to it, so a claim *fails* only where
no rounding makes it true, *holds* only where every rounding does, and is *undecidable* otherwise. A failure says that two things on paper do not agree. It
does not say which of them is wrong, nor why: a slip of typing, a table from an older version, or a loss in text extraction look the same from here.
*Auditor's questions* are not sentences of the authors: they ask whether the numbers can be what they are said to be. Findings come from the tables alone,
each with the probability that an honest table shows as much where chance plays a part. [audit.md](audit.md) explains each check.

";

fn short(papers: &[&Paper], judgements: &[Judgement], findings: &[Finding]) -> String {
    let mut text = String::from("## In short\n\n");
    text += "| paper | claims | hold | fail: statements | fail: ranks and marks | fail: auditor's questions | undecidable | findings |\n";
    text += "| --- | --: | --: | --: | --: | --: | --: | --: |\n";
    let mut all = Vec::new();
    for paper in papers {
        let own: Vec<&Judgement> = judgements.iter().filter(|judgement| judgement.claim.paper == paper.id).collect();
        let found = findings.iter().filter(|finding| finding.paper == paper.id && finding.counts()).count();
        let _ = writeln!(text, "| [{}](#{}) |{} {found} |", name(paper), anchor(paper), counts(&own));
        all.extend(own);
    }
    if papers.len() > 1 {
        let found = findings.iter().filter(|finding| finding.counts()).count();
        let _ = writeln!(text, "| **all** |{} {found} |", counts(&all));
    }
    text + "\n"
}

fn counts(judgements: &[&Judgement]) -> String {
    let tally = Tally::of(judgements.iter().copied());
    let fails = |group: Group| judgements.iter().filter(|judgement| judgement.verdict == Verdict::Fails && Group::of(judgement) == group).count();
    format!(
        " {} | {} | {} | {} | {} | {} |",
        tally.all(),
        tally.holds,
        fails(Group::Statement),
        fails(Group::Ranking),
        fails(Group::Question),
        tally.undecidable
    )
}

fn section(paper: &Paper, judgements: &[Judgement], findings: &[Finding]) -> String {
    let mut text = format!("## {}\n\n", name(paper));
    if let Some(title) = &paper.title {
        let _ = writeln!(text, "*{title}*\n");
    }
    let own = |judgement: &&Judgement| judgement.claim.paper == paper.id;
    let failing: Vec<&Judgement> = grouped(judgements, Verdict::Fails).into_iter().filter(own).collect();
    for group in [Group::Statement, Group::Ranking, Group::Question] {
        let members: Vec<&Judgement> = failing.iter().copied().filter(|judgement| Group::of(judgement) == group).collect();
        if members.is_empty() {
            continue;
        }
        let _ = writeln!(text, "### {} ({})\n", group.title(), members.len());
        text += &failures(&members);
    }
    let open: Vec<&Judgement> = grouped(judgements, Verdict::Undecidable).into_iter().filter(own).collect();
    if !open.is_empty() {
        let _ = writeln!(text, "### Undecidable ({})\n\n| claim | place | says | recomputed | why |\n| --- | --- | --- | --- | --- |", open.len());
        for judgement in open {
            let claim = judgement.claim;
            let found = judgement.recomputed.as_ref().map_or_else(|| "–".into(), interval);
            let _ = writeln!(text, "| `{}` | {} | {} | {found} | {} |", claim.id, cell(&claim.loc), cell(&claim.quote), cell(&judgement.reason));
        }
        text.push('\n');
    }
    text += &discovered(&findings.iter().filter(|finding| finding.paper == paper.id).collect::<Vec<_>>());
    let holding: Vec<&Judgement> = grouped(judgements, Verdict::Holds).into_iter().filter(own).collect();
    if !holding.is_empty() {
        let _ = writeln!(
            text,
            "<details><summary>Claims that hold ({})</summary>\n\n| claim | place | says | recomputed |\n| --- | --- | --- | --- |",
            holding.len()
        );
        for judgement in holding {
            let claim = judgement.claim;
            let found = judgement.recomputed.as_ref().map_or_else(|| "–".into(), interval);
            let _ = writeln!(text, "| `{}` | {} | {} | {found} |", claim.id, cell(&claim.loc), cell(&claim.quote));
        }
        text += "\n</details>\n\n";
    }
    text
}

fn failures(members: &[&Judgement]) -> String {
    let mut text = String::from("| claim | place | says | stated | recomputed | apart |\n| --- | --- | --- | --: | --: | --: |\n");
    for judgement in members {
        let claim = judgement.claim;
        let found = judgement.recomputed.as_ref().map_or_else(|| "–".into(), interval);
        let apart = judgement.distance.as_ref().map_or_else(|| "–".into(), gap);
        let _ = writeln!(text, "| `{}` | {} | {} | {} | {found} | {apart} |", claim.id, cell(&claim.loc), cell(&claim.quote), cell(&said(claim)));
    }
    text.push('\n');
    for judgement in members.iter().filter(|judgement| !judgement.claim.justification.is_empty()) {
        let _ = writeln!(text, "- `{}`: {}", judgement.claim.id, judgement.claim.justification.trim());
    }
    if members.iter().any(|judgement| !judgement.claim.justification.is_empty()) {
        text.push('\n');
    }
    text
}

fn discovered(findings: &[&Finding]) -> String {
    let mut sorted: Vec<&Finding> = findings.to_vec();
    sorted.sort_by(|a, b| weight(a.strength).total_cmp(&weight(b.strength)));
    let (open, firm): (Vec<&Finding>, Vec<&Finding>) = sorted.into_iter().partition(|finding| !finding.counts());
    let mut text = String::new();
    for (title, list) in [("Found in the tables", firm), ("Limits of what the tables can show", open)] {
        if list.is_empty() {
            continue;
        }
        let _ = writeln!(text, "### {title} ({})\n\n| check | place | finding | strength |\n| --- | --- | --- | --- |", list.len());
        for finding in list {
            let assumes = if finding.assumes.is_empty() { String::new() } else { format!(" (assuming {})", finding.assumes) };
            let _ = writeln!(
                text,
                "| [{check}](audit.md#{check}) | {} | {}{} | {} |",
                cell(&finding.place),
                cell(&finding.sentence),
                cell(&assumes),
                strength(finding.strength),
                check = finding.check
            );
        }
        text.push('\n');
    }
    text
}

fn weight(strength: Strength) -> f64 {
    match strength {
        Strength::Exact => -1.0,
        Strength::Chance(p) => p,
        Strength::Open => 1.0,
    }
}

fn gap(distance: &Rational) -> String {
    if nearest(distance) == 0.0 { "–".into() } else { super::text::number(distance) }
}

fn name(paper: &Paper) -> &str {
    paper.method.as_deref().unwrap_or(&paper.id)
}

/// As GitHub makes anchors of headings.
fn anchor(paper: &Paper) -> String {
    name(paper).to_lowercase().chars().filter_map(|c| if c == ' ' { Some('-') } else { (c.is_alphanumeric() || c == '-').then_some(c) }).collect()
}

/// Text that does not break a table's row.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ").replace('<', "&lt;")
}
