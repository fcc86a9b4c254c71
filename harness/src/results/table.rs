/*!
`records.csv`, `records.parquet` and `robustness.csv`, written as the records come, without times and paths: memory holds one method's records at a time.
*/

use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Context;
use bench_reports::{Record, summary::TrialEvidence};
use bench_store::{StoreError, WholeFile, files};
use polars::{
    io::parquet::write::BatchedWriter,
    prelude::{Column, CsvWriter, DataFrame, ParquetWriter, SerWriter},
};

/// The three files; nothing stands at their places before [`Tables::finish`].
pub struct Tables {
    csv: WholeFile,
    parquet: WholeFile,
    /// Made with the first records, which tell the columns.
    writer: Option<BatchedWriter<File>>,
    robustness: WholeFile,
    /// Whether a line has been written.
    begun: bool,
    folder: PathBuf,
}

impl Tables {
    /// Begins the files of a folder.
    ///
    /// # Errors
    /// The file system's refusal.
    pub fn create(folder: &Path) -> anyhow::Result<Self> {
        files::create_folder(folder)?;
        let mut robustness = WholeFile::create(&folder.join("robustness.csv"))?;
        robustness.write_all(b"dataset,method,preset,seed,measure,scope,value,trial\n").map_err(write_refused(folder, "robustness.csv"))?;
        let csv = WholeFile::create(&folder.join("records.csv"))?;
        let parquet = WholeFile::create(&folder.join("records.parquet"))?;
        Ok(Self { csv, parquet, writer: None, robustness, begun: false, folder: folder.into() })
    }

    /// Adds records, which are sorted and stand after all before.
    ///
    /// # Errors
    /// The file system's refusal.
    pub fn add(&mut self, records: &[&Record]) -> anyhow::Result<()> {
        let frame = frame(records)?;
        let bytes = csv(&frame, !self.begun)?;
        self.begun = true;
        self.csv.write_all(&bytes).map_err(write_refused(&self.folder, "records.csv"))?;
        let writer = match &mut self.writer {
            Some(writer) => writer,
            empty => {
                let writer = ParquetWriter::new(self.parquet.handle()?).batched(frame.schema()).context("cannot write records.parquet")?;
                empty.insert(writer)
            }
        };
        writer.write_batch(&frame).with_context(|| format!("cannot write {}", self.folder.join("records.parquet").display()))
    }

    /// Adds a trial's robustness numbers, after all before.
    ///
    /// # Errors
    /// The file system's refusal.
    pub fn describe(&mut self, trial: &TrialEvidence) -> anyhow::Result<()> {
        let Some(Record { dataset, method, preset, trial: key, .. }) = trial.records.first() else { return Ok(()) };
        let measures = &trial.measures;
        let same = |name: &str, text: &str| Column::new(name.into(), vec![text; measures.len()]);
        let columns = vec![
            same("dataset", dataset),
            same("method", method),
            same("preset", preset),
            Column::new("seed".into(), vec![trial.seed; measures.len()]),
            Column::new("measure".into(), measures.iter().map(|measure| measure.name).collect::<Vec<_>>()),
            Column::new("scope".into(), measures.iter().map(|measure| measure.scope.as_str()).collect::<Vec<_>>()),
            Column::new("value".into(), measures.iter().map(|measure| measure.value).collect::<Vec<_>>()),
            same("trial", key),
        ];
        let frame = DataFrame::new(measures.len(), columns).context("cannot make a table of the robustness numbers")?;
        Ok(self.robustness.write_all(&csv(&frame, false)?).map_err(write_refused(&self.folder, "robustness.csv"))?)
    }

    /// Puts all three in their places.
    ///
    /// # Errors
    /// The file system's refusal.
    pub fn finish(mut self) -> anyhow::Result<()> {
        if !self.begun {
            self.add(&[])?;
        }
        if let Some(writer) = self.writer.take() {
            writer.finish().with_context(|| format!("cannot write {}", self.folder.join("records.parquet").display()))?;
        }
        self.parquet.finish()?;
        self.csv.finish()?;
        Ok(self.robustness.finish()?)
    }
}

fn write_refused(folder: &Path, name: &str) -> impl FnOnce(std::io::Error) -> StoreError {
    StoreError::io("write", folder.join(name))
}

/// The rows as CSV; an absent value is an empty field; numbers are the shortest that read back to the same bits.
///
/// # Errors
/// Only what polars refuses.
pub fn csv_of(records: &[&Record], header: bool) -> anyhow::Result<Vec<u8>> {
    csv(&frame(records)?, header)
}

fn csv(frame: &DataFrame, header: bool) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    CsvWriter::new(&mut bytes).include_header(header).finish(&mut frame.clone()).context("cannot write the records as CSV")?;
    Ok(bytes)
}

fn frame(records: &[&Record]) -> anyhow::Result<DataFrame> {
    DataFrame::new(records.len(), columns(records)).context("cannot make a table of the records")
}

fn columns(records: &[&Record]) -> Vec<Column> {
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
    use bench_reports::robustness::Measure;

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
            let mut tables = Tables::create(folder.path()).unwrap();
            // Method by method, as a folder is read.
            for record in &sorted {
                tables.add(&[record]).unwrap();
            }
            assert!(!folder.path().join("records.csv").exists());
            tables.finish().unwrap();
        }
        for name in ["records.csv", "records.parquet"] {
            let bytes = folders.each_ref().map(|folder| std::fs::read(folder.path().join(name)).unwrap());
            assert_eq!(bytes[0], bytes[1], "{name}");
        }
    }

    #[test]
    fn a_row_reads_as_csv_with_its_commas_quoted_and_its_bits_kept() {
        let mut records = [record("raml", 42), record("raml", 43)];
        records[0].condition = "noise(image,0.18)".into();
        records[0].value = Some(0.1 + 0.2);
        records[1].value = None;
        let text = String::from_utf8(csv_of(&records.iter().collect::<Vec<_>>(), true).unwrap()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "dataset,method,preset,seed,condition,group,metric,value,note,samples,selected_on,trial");
        assert_eq!(lines[1], "digits,raml,paper,42,\"noise(image,0.18)\",clean,accuracy,0.30000000000000004,,10,validation,k");
        assert!(lines[2].starts_with("digits,raml,paper,43,clean,clean,accuracy,,"), "{}", lines[2]);
    }

    #[test]
    fn a_folder_without_records_has_a_header_and_an_abandoned_one_nothing() {
        let folder = tempfile::tempdir().unwrap();
        drop(Tables::create(folder.path()).unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        Tables::create(folder.path()).unwrap().finish().unwrap();
        let text = std::fs::read_to_string(folder.path().join("records.csv")).unwrap();
        assert_eq!(text, "dataset,method,preset,seed,condition,group,metric,value,note,samples,selected_on,trial\n");
    }

    #[test]
    fn commas_and_quotes_in_a_scope_are_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let mut tables = Tables::create(folder.path()).unwrap();
        let scopes = ["noise(image,0.18)", "a\"b"];
        let measures = scopes.map(|scope| Measure { name: "flips", scope: scope.into(), value: 0.25 }).into();
        tables.describe(&TrialEvidence { seed: 42, records: vec![record("raml", 42)], measures, ..TrialEvidence::default() }).unwrap();
        tables.finish().unwrap();
        let text = std::fs::read_to_string(folder.path().join("robustness.csv")).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "dataset,method,preset,seed,measure,scope,value,trial");
        assert_eq!(lines[1], "digits,raml,paper,42,flips,\"noise(image,0.18)\",0.25,k");
        assert!(lines[2].starts_with("digits,raml,paper,42,flips,\"a\"\"b\","), "{}", lines[2]);
    }
}
