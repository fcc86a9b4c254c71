//! The tables that are built in.

use super::{PaperDatasets, Spec, SpecError};

const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/papers.rs"));
const DATASETS: &str = include_str!("../../data/datasets.toml");

/// The papers in the order in which tables are shown.
pub(super) const PAPERS: [&str; 5] = ["def-aaf", "decalign", "mla", "raml", "cp-sl"];

/// All tables of the five papers: paper by paper, numbers ascending, figures last.
///
/// # Errors
/// A file that cannot be read.
pub fn builtin() -> Result<Vec<Spec>, SpecError> {
    let mut specs = FILES.iter().map(|(file, text)| Spec::read(file, text)).collect::<Result<Vec<_>, _>>()?;
    specs.sort_by_key(|spec| place(&spec.id));
    Ok(specs)
}

/// The papers' datasets, by the names that tables use.
///
/// # Errors
/// A file that cannot be read.
pub fn paper_datasets() -> Result<PaperDatasets, SpecError> {
    toml::from_str(DATASETS).map_err(|error| SpecError { file: "datasets.toml".into(), reason: error.to_string().trim_end().to_owned() })
}

/// Paper, figures behind tables, number.
fn place(id: &str) -> (usize, bool, u32, String) {
    let paper = PAPERS.iter().position(|paper| id.strip_prefix(paper).is_some_and(|rest| rest.starts_with('-'))).unwrap_or(PAPERS.len());
    let number = id.rsplit(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok()).unwrap_or(u32::MAX);
    (paper, id.contains("figure"), number, id.to_owned())
}
