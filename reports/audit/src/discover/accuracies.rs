/*!
Which cells are plain accuracies, a share of correct answers, and how large their test sets are.

By the metric's name, whatever its case and punctuation: Acc, Accuracy, Acc-2 to Acc-7, Top-1, Top-5, with or without "binary" or "test" before it. Not WA, WAcc, UA, UAR or
balanced accuracy (means over classes, or weighted by papers in different ways), not F1, and not an "error". A paper whose accuracies are called otherwise says so in
`papers.toml`. The unit has to be `%` or `fraction`. Rows and columns that are named as means, gains or drops are left out: they are not one run on one test set.
*/

use super::{Settings, names::is_unranked};
use crate::{
    Ledger,
    ledger::{Cell, Printed, Table},
    number::{Rational, integer},
    recompute::denominators::Grid,
};

/// Names of plain accuracies, letters and digits only.
const NAMES: [&str; 14] =
    ["acc", "accuracy", "acc2", "acc3", "acc4", "acc5", "acc6", "acc7", "top1", "top5", "top1acc", "top5acc", "top1accuracy", "top5accuracy"];

/// A printed accuracy.
#[derive(Clone)]
pub(super) struct Accuracy<'a> {
    pub table: &'a Table,
    pub cell: &'a Cell,
    pub printed: &'a Printed,
    /// 100 for percentages, 1 for fractions.
    pub scale: Rational,
    /// Runs behind it, where the table or the settings say.
    pub seeds: Option<u32>,
}

impl Accuracy<'_> {
    pub(super) fn grid(&self) -> Option<Grid> {
        Grid::new(self.printed, &self.scale)
    }
}

/// All plain accuracies.
pub(super) fn all<'a>(ledger: &'a Ledger, settings: &Settings) -> Vec<Accuracy<'a>> {
    let mut found = Vec::new();
    for table in &ledger.tables {
        let named = ledger.paper(&table.paper).map_or(&[][..], |paper| &paper.accuracies);
        for cell in &table.cells {
            let (Some(printed), Some(scale)) = (&cell.value, scale(&cell.unit)) else { continue };
            if (is_plain(&cell.metric) || named.contains(&cell.metric)) && !is_derived(cell) {
                found.push(Accuracy { table, cell, printed, scale, seeds: cell.seeds.or(settings.seeds) });
            }
        }
    }
    found
}

/// 100 for `%`, 1 for `fraction`.
pub(super) fn scale(unit: &str) -> Option<Rational> {
    match unit {
        "%" => Some(integer(100)),
        "fraction" => Some(integer(1)),
        _ => None,
    }
}

/// Whether a metric of this name is a share of correct answers.
fn is_plain(metric: &str) -> bool {
    let bare: String = metric.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let bare = ["test", "binary"].iter().fold(bare.as_str(), |name, first| name.strip_prefix(first).unwrap_or(name));
    NAMES.contains(&bare)
}

/// Whether a cell's row, column, condition or metric is named as computed from others.
pub(super) fn is_derived(cell: &Cell) -> bool {
    [&cell.row, &cell.column, &cell.condition, &cell.metric].into_iter().any(|name| is_unranked(name))
}

/// Sizes that a test set may have, and who says so.
pub(super) struct Sizes {
    pub n: Vec<u64>,
    pub source: String,
}

/// Sizes of a dataset's test set: from `papers.toml`, else from a table that counts its samples, else from the settings.
pub(super) fn sizes(ledger: &Ledger, settings: &Settings, paper: &str, dataset: &str) -> Option<Sizes> {
    let of_file = ledger.paper(paper).and_then(|paper| paper.test_sizes.iter().find(|size| size.dataset == dataset));
    if let Some(size) = of_file {
        return Some(Sizes { n: size.n.clone(), source: size.source.clone() });
    }
    let counted = ledger.tables.iter().filter(|table| table.paper == paper && !dataset.is_empty()).find_map(|table| {
        let cell = table.cells.iter().find(|cell| cell.dataset == dataset && cell.unit == "samples" && cell.metric.eq_ignore_ascii_case("test"))?;
        let n = num_traits::ToPrimitive::to_u64(&cell.value.as_ref()?.value.to_integer())?;
        (n > 0).then(|| Sizes { n: vec![n], source: table.name() })
    });
    let given = || {
        let n: Vec<u64> = settings.n_test.iter().copied().filter(|n| *n > 0).collect();
        (!n.is_empty()).then(|| Sizes { n, source: "as given".into() })
    };
    counted.or_else(given)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::builtin;

    #[test]
    fn accuracies_are_told_by_name() {
        for name in ["Acc", "Accuracy", "ACC-2", "Acc_7", "Top-1 Acc", "Test accuracy", "binary Acc"] {
            assert!(is_plain(name), "{name}");
        }
        for name in ["WA", "UA", "WAcc", "F1", "Balanced accuracy", "MAE", "PredError", "UAR", "CostNormAcc", ""] {
            assert!(!is_plain(name), "{name}");
        }
    }

    #[test]
    fn test_sets_are_found_in_tables_too() {
        let ledger = builtin().unwrap();
        let settings = Settings::default();
        assert_eq!(sizes(&ledger, &settings, "def", "IEMOCAP").unwrap().n, [1593]);
        // Only Table 15 counts it.
        assert_eq!(sizes(&ledger, &settings, "def", "UR-Funny").unwrap().n, [1643]);
        assert!(sizes(&ledger, &settings, "cpsl", "MOSI").is_none());
        let given = Settings { n_test: vec![0, 655], ..settings };
        assert_eq!(sizes(&ledger, &given, "cpsl", "MOSI").unwrap().n, [655]);
    }
}
