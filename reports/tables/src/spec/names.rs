//! What `raml`, `raml-2`, `raml-table2` and `raml-II` stand for.

use super::{Spec, builtin::PAPERS};

/// What a name stands for.
#[derive(Debug, Clone, PartialEq)]
pub enum Chosen<'a> {
    /// These tables.
    Tables(Vec<&'a Spec>),
    /// Nothing; names that there are.
    Unknown(Vec<String>),
}

/// The tables that `name` stands for: a paper (`raml`, or its short name in the ledger), or one table of it.
pub fn choose<'a>(specs: &'a [Spec], name: &str) -> Chosen<'a> {
    let asked = normal(name);
    let of_paper = |spec: &&Spec| paper(&spec.id) == asked || spec.paper == asked;
    let mut found: Vec<&Spec> = specs.iter().filter(|spec| spec.id == asked).collect();
    if found.is_empty() {
        found = specs.iter().filter(of_paper).collect();
    }
    if found.is_empty() {
        return Chosen::Unknown(PAPERS.iter().map(ToString::to_string).chain(specs.iter().map(|spec| spec.id.clone())).collect());
    }
    Chosen::Tables(found)
}

/// `RAML-tableII` as `raml-2`.
fn normal(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let Some((paper, number)) = lower.rsplit_once('-') else { return lower };
    let number = number.strip_prefix("table").unwrap_or(number);
    let roman = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"];
    match roman.iter().position(|roman| *roman == number) {
        Some(at) => format!("{paper}-{}", at + 1),
        None => format!("{paper}-{number}"),
    }
}

/// The paper's part of a table's id.
fn paper(id: &str) -> &str {
    id.rsplit_once('-').map_or(id, |(paper, _)| paper)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn papers_write_numbers_in_many_ways() {
        for name in ["raml-2", "RAML-II", "raml-table2", "raml-tableII"] {
            assert_eq!(normal(name), "raml-2");
        }
        assert_eq!(normal("cp-sl"), "cp-sl");
        assert_eq!(normal("def-aaf-table20"), "def-aaf-20");
        assert_eq!(normal("def-aaf-figure2"), "def-aaf-figure2");
    }
}
