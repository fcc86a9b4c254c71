//! What was measured as text, Markdown, CSV or JSON, and as files.

use std::path::Path;

use anyhow::Context;
use bench_reports::cost::{
    Figure, Group, Record, Table, Value, accuracy_figure, end_to_end, growth_figure, growth_records, growth_tables, records, tables,
};
use bench_store::files;
use serde_json::{Map, json};

use super::{arguments::ProfileFormat, scale::Scaled};
use crate::output;

/// The folder of pictures beside the tables.
const FIGURES: &str = "figures";

/// Everything that a command measured.
pub struct Report {
    /// What was done, for the head: names and values.
    pub facts: Vec<(&'static str, String)>,
    /// Datasets, in order.
    pub groups: Vec<Group>,
    /// Extractors, where asked for.
    pub extractors: Option<Group>,
    /// Growth, where asked for; then the groups are its points.
    pub scaled: Option<Scaled>,
    /// What a reader must know besides.
    pub notes: Vec<String>,
    /// Whether families of operations have a table too.
    pub detail: bool,
}

impl Report {
    /// On standard output.
    ///
    /// # Errors
    /// A full disk, say.
    pub fn print(&self, format: ProfileFormat) -> anyhow::Result<()> {
        match format {
            ProfileFormat::Table => output::print(&self.text()),
            ProfileFormat::Md => output::print(&self.markdown(&[])),
            ProfileFormat::Csv => output::print(&self.csv()),
            ProfileFormat::Json => output::print_json(&self.json()),
        }
    }

    /// `profile.md`, `profile.csv`, `profile.json` and `figures/` in `folder`, which is made where it is missing.
    ///
    /// # Errors
    /// The file system's refusal.
    pub fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let figures = self.figures();
        files::create_folder(&folder.join(FIGURES))?;
        for figure in &figures {
            files::write_whole(&folder.join(FIGURES).join(&figure.name), figure.svg.as_bytes())?;
        }
        let json = serde_json::to_string_pretty(&self.json()).context("cannot write the result as JSON")? + "\n";
        for (name, text) in [("profile.md", self.markdown(&figures)), ("profile.csv", self.csv()), ("profile.json", json)] {
            files::write_whole(&folder.join(name), text.as_bytes())?;
        }
        Ok(())
    }

    /// Makes the folder: that it cannot be written to is better known before minutes of measuring.
    ///
    /// # Errors
    /// The file system's refusal.
    pub fn refuse_unwritable(folder: &Path) -> anyhow::Result<()> {
        Ok(files::create_folder(&folder.join(FIGURES))?)
    }

    /// Takes the folder away again where nothing is in it.
    pub fn forget(folder: &Path) {
        // A folder with something in it refuses, and stays.
        let _ = std::fs::remove_dir(folder.join(FIGURES)).and_then(|()| std::fs::remove_dir(folder));
    }

    fn tables(&self) -> Vec<Table> {
        if let Some(scaled) = &self.scaled {
            return growth_tables(&scaled.growths, scaled.variable, &scaled.refused);
        }
        let mut found: Vec<Table> = self.groups.iter().flat_map(|group| tables(group, self.detail)).collect();
        if let Some(extractors) = &self.extractors {
            found.extend(tables(extractors, self.detail));
            found.extend(self.groups.iter().filter_map(|group| end_to_end(extractors, group)));
        }
        found
    }

    fn figures(&self) -> Vec<Figure> {
        let Some(scaled) = &self.scaled else { return self.groups.iter().filter_map(accuracy_figure).collect() };
        let runs = scaled.growths.chunk_by(|left, right| left.quantity == right.quantity);
        runs.filter_map(|growths| growth_figure(growths, scaled.variable)).collect()
    }

    fn text(&self) -> String {
        let mut text: String = self.facts.iter().map(|(name, value)| format!("{name:<10} {value}\n")).collect();
        let mut told: Vec<String> = Vec::new();
        for table in self.tables() {
            let heads: Vec<&str> = table.heads.iter().map(String::as_str).collect();
            let right: Vec<usize> = (1..heads.len()).collect();
            text.push_str(&format!("\n{}\n{}", table.title, output::table(&heads, table.rows, &right)));
            // What holds for every table of a kind is said once.
            for note in table.notes.into_iter().filter(|note| !told.contains(note)).collect::<Vec<_>>() {
                text.push_str(&format!("· {note}\n"));
                told.push(note);
            }
        }
        text.extend(self.notes.iter().map(|note| format!("note: {note}\n")));
        text
    }

    fn markdown(&self, figures: &[Figure]) -> String {
        let facts: Vec<String> = self.facts.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let mut text = facts.join(" · ") + "\n";
        let mut told: Vec<String> = Vec::new();
        for mut table in self.tables() {
            table.notes.retain(|note| !told.contains(note));
            told.extend(table.notes.iter().cloned());
            text.push_str(&format!("\n{}", table.markdown()));
        }
        text.extend(figures.iter().map(|figure| format!("\n![{}](figures/{})\n", figure.title, figure.name)));
        text.extend(self.notes.iter().map(|note| format!("\nNote: {note}\n")));
        text
    }

    fn records(&self) -> Vec<Record> {
        let mut found = records(&self.groups);
        found.extend(self.extractors.iter().flat_map(|extractors| records(std::slice::from_ref(extractors))));
        found.extend(self.scaled.iter().flat_map(|scaled| growth_records(&scaled.growths, scaled.variable)));
        found
    }

    fn csv(&self) -> String {
        let lines = self.records().into_iter().map(|record| record.csv());
        std::iter::once(Record::HEADER.to_string()).chain(lines).map(|line| line + "\n").collect()
    }

    /// One list a table; a row holds what names it and its quantities (docs/results-format.md).
    fn json(&self) -> serde_json::Value {
        let mut tables: Map<String, serde_json::Value> = Map::new();
        let records = self.records();
        for run in records.chunk_by(same_row) {
            let Some(first) = run.first() else { continue };
            let mut row = Map::new();
            let names =
                [("dataset", &first.dataset), ("method", &first.method), ("what", &first.what), ("pattern", &first.pattern), ("part", &first.part)];
            row.extend(names.into_iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| (name.to_string(), json!(text))));
            row.extend(first.batch.map(|batch| ("batch".to_string(), json!(batch))));
            row.extend(run.iter().map(|record| (record.quantity.to_string(), value(&record.value))));
            if let serde_json::Value::Array(rows) = tables.entry(first.table).or_insert_with(|| json!([])) {
                rows.push(row.into());
            }
        }
        let facts: Map<String, serde_json::Value> = self.facts.iter().map(|(name, value)| (name.replace([' ', '-'], "_"), json!(value))).collect();
        json!({ "format": 1, "flops_per_mac": 2, "facts": facts, "tables": tables, "notes": self.notes })
    }
}

fn same_row(left: &Record, right: &Record) -> bool {
    let name = |record: &Record| {
        (record.table, record.dataset.clone(), record.method.clone(), record.what.clone(), record.batch, record.pattern.clone(), record.part.clone())
    };
    name(left) == name(right)
}

fn value(value: &Value) -> serde_json::Value {
    match value {
        Value::Count(count) => json!(count),
        Value::Number(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::Absent => serde_json::Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use bench_reports::cost::{FamilyWork, Row, Work};

    use super::*;

    fn report() -> Report {
        let families = vec![FamilyWork { name: "matrix products", flops: 640, calls: 2 }];
        let work = Work { families, elementwise: 5, moves: 1, unknown: vec![("aten::erfinv".into(), 3)] };
        let row = Row { label: "a".into(), batch: 64, inference: work, ..Row::default() };
        let group = Group { name: "openmoji".into(), rows: vec![row], refused: vec![("b".into(), "why".into())], ..Group::default() };
        Report { facts: vec![("device", "cpu".into())], groups: vec![group], extractors: None, scaled: None, notes: vec!["so".into()], detail: false }
    }

    #[test]
    fn json_rows_hold_their_names_and_exact_numbers() {
        let json = report().json();
        assert_eq!(
            json["tables"]["flops"][0],
            json!({ "dataset": "openmoji", "method": "a", "what": "inference", "batch": 64, "flops": 640, "elementwise_elements": 5, "moves_calls": 1 })
        );
        assert_eq!(json["tables"]["unknown"][0]["calls"], 3);
        assert_eq!(json["tables"]["refused"][0]["reason"], "why");
        assert_eq!(json["flops_per_mac"], 2);
    }

    #[test]
    fn every_text_names_unknown_operations_and_refusals() {
        for text in [report().text(), report().markdown(&[]), report().csv()] {
            assert!(text.contains("aten::erfinv") && text.contains("why"), "{text}");
        }
        assert!(report().text().contains("640 FLOP") && report().text().contains("note: so"));
    }
}
