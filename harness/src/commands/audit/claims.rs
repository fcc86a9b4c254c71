//! Verdicts on standard output.

use bench_audit::{
    Ledger,
    report::{ClaimRow, Tally, grouped, interval, page, said, separated},
    verdict::{Judgement, Verdict},
};

use super::Format;
use crate::output;

/// Prints verdicts, of some kinds only where `only` names some.
pub fn print(ledger: &Ledger, judgements: &[Judgement], only: &[Verdict], format: Format) -> anyhow::Result<()> {
    let wanted = |judgement: &&Judgement| only.is_empty() || only.contains(&judgement.verdict);
    match format {
        Format::Table => output::print(&table(ledger, judgements, if only.is_empty() { &[Verdict::Fails, Verdict::Undecidable] } else { only })),
        Format::Json => output::print_json(&judgements.iter().filter(wanted).map(ClaimRow::of).collect::<Vec<_>>()),
        Format::Csv => output::print(&csv(judgements.iter().filter(wanted))?),
        Format::Md => output::print(&page(ledger, &judgements.iter().filter(wanted).cloned().collect::<Vec<_>>(), &[])),
    }
}

fn table(ledger: &Ledger, judgements: &[Judgement], only: &[Verdict]) -> String {
    let mut text = String::new();
    for verdict in [Verdict::Fails, Verdict::Undecidable, Verdict::Holds].into_iter().filter(|verdict| only.contains(verdict)) {
        let rows: Vec<Vec<String>> = ledger
            .papers
            .iter()
            .flat_map(|paper| grouped(judgements, verdict).into_iter().filter(|judgement| judgement.claim.paper == paper.id))
            .map(|judgement| {
                let claim = judgement.claim;
                let found = judgement.recomputed.as_ref().map_or_else(|| "–".into(), interval);
                vec![claim.id.clone(), claim.loc.clone(), claim.origin.words().into(), said(claim), found]
            })
            .collect();
        if !rows.is_empty() {
            let heading = verdict.name();
            text += &format!("{}{} ({})\n", heading[..1].to_uppercase(), &heading[1..], rows.len());
            text += &output::table(&["claim", "place", "origin", "stated", "recomputed"], rows, &[]);
            text.push('\n');
        }
    }
    text += &counts(ledger, judgements);
    text
}

fn counts(ledger: &Ledger, judgements: &[Judgement]) -> String {
    let row = |name: &str, tally: Tally| {
        let counts = [tally.all(), tally.holds, tally.fails, tally.undecidable].map(|count| count.to_string());
        std::iter::once(name.to_owned()).chain(counts).collect::<Vec<_>>()
    };
    let of = |id: &str| Tally::of(judgements.iter().filter(|judgement| judgement.claim.paper == id));
    let papers = ledger.papers.iter().map(|paper| (paper, of(&paper.id))).filter(|(_, tally)| tally.all() > 0);
    let mut rows: Vec<_> = papers.map(|(paper, tally)| row(&paper.id, tally)).collect();
    if rows.len() > 1 {
        rows.push(row("all", Tally::of(judgements)));
    }
    output::table(&["paper", "claims", "hold", "fail", "undecidable"], rows, &[1, 2, 3, 4])
        + "`--explain CLAIM` shows every step, `--format md` the whole report, `--discover` what the tables say against themselves.\n"
}

fn csv<'a>(judgements: impl Iterator<Item = &'a Judgement<'a>>) -> anyhow::Result<String> {
    let header = ["id", "paper", "kind", "origin", "loc", "quote", "verdict", "stated", "unit", "value", "lo", "hi", "distance", "reason"];
    let rows = judgements.map(ClaimRow::of).map(|row| {
        let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        vec![
            row.id.to_owned(),
            row.paper.to_owned(),
            row.kind.to_owned(),
            format!("{:?}", row.origin).to_lowercase(),
            row.loc.to_owned(),
            row.quote.to_owned(),
            row.verdict.name().to_owned(),
            row.stated.to_owned(),
            row.unit.to_owned(),
            number(row.recomputed.map(|found| found.value)),
            number(row.recomputed.map(|found| found.lo)),
            number(row.recomputed.map(|found| found.hi)),
            number(row.distance),
            row.reason.to_owned(),
        ]
    });
    Ok(separated(&header, rows)?)
}
