//! A ledger from files: `claims.toml`, `tables/*.csv`, `facts.toml` and `papers.toml`, of which only the tables must be there.

use std::{collections::BTreeSet, path::Path};

use super::{Ledger, LedgerError, Paper, Table, claims, papers, tables};

/// No ledger is larger; keeps a wrong path from filling the memory.
const LARGEST: u64 = 64 << 20;

/// The texts of a ledger's files, by name.
pub(super) struct Texts<'a> {
    pub claims: Option<(&'a str, &'a str)>,
    pub facts: Option<(&'a str, &'a str)>,
    pub papers: Option<(&'a str, &'a str)>,
    pub tables: Vec<(&'a str, &'a str)>,
}

/// Reads a folder.
///
/// # Errors
/// The first file that is missing, unreadable or wrong, with its line or claim.
pub fn read_folder(folder: &Path) -> Result<Ledger, LedgerError> {
    if !folder.is_dir() {
        return Err(LedgerError::malformed(
            &folder.display().to_string(),
            "there is no such folder; a ledger holds claims.toml, facts.toml and tables/*.csv",
        ));
    }
    let optional = |name: &str| {
        let path = folder.join(name);
        if path.exists() { text(&path).map(|text| Some((path.display().to_string(), text))) } else { Ok(None) }
    };
    let (claims, facts, papers) = (optional("claims.toml")?, optional("facts.toml")?, optional("papers.toml")?);
    let tables = folder.join("tables");
    let mut files = Vec::new();
    if tables.is_dir() {
        let unreadable = |source| LedgerError::Unreadable { file: tables.display().to_string(), source };
        for entry in std::fs::read_dir(&tables).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.extension().is_some_and(|extension| extension == "csv") {
                files.push((path.display().to_string(), text(&path)?));
            }
        }
    }
    if claims.is_none() && files.is_empty() {
        return Err(LedgerError::malformed(
            &folder.display().to_string(),
            "there is neither claims.toml nor tables/*.csv in it; `bench audit --new DIR` starts a ledger",
        ));
    }
    fn borrow(pair: &Option<(String, String)>) -> Option<(&str, &str)> {
        pair.as_ref().map(|(file, text)| (file.as_str(), text.as_str()))
    }
    assemble(&Texts {
        claims: borrow(&claims),
        facts: borrow(&facts),
        papers: borrow(&papers),
        tables: files.iter().map(|(file, text)| (file.as_str(), text.as_str())).collect(),
    })
}

/// Reads one table file of a ledger.
///
/// # Errors
/// Where it is unreadable or wrong, with its line.
pub fn read_table(file: &Path) -> Result<Table, LedgerError> {
    tables::table(&file.display().to_string(), &text(file)?)
}

/// Puts a ledger together from texts.
pub(super) fn assemble(texts: &Texts) -> Result<Ledger, LedgerError> {
    let mut ledger = Ledger::default();
    if let Some((file, text)) = texts.claims {
        ledger.claims = claims::claims(file, text)?;
    }
    if let Some((file, text)) = texts.facts {
        ledger.facts = claims::facts(file, text)?;
    }
    let known = texts.papers.map_or_else(|| Ok(Vec::new()), |(file, text)| papers::papers(file, text))?;
    for (file, text) in &texts.tables {
        let table = tables::table(file, text)?;
        if let Some(other) = ledger.table(&table.paper, &table.id) {
            return Err(LedgerError::malformed(file, format!("table {} of \"{}\" is also in {}", table.id, table.paper, other.file)));
        }
        ledger.tables.push(table);
    }
    let mut seen = BTreeSet::new();
    let named = ledger
        .claims
        .iter()
        .map(|claim| &claim.paper)
        .chain(ledger.tables.iter().map(|table| &table.paper))
        .chain(known.iter().map(|paper| &paper.id));
    let order: Vec<String> = named.filter(|id| seen.insert((*id).clone())).cloned().collect();
    ledger.papers = order
        .iter()
        .map(|id| known.iter().find(|paper| &paper.id == id).cloned().unwrap_or_else(|| Paper { id: id.clone(), ..Paper::default() }))
        .collect();
    let place = |paper: &str| order.iter().position(|id| id == paper);
    ledger.tables.sort_by_key(|table| (place(&table.paper), natural(&table.id)));
    Ok(ledger)
}

/// Sorts `9` before `10`, and `IX` before `X`.
fn natural(id: &str) -> (u32, String) {
    (id.parse().ok().or_else(|| roman(id)).unwrap_or(u32::MAX), id.to_owned())
}

fn roman(id: &str) -> Option<u32> {
    let digits: Vec<u32> = id
        .chars()
        .map(|c| {
            Some(match c {
                'I' => 1,
                'V' => 5,
                'X' => 10,
                'L' => 50,
                _ => return None,
            })
        })
        .collect::<Option<_>>()?;
    let signed = |(place, digit): (usize, &u32)| {
        let digit = i64::from(*digit);
        if digits.get(place + 1).is_some_and(|next| i64::from(*next) > digit) { -digit } else { digit }
    };
    u32::try_from(digits.iter().enumerate().map(signed).sum::<i64>()).ok()
}

/// Whether a CSV file has one cell a row, as tables of a ledger do.
pub(super) fn is_ledger_table(text: &str) -> bool {
    text.lines().next().is_some_and(|header| header.split(',').any(|name| name.trim().trim_matches('"') == "row_key"))
}

/// The text of a file.
pub(super) fn text(path: &Path) -> Result<String, LedgerError> {
    use std::io::Read;
    let file = path.display().to_string();
    let unreadable = |source| LedgerError::Unreadable { file: file.clone(), source };
    let mut bytes = Vec::new();
    std::fs::File::open(path).map_err(unreadable)?.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(LedgerError::malformed(&file, format!("it is larger than {} MiB, which no ledger is", LARGEST >> 20)));
    }
    let text = String::from_utf8(bytes).map_err(|_| LedgerError::malformed(&file, "it is not UTF-8 text"))?;
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}
