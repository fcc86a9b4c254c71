//! `claims.toml` and `facts.toml`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Claim, Fact, LedgerError, Op, Origin};
use crate::number::{Interval, as_printed};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    claim: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    paper: String,
    loc: String,
    line: Option<u32>,
    quote: String,
    kind: String,
    #[serde(default)]
    origin: Origin,
    expr: String,
    op: Op,
    #[serde(default)]
    stated: String,
    stated_value: Option<f64>,
    stated_lo: Option<f64>,
    stated_hi: Option<f64>,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    hedged: bool,
    #[serde(default)]
    note: String,
    #[serde(default)]
    justification: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FactEntry {
    value: f64,
    source: String,
}

/// Reads `claims.toml`.
pub fn claims(file: &str, text: &str) -> Result<Vec<Claim>, LedgerError> {
    let read: File = toml::from_str(text).map_err(|error| LedgerError::malformed(file, one_line(&error, text)))?;
    let mut seen = BTreeSet::new();
    read.claim
        .into_iter()
        .map(|entry| {
            let id = entry.id.clone();
            let fault = |reason: &str| LedgerError::Claim { file: file.to_owned(), id: id.clone(), reason: reason.to_owned() };
            if id.is_empty() || !seen.insert(id.clone()) {
                return Err(fault("every claim needs an id of its own"));
            }
            claim(entry).map_err(fault)
        })
        .collect()
}

fn claim(entry: Entry) -> Result<Claim, &'static str> {
    let number = |value: Option<f64>| match value {
        Some(value) => as_printed(value).map(Some).ok_or("a stated number must be finite"),
        None => Ok(None),
    };
    let stated_value = number(entry.stated_value)?;
    let stated_interval = match (number(entry.stated_lo)?, number(entry.stated_hi)?) {
        (Some(lo), Some(hi)) if lo <= hi => Some(Interval { lo, hi }),
        (Some(_), Some(_)) => return Err("stated_lo lies above stated_hi"),
        (None, None) => None,
        _ => return Err("stated_lo and stated_hi go together"),
    };
    match entry.op {
        Op::Manual if !entry.expr.trim().is_empty() => return Err("op = \"manual\" has no expression: leave expr empty, or choose another op"),
        Op::Approx if stated_interval.is_none() => return Err("op = \"approx\" needs stated_lo and stated_hi"),
        Op::Eq | Op::Lt | Op::Le | Op::Gt | Op::Ge if stated_value.is_none() => return Err("this op needs stated_value"),
        Op::Manual => {}
        _ if entry.expr.trim().is_empty() => return Err("expr is empty: only op = \"manual\" may have none"),
        _ => {}
    }
    Ok(Claim {
        id: entry.id,
        paper: entry.paper,
        loc: entry.loc,
        line: entry.line,
        quote: entry.quote,
        kind: entry.kind,
        origin: entry.origin,
        expr: entry.expr,
        op: entry.op,
        stated: entry.stated,
        stated_value,
        stated_interval,
        unit: entry.unit,
        hedged: entry.hedged,
        note: entry.note,
        justification: entry.justification,
    })
}

/// Reads `facts.toml`.
pub fn facts(file: &str, text: &str) -> Result<BTreeMap<String, Fact>, LedgerError> {
    let read: BTreeMap<String, FactEntry> = toml::from_str(text).map_err(|error| LedgerError::malformed(file, one_line(&error, text)))?;
    read.into_iter()
        .map(|(name, entry)| {
            let value = as_printed(entry.value).ok_or_else(|| LedgerError::malformed(file, format!("fact \"{name}\" is not a finite number")))?;
            Ok((name, Fact { value, source: entry.source }))
        })
        .collect()
}

/// A TOML error as one sentence with its line.
pub fn one_line(error: &toml::de::Error, text: &str) -> String {
    let place = error.span().map_or_else(String::new, |span| {
        let before = text.get(..span.start).unwrap_or(text);
        format!("line {}: ", before.matches('\n').count() + 1)
    });
    format!("{place}{}", error.message().trim().replace('\n', " "))
}
