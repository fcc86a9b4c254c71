//! `bench audit --explain`: how a verdict comes about.

use std::fmt::Write;

use bench_audit::{
    Ledger,
    ledger::Claim,
    number::nearest,
    report::{ClaimRow, number, said},
    verdict::{ClaimError, Judgement, Step, explain, judge},
};
use serde_json::{Value, json};

use super::Format;
use crate::{
    exit::{Exit, Failure},
    names, output,
};

/// Prints a claim, its verdict and every step towards it.
pub fn run(ledger: &Ledger, id: &str, format: Format, fault: impl Fn(&ClaimError) -> anyhow::Error) -> anyhow::Result<Exit> {
    let Some(claim) = ledger.claims.iter().find(|claim| claim.id == id) else { return Err(unknown(ledger, id)) };
    let judgement = judge(ledger, claim).map_err(|error| fault(&error))?;
    let steps = explain(ledger, claim).map_err(|error| fault(&error))?;
    match format {
        Format::Json => output::print_json(
            &json!({ "claim": ClaimRow::of(&judgement), "expression": claim.expr, "steps": steps.iter().map(row).collect::<Vec<_>>() }),
        )?,
        Format::Table | Format::Md | Format::Csv => output::print(&text(claim, &judgement, &steps))?,
    }
    Ok(if judgement.verdict == bench_audit::verdict::Verdict::Fails { Exit::No } else { Exit::Fine })
}

fn row(step: &Step) -> Value {
    let ends = step.interval.as_ref().map(|(lo, hi)| [nearest(lo), nearest(hi)]);
    json!({ "depth": step.depth, "expression": step.expression, "value": step.value, "interval": ends, "note": step.note })
}

fn text(claim: &Claim, judgement: &Judgement, steps: &[Step]) -> String {
    let line = claim.line.map_or_else(String::new, |line| format!(", line {line} of the text"));
    let mut text = format!("{} · {} · {}{line}\n", claim.id, claim.paper, claim.loc);
    let _ = writeln!(text, "  {}: {}", claim.origin.words(), claim.quote);
    let _ = writeln!(text, "  stated: {}", said(claim));
    if !claim.expr.is_empty() {
        let _ = writeln!(text, "  expression: {}", claim.expr);
    }
    let _ = writeln!(text, "\n{}: {}", judgement.verdict.name(), judgement.reason);
    if !steps.is_empty() {
        let rows = steps.iter().map(|step| {
            let ends = step.interval.as_ref().map_or_else(String::new, |(lo, hi)| format!("[{}, {}]", number(lo), number(hi)));
            vec![format!("{}{}", "  ".repeat(step.depth), step.expression), step.value.clone(), ends, step.note.clone()]
        });
        let _ = write!(text, "\n{}", output::table(&["step", "value", "interval", ""], rows, &[]));
    }
    for (name, words) in [("note", &claim.note), ("justification", &claim.justification)] {
        if !words.is_empty() {
            let _ = writeln!(text, "\n{name}: {}", words.trim());
        }
    }
    text
}

/// With hundreds of claims the near ones are told, not all.
fn unknown(ledger: &Ledger, id: &str) -> anyhow::Error {
    let part = id.to_lowercase();
    let mut near: Vec<&str> = ledger.claims.iter().map(|claim| claim.id.as_str()).filter(|known| known.contains(&part)).collect();
    if near.is_empty() {
        near.extend(names::closest(id, &ledger.claims.iter().map(|claim| claim.id.as_str()).collect::<Vec<_>>()));
    }
    near.truncate(8);
    let hint = if near.is_empty() { "`bench audit --format csv` lists all".to_owned() } else { format!("there is {}", near.join(", ")) };
    Failure::usage(format!("there is no claim `{id}`; {hint}"))
}
