//! Whether a table fits the ledger and itself.

use std::collections::BTreeSet;

use bench_audit::Ledger;

use super::{Derive, Place, Spec};

impl Spec {
    /// What does not fit: cells of the ledger that it lacks, keys that nothing has, row and column that say the same thing twice; empty where all is well.
    pub fn problems(&self, ledger: &Ledger) -> Vec<String> {
        let mut problems = Vec::new();
        let row_keys: Vec<&str> = self.rows.iter().map(|leaf| leaf.key.as_str()).collect();
        let column_keys: Vec<&str> = self.columns.iter().map(|leaf| leaf.key.as_str()).collect();
        for (kind, keys) in [("rows", &row_keys), ("columns", &column_keys)] {
            for (at, key) in keys.iter().enumerate() {
                if keys[..at].contains(key) {
                    problems.push(format!("{kind}: key `{key}` stands twice"));
                }
            }
        }
        for row in &self.rows {
            for column in &self.columns {
                match self.meaning(row, column) {
                    Err(problem) => problems.push(problem),
                    Ok(meaning) => {
                        for place in meaning.derive.iter().flat_map(Derive::places) {
                            problems.extend(unknown(&place, &row_keys, &column_keys));
                        }
                    }
                }
            }
        }
        for row in &self.rows {
            let unknown = row.cells.keys().filter(|key| !column_keys.contains(&key.as_str()));
            problems.extend(unknown.map(|key| format!("row `{}`: `cells` names `{key}`, which is no column", row.key)));
        }
        let missing = |reference: &&String| !row_keys.contains(&reference.as_str()) && !column_keys.contains(&reference.as_str());
        if let Some(reference) = self.reference.as_ref().filter(missing) {
            problems.push(format!("reference `{reference}` is neither a row nor a column"));
        }
        let Some(number) = &self.ledger else { return problems };
        let Some(table) = ledger.table(&self.paper, number) else {
            problems.push(format!("the ledger has no table {number} of `{}`", self.paper));
            return problems;
        };
        let places: BTreeSet<(&str, &str)> =
            self.rows.iter().flat_map(|row| self.columns.iter().map(move |column| self.address(row, column))).collect();
        for cell in &table.cells {
            if !places.contains(&(cell.row.as_str(), cell.column.as_str())) {
                problems.push(format!("the ledger's cell ({}, {}) has no place", cell.row, cell.column));
            }
        }
        problems
    }
}

impl Derive {
    /// The cells that it names; rows and columns that it names alone are places too.
    fn places(&self) -> Vec<Place> {
        let row = |row: &String| Place { row: Some(row.clone()), column: None };
        match self {
            Self::Difference { a, b } | Self::Quotient { a, b, .. } => vec![a.clone(), b.clone()],
            Self::Sum { of } | Self::Mean { of } => of.clone(),
            Self::Lead { row: leader } => vec![row(leader)],
            Self::MaxDrop { rows } | Self::MeanDrop { rows } => rows.iter().map(row).collect(),
        }
    }
}

fn unknown(place: &Place, rows: &[&str], columns: &[&str]) -> Option<String> {
    let missing = |key: &Option<String>, known: &[&str]| key.as_ref().filter(|key| !known.contains(&key.as_str())).cloned();
    let key = missing(&place.row, rows).or_else(|| missing(&place.column, columns))?;
    Some(format!("a derived cell names `{key}`, which is no row or column of the table"))
}
