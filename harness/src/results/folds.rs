//! `folds.csv`: every method over the folds of each cross-validation. Only where there is one.

use std::{fs, io::ErrorKind, path::Path};

use anyhow::Context;
use bench_reports::{
    folds::{FoldTest, OverFolds, over_folds},
    summary::Summary,
};
use bench_store::{StoreError, files};
use polars::prelude::{Column, CsvWriter, DataFrame, SerWriter};

/// Writes the file; one of an earlier report goes where there are no folds.
///
/// # Errors
/// The file system's refusal.
pub fn write(summary: &Summary, folder: &Path) -> anyhow::Result<()> {
    let path = folder.join("folds.csv");
    let found = over_folds(summary);
    if found.is_empty() {
        return match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(StoreError::io("remove", path)(error).into()),
            _ => Ok(()),
        };
    }
    Ok(files::write_whole(&path, &csv(&found)?)?)
}

/// A line of the file: what it is of, and its numbers where there are some.
struct Line<'a> {
    names: [&'a str; 4],
    folds: usize,
    mean: Option<f64>,
    sd: Option<f64>,
    test: Option<&'a FoldTest>,
    note: &'a str,
}

fn lines(over: &OverFolds) -> impl Iterator<Item = Line<'_>> {
    over.rows.iter().flat_map(move |row| {
        over.quantities.iter().zip(&row.cells).map(move |(quantity, cell)| {
            let (test, untested) = match &cell.against {
                Some(Ok(test)) => (Some(test), None),
                Some(Err(reason)) => (None, Some(reason.as_str())),
                None => (None, None),
            };
            let note = cell.missing.as_deref().or(untested).unwrap_or_default();
            let names = [over.family.as_str(), &row.label, quantity.title(over.task), over.task.primary().name()];
            Line { names, folds: cell.per_fold.len(), mean: cell.mean, sd: cell.sd, test, note }
        })
    })
}

fn csv(found: &[OverFolds]) -> anyhow::Result<Vec<u8>> {
    let lines: Vec<Line<'_>> = found.iter().flat_map(lines).collect();
    let text = |name: &str, at: usize| Column::new(name.into(), lines.iter().map(|line| line.names[at]).collect::<Vec<_>>());
    let number = |name: &str, of: fn(&Line<'_>) -> Option<f64>| Column::new(name.into(), lines.iter().map(of).collect::<Vec<_>>());
    let count = |name: &str, of: fn(&Line<'_>) -> Option<u64>| Column::new(name.into(), lines.iter().map(of).collect::<Vec<_>>());
    let columns = vec![
        text("cross_validation", 0),
        text("method", 1),
        text("quantity", 2),
        text("metric", 3),
        count("folds", |line| u64::try_from(line.folds).ok()),
        number("mean", |line| line.mean),
        number("sd", |line| line.sd),
        number("difference", |line| line.test.map(|test| test.test.estimate)),
        number("standard_error", |line| line.test.map(|test| test.test.standard_error)),
        count("common_folds", |line| line.test.and_then(|test| u64::try_from(test.folds).ok())),
        number("test_to_train", |line| line.test.map(|test| test.test_to_train)),
        number("t", |line| line.test.map(|test| test.test.t())),
        number("p", |line| line.test.map(|test| test.p)),
        number("p_holm", |line| line.test.map(|test| test.p_holm)),
        Column::new("note".into(), lines.iter().map(|line| Some(line.note).filter(|note| !note.is_empty())).collect::<Vec<_>>()),
    ];
    let mut frame = DataFrame::new(lines.len(), columns).context("cannot make a table of the folds")?;
    let mut bytes = Vec::new();
    CsvWriter::new(&mut bytes).include_header(true).finish(&mut frame).context("cannot write folds.csv")?;
    Ok(bytes)
}
