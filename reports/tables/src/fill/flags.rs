//! What the audit says of the cells of a table.

use std::collections::BTreeMap;

use bench_audit::{
    Ledger,
    discover::{self, Strength},
    verdict::{ClaimError, Verdict, cells_used, judge_all},
};

use crate::table::Flag;

/// Paper, table, row key, column key.
type Address = (String, String, String, String);

/// Flags of printed cells.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    by_cell: BTreeMap<Address, Vec<Flag>>,
}

impl Flags {
    /// Every claim that fails, and every contradiction that no rounding explains, at the cells that they read.
    ///
    /// # Errors
    /// A claim that cannot be judged.
    pub fn of_ledger(ledger: &Ledger) -> Result<Self, ClaimError> {
        let mut flags = Self::default();
        for judgement in judge_all(ledger)?.iter().filter(|judgement| judgement.verdict == Verdict::Fails) {
            let claim = judgement.claim;
            let text = format!("{} ({}): {}", claim.quote, claim.origin.words(), judgement.reason);
            for cell in cells_used(ledger, claim)? {
                flags.add((cell.paper, cell.table, cell.row, cell.column), &claim.id, &text);
            }
        }
        for finding in discover::discover(ledger, &discover::Settings::default()) {
            if finding.strength != Strength::Exact {
                continue;
            }
            let assumes = if finding.assumes.is_empty() { String::new() } else { format!(" (given: {})", finding.assumes) };
            for place in &finding.cells {
                let address = (finding.paper.clone(), place.table.clone(), place.row.clone(), place.column.clone());
                flags.add(address, finding.check, &format!("{}{assumes}", finding.sentence));
            }
        }
        Ok(flags)
    }

    fn add(&mut self, address: Address, id: &str, text: &str) {
        let flag = Flag { id: id.to_owned(), text: text.to_owned() };
        let known = self.by_cell.entry(address).or_default();
        if !known.contains(&flag) {
            known.push(flag);
        }
    }

    /// Those of one cell.
    pub(super) fn of(&self, paper: &str, table: &str, row: &str, column: &str) -> &[Flag] {
        let address = (paper.to_owned(), table.to_owned(), row.to_owned(), column.to_owned());
        self.by_cell.get(&address).map_or(&[], Vec::as_slice)
    }
}

/// Flags of one table, numbered as they come.
#[derive(Debug, Default)]
pub(super) struct Numbered {
    flags: Vec<Flag>,
}

impl Numbered {
    /// Numbers of these flags from 1, ascending.
    pub fn number(&mut self, flags: &[Flag]) -> Vec<usize> {
        let mut numbers: Vec<usize> = flags
            .iter()
            .map(|flag| match self.flags.iter().position(|known| known == flag) {
                Some(at) => at + 1,
                None => {
                    self.flags.push(flag.clone());
                    self.flags.len()
                }
            })
            .collect();
        numbers.sort_unstable();
        numbers
    }

    /// All of them.
    pub fn list(self) -> Vec<Flag> {
        self.flags
    }
}
