//! What a cell is a number of: method, dataset, condition and metric, with the spellings of one paper made one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{
    Ledger,
    discover::names::words,
    ledger::{Cell, Paper},
    number::{Interval, Rational, integer},
};

/// The paper's own method, however a table calls it.
pub const OWN: &str = "the paper's method";

/// A quantity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub method: String,
    pub dataset: String,
    pub condition: BTreeSet<String>,
    pub metric: String,
    /// Units that can be told into each other are one.
    pub unit: String,
}

/// Makes keys; a paper repeats the same few names in hundreds of cells.
pub struct Keys<'a> {
    ledger: &'a Ledger,
    methods: HashMap<[&'a str; 5], Option<String>>,
    datasets: HashMap<&'a str, String>,
    conditions: HashMap<&'a str, BTreeSet<String>>,
    metrics: HashMap<&'a str, String>,
}

impl<'a> Keys<'a> {
    pub fn new(ledger: &'a Ledger) -> Self {
        Self { ledger, methods: HashMap::new(), datasets: HashMap::new(), conditions: HashMap::new(), metrics: HashMap::new() }
    }

    /// `None` where the cell names no metric, or where the row's name is a label that means something else in the next table.
    pub fn key(&mut self, paper: &'a str, cell: &'a Cell) -> Option<Key> {
        let metric = self.metrics.entry(&cell.metric).or_insert_with(|| metric(&cell.metric)).clone();
        if metric.is_empty() {
            return None;
        }
        let names: [&str; 5] = [paper, &cell.method, &cell.variant, &cell.dataset, &cell.metric];
        let ledger = self.ledger;
        let method = self.methods.entry(names).or_insert_with(|| {
            let method = method(ledger.paper(paper), cell);
            (method == OWN || !is_label(&cell.method)).then_some(method)
        });
        let dataset = self
            .datasets
            .entry(&cell.dataset)
            .or_insert_with(|| words(&cell.dataset).into_iter().filter(|word| word != "cmu").collect::<Vec<_>>().join(" "));
        let condition = self.conditions.entry(&cell.condition).or_insert_with(|| condition(&cell.condition));
        let unit = if matches!(cell.unit.as_str(), "%" | "x100" | "fraction" | "") { "share" } else { &cell.unit };
        Some(Key { method: method.clone()?, dataset: dataset.clone(), condition: condition.clone(), metric, unit: unit.to_owned() })
    }
}

impl Key {
    /// For people.
    pub fn describe(&self) -> String {
        let condition: Vec<&str> = self.condition.iter().map(String::as_str).collect();
        [self.metric.clone(), self.dataset.clone(), condition.join(",")].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

/// The number that a cell stands for, as a fraction where it is printed in percent.
pub fn interval(cell: &Cell) -> Option<Interval> {
    let scale: Rational = if matches!(cell.unit.as_str(), "%" | "x100") { integer(100).recip() } else { integer(1) };
    Some(&cell.value.as_ref()?.interval() * &Interval::point(scale))
}

/// Whether the row names no method, as where rows are metrics or datasets.
pub fn names_no_method(cell: &Cell) -> bool {
    let about: BTreeSet<String> = words(&cell.dataset).into_iter().chain(words(&cell.metric)).collect();
    words(&cell.method).iter().all(|word| about.contains(word))
}

fn method(paper: Option<&Paper>, cell: &Cell) -> String {
    let named: BTreeSet<String> = words(&cell.method).into_iter().collect();
    let variant: BTreeSet<String> = words(&cell.variant).into_iter().collect();
    let own: BTreeSet<String> = paper.and_then(|paper| paper.method.as_deref()).map(|name| words(name).into_iter().collect()).unwrap_or_default();
    let full = |names: &BTreeSet<String>| names.contains("full") && names.iter().all(|word| matches!(word.as_str(), "full" | "model" | "ours"));
    let ours = named.contains("ours")
        || variant.contains("ours")
        || full(&named)
        || full(&variant)
        || (!own.is_empty() && named == own && variant.is_empty());
    if ours || names_no_method(cell) {
        return OWN.to_owned();
    }
    named.into_iter().chain(variant.into_iter().map(|word| format!("/{word}"))).collect::<Vec<_>>().join(" ")
}

/// Whether a name is no more than a number or letter, such as `row3`, `A1`, `(b)` or `Model 2`.
fn is_label(name: &str) -> bool {
    let short = |word: &str| {
        word.len() == 1
            || (word.len() <= 3 && word.bytes().skip(1).all(|byte| byte.is_ascii_digit()))
            || word.bytes().all(|byte| byte.is_ascii_digit())
    };
    words(name).iter().all(|word| {
        let rest = ["row", "model", "exp", "setting", "case", "variant", "no"].iter().find_map(|prefix| word.strip_prefix(prefix)).unwrap_or(word);
        rest.is_empty() || short(rest)
    })
}

/// `sigma=0.18,p=0.1` and `p=0.1, sigma=0.18` are one; so are no condition and `full`.
fn condition(text: &str) -> BTreeSet<String> {
    let parts = text.split([',', ';']).map(|part| part.trim().to_lowercase().replace(' ', ""));
    parts.filter(|part| !matches!(part.as_str(), "" | "full" | "clean" | "none")).collect()
}

/// `Accuracy` is `Acc`, `F1-Score` is `F1`, `BLEU-4` is `BLEU`.
fn metric(text: &str) -> String {
    let same = BTreeMap::from([("accuracy", "acc"), ("score", ""), ("4", "")]);
    let words = words(text).into_iter().map(|word| same.get(word.as_str()).map_or(word.clone(), |other| (*other).to_owned()));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_thing_are_one() {
        assert_eq!(condition("sigma=0.18,p=0.1"), condition("p=0.1, Sigma=0.18"));
        assert_eq!(condition("Full"), condition(""));
        assert_ne!(condition("{A,T}"), condition("{A}"));
        assert_eq!((metric("Accuracy"), metric("F1-Score"), metric("BLEU-4")), (metric("Acc"), metric("F1"), metric("BLEU")));
        for label in ["row1", "A1", "(b)", "Model 2", "3"] {
            assert!(is_label(label), "{label}");
        }
        for name in ["MulT", "CRA", "Early fusion", "TMC"] {
            assert!(!is_label(name), "{name}");
        }
    }
}
