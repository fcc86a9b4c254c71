//! `records.csv` and `records.parquet`: the same rows in the same order, without times and paths.

use std::path::Path;

use anyhow::Context;
use bench_reports::Record;
use bench_store::{files, scores::write_parquet};
use polars::prelude::{Column, CsvWriter, DataFrame, SerWriter};

/// Writes both files, whole or not at all; `records` are sorted.
///
/// # Errors
/// The file system's refusal.
pub fn write(folder: &Path, records: &[Record]) -> anyhow::Result<()> {
    files::write_whole(&folder.join("records.csv"), &csv(records)?)?;
    Ok(write_parquet(&folder.join("records.parquet"), columns(records))?)
}

/// The rows as CSV with a header; an absent value is an empty field; numbers are the shortest that read back to the same bits.
///
/// # Errors
/// Only what polars refuses.
pub fn csv(records: &[Record]) -> anyhow::Result<Vec<u8>> {
    let mut frame = DataFrame::new(records.len(), columns(records)).context("cannot make a table of the records")?;
    let mut bytes = Vec::new();
    CsvWriter::new(&mut bytes).finish(&mut frame).context("cannot write the records as CSV")?;
    Ok(bytes)
}

fn columns(records: &[Record]) -> Vec<Column> {
    // An empty text is an absent one: an empty field in CSV, not a pair of quotes.
    let text = |name: &str, of: fn(&Record) -> &str| {
        Column::new(name.into(), records.iter().map(|record| Some(of(record)).filter(|text| !text.is_empty())).collect::<Vec<_>>())
    };
    vec![
        text("dataset", |record| &record.dataset),
        text("method", |record| &record.method),
        text("preset", |record| &record.preset),
        Column::new("seed".into(), records.iter().map(|record| record.seed).collect::<Vec<_>>()),
        text("condition", |record| &record.condition),
        text("group", |record| &record.group),
        text("metric", |record| &record.metric),
        Column::new("value".into(), records.iter().map(|record| record.value).collect::<Vec<_>>()),
        text("note", |record| &record.note),
        Column::new("samples".into(), records.iter().map(|record| record.samples).collect::<Vec<_>>()),
        text("selected_on", |record| &record.selected_on),
        text("trial", |record| &record.trial),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::record;

    #[test]
    fn the_same_records_in_any_order_give_the_same_bytes_once_sorted() {
        let mut records: Vec<Record> = [("raml", 42), ("concat", 7), ("concat", 123)].map(|(method, seed)| record(method, seed)).into();
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        for folder in &folders {
            records.reverse();
            let mut sorted = records.clone();
            sorted.sort();
            write(folder.path(), &sorted).unwrap();
        }
        for name in ["records.csv", "records.parquet"] {
            let bytes = folders.each_ref().map(|folder| std::fs::read(folder.path().join(name)).unwrap());
            assert_eq!(bytes[0], bytes[1], "{name}");
        }
    }

    #[test]
    fn a_row_reads_as_csv_with_its_commas_quoted_and_its_bits_kept() {
        let mut records = vec![record("raml", 42), record("raml", 43)];
        records[0].condition = "noise(image,0.18)".into();
        records[0].value = Some(0.1 + 0.2);
        records[1].value = None;
        let text = String::from_utf8(csv(&records).unwrap()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "dataset,method,preset,seed,condition,group,metric,value,note,samples,selected_on,trial");
        assert_eq!(lines[1], "digits,raml,paper,42,\"noise(image,0.18)\",clean,accuracy,0.30000000000000004,,10,validation,k");
        assert!(lines[2].starts_with("digits,raml,paper,43,clean,clean,accuracy,,"), "{}", lines[2]);
    }
}
