//! Any table at hand: rows are methods, columns are metrics, as a spreadsheet exports it.

use std::path::Path;

use super::{
    Cell, LedgerError, Mark, Printed, Table,
    read::{is_ledger_table, text},
    tables,
};

/// Beginnings of words by which a column says that less is better.
const LOWER: &[&str] =
    &["mae", "rmse", "mse", "loss", "err", "nll", "ece", "param", "flop", "gflop", "gmac", "macs", "latency", "memory", "hour", "time"];
/// Beginnings of words for a share of test samples or the like, where more is better.
const HIGHER: &[&str] = &["acc", "f1", "auc", "auroc", "corr", "bleu", "meteor", "rouge", "map", "precision", "recall", "score", "bertscore"];
/// Whole words of the same kind.
const HIGHER_WORDS: &[&str] = &["wa", "ua", "r"];

/// A table, with what was assumed or left out while reading it.
#[derive(Debug, Clone)]
pub struct Plain {
    /// The table.
    pub table: Table,
    /// One sentence each.
    pub notes: Vec<String>,
}

/// Reads a table of a ledger (with a column `row_key`) or a plain one: the first column names the rows, the header the columns.
///
/// A cell is a number with or without a standard deviation behind `±`, `+-`, `\pm` or in parentheses. `**bold**` and `\textbf{}` mark the best,
/// `_underline_`, `<u>` and `\underline{}` the second. `-`, `–`, `n/a` and nothing are no number. `↑` and `↓` in a header say which way is better;
/// else the metric's name does, where it is a usual one. `MOSI.Acc-2` is metric `Acc-2` on dataset `MOSI`.
///
/// # Errors
/// Where the file is unreadable, has no number in it, or a row of another length.
pub fn read_plain(file: &Path, paper: &str, id: &str) -> Result<Plain, LedgerError> {
    let text = text(file)?;
    let name = file.display().to_string();
    if is_ledger_table(&text) { Ok(Plain { table: tables::table(&name, &text)?, notes: Vec::new() }) } else { plain(&name, &text, paper, id) }
}

pub(super) fn plain(file: &str, text: &str, paper: &str, id: &str) -> Result<Plain, LedgerError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let malformed = |error: csv::Error| LedgerError::malformed(file, error.to_string());
    let headers: Vec<Header> = reader.headers().map_err(malformed)?.iter().map(Header::parse).collect();
    if headers.len() < 2 {
        return Err(LedgerError::malformed(
            file,
            "there is one column only; the first names the rows, the others hold numbers (separated by commas)",
        ));
    }
    let records: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().map_err(malformed)?;
    let mut read = Plain { table: Table::empty(paper, id, file), notes: Vec::new() };
    let texts = |column: usize| records.iter().filter_map(move |record| record.get(column)).filter(|text| !is_nothing(text));
    for (column, header) in headers.iter().enumerate().skip(1) {
        let words = texts(column).find(|text| Written::parse(text, "").is_none());
        if let Some(words) = words {
            if texts(column).any(|text| Written::parse(text, "").is_some()) {
                return Err(LedgerError::malformed(
                    file,
                    format!("column \"{}\": \"{words}\" is not a number; use `-` where there is none", header.key),
                ));
            }
            read.notes.push(format!("column \"{}\" holds words and is left out", header.key));
        }
    }
    for (record, place) in records.iter().zip(1_usize..) {
        let row = unique(record.get(0).unwrap_or_default(), place, |row| read.table.rows.iter().any(|known| known == row));
        let marked = Written::bare(&row);
        for (column, header) in headers.iter().enumerate().skip(1) {
            let found = record.get(column).filter(|text| !is_nothing(text));
            let unit = header.unit(texts(column));
            let written = found.and_then(|text| Written::parse(text, unit));
            if found.is_some() && written.is_none() {
                continue;
            }
            let (value, std, mark) = written.map_or((None, None, Mark::None), |written| (Some(written.value), written.std, written.mark));
            let cell = Cell {
                row: marked.clone(),
                column: header.key.clone(),
                method: marked.clone(),
                variant: String::new(),
                dataset: header.dataset.clone(),
                condition: String::new(),
                metric: header.metric.clone(),
                value,
                std,
                seeds: None,
                unit: unit.to_owned(),
                higher_is_better: header.higher_is_better,
                marked: mark,
                note: String::new(),
                line: record.position().and_then(|position| u32::try_from(position.line()).ok()),
            };
            if !read.table.push(cell) {
                return Err(LedgerError::malformed(file, format!("two columns are called \"{}\"; give each a name of its own", header.key)));
            }
        }
    }
    inherit(&mut read.table);
    if read.table.cells.iter().all(|cell| cell.value.is_none()) {
        return Err(LedgerError::malformed(file, "there is no number in it; the first column names the rows, the others hold numbers"));
    }
    Ok(read)
}

/// A column such as Average says nothing of its unit: it has that of the others, where they have one in common.
fn inherit(table: &mut Table) {
    let bare =
        |cell: &Cell| begins(&cell.metric.to_lowercase(), &["average", "avg", "mean"]) && cell.unit.is_empty() && cell.higher_is_better.is_none();
    let mut others = table.cells.iter().filter(|cell| !bare(cell)).map(|cell| (cell.unit.clone(), cell.higher_is_better));
    let Some((unit, better)) = others.next() else { return };
    if others.all(|kind| kind == (unit.clone(), better)) {
        for cell in table.cells.iter_mut().filter(|cell| bare(cell)) {
            (cell.unit, cell.higher_is_better) = (unit.clone(), better);
        }
    }
}

/// A row's name, numbered where it is empty or taken.
fn unique(name: &str, place: usize, taken: impl Fn(&str) -> bool) -> String {
    let name = if name.is_empty() { format!("row {place}") } else { name.to_owned() };
    if taken(&Written::bare(&name)) { format!("{name} (row {place})") } else { name }
}

fn is_nothing(text: &str) -> bool {
    matches!(text.trim().to_lowercase().as_str(), "" | "-" | "–" | "—" | "--" | "n/a" | "na" | "nan" | "none" | "/")
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

fn begins(text: &str, with: &[&str]) -> bool {
    words(text).any(|word| with.iter().any(|beginning| word.starts_with(beginning)))
}

/// A column's head.
struct Header {
    key: String,
    dataset: String,
    metric: String,
    percent: bool,
    higher_is_better: Option<bool>,
}

impl Header {
    fn parse(text: &str) -> Self {
        let arrow = if text.contains('↑') {
            Some(true)
        } else if text.contains('↓') {
            Some(false)
        } else {
            None
        };
        let bare = text.replace(['↑', '↓'], "").replace("(%)", "").replace("[%]", "");
        let key = bare.trim().to_owned();
        let (dataset, metric) = key.rsplit_once(['.', '/']).map_or(("", key.as_str()), |(dataset, metric)| (dataset.trim(), metric.trim()));
        let lower = metric.to_lowercase();
        let by_name = if begins(&lower, LOWER) {
            Some(false)
        } else if begins(&lower, HIGHER) || words(&lower).any(|word| HIGHER_WORDS.contains(&word)) {
            Some(true)
        } else {
            None
        };
        Self { percent: text.contains('%'), higher_is_better: arrow.or(by_name), dataset: dataset.to_owned(), metric: metric.to_owned(), key }
    }

    /// `%` where the head or a cell says so or shares of a hundred are printed, `fraction` where all lie in [0, 1].
    fn unit<'a>(&self, texts: impl Iterator<Item = &'a str>) -> &'static str {
        let lower = self.metric.to_lowercase();
        let share = begins(&lower, &["acc", "f1", "auc", "auroc", "precision", "recall"]) || words(&lower).any(|word| word == "wa" || word == "ua");
        let mut largest = 0.0_f64;
        for text in texts {
            if text.contains('%') {
                return "%";
            }
            largest = largest.max(Written::parse(text, "").map_or(0.0, |written| crate::number::nearest(&written.value.value).abs()));
        }
        match () {
            () if self.percent => "%",
            () if begins(&lower, &["param"]) => "params",
            () if begins(&lower, &["flop", "gflop"]) => "GFLOP",
            () if share && largest <= 1.0 => "fraction",
            () if share && largest <= 100.0 => "%",
            () => "",
        }
    }
}

/// A cell as written.
struct Written {
    value: Printed,
    std: Option<Printed>,
    mark: Mark,
}

impl Written {
    fn parse(text: &str, unit: &str) -> Option<Self> {
        let mark = if text.contains("**") || text.contains("\\textbf") || text.contains("\\mathbf") || text.contains("<b>") {
            Mark::Best
        } else if text.contains("\\underline") || text.contains("<u>") || (text.starts_with('_') && text.trim_end().ends_with('_')) {
            Mark::Second
        } else {
            Mark::None
        };
        let bare = Self::bare(text).replace("\\pm", "±").replace("+/-", "±").replace("+-", "±");
        let (value, std) = match bare.split_once('±') {
            Some((value, std)) => (value, Some(std)),
            None => match bare.split_once('(') {
                Some((value, rest)) => (value, Some(rest.strip_suffix(')')?)),
                None => (bare.as_str(), None),
            },
        };
        let std = match std {
            Some(std) => Some(Printed::parse(std, unit).filter(|std| !num_traits::Signed::is_negative(&std.value))?),
            None => None,
        };
        Some(Self { value: Printed::parse(value, unit)?, std, mark })
    }

    /// Without marks of Markdown, LaTeX and HTML.
    fn bare(text: &str) -> String {
        let mut bare = text.to_owned();
        for mark in ["**", "\\textbf", "\\mathbf", "\\underline", "<u>", "</u>", "<b>", "</b>", "$", "{", "}", "\\%"] {
            bare = bare.replace(mark, "");
        }
        bare.trim().trim_matches('_').trim().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::decimal;

    fn read(text: &str) -> Result<Plain, LedgerError> {
        plain("t.csv", text, "mine", "1")
    }

    #[test]
    fn marks_deviations_and_missing_numbers_are_understood() {
        let plain =
            read("Method,MOSI.Acc-2 (%),MAE ↓,Backbone\nA,**85.04 ± 0.37**,0.71,BERT\nB,\\underline{84.1}(0.2),-,GPT\nC,$83.0 \\pm 1.0$,_0.70_,x\n")
                .unwrap();
        let table = &plain.table;
        let cell = |row: &str, column: &str| table.cell(row, column).unwrap();
        assert_eq!(table.columns, ["MOSI.Acc-2", "MAE"]);
        assert_eq!(plain.notes, ["column \"Backbone\" holds words and is left out"]);
        let best = cell("A", "MOSI.Acc-2");
        assert_eq!((best.dataset.as_str(), best.metric.as_str(), best.unit.as_str(), best.marked), ("MOSI", "Acc-2", "%", Mark::Best));
        assert_eq!(best.value.as_ref().unwrap().interval().lo, decimal("85.035").unwrap());
        assert_eq!(best.std.as_ref().unwrap().value, decimal("0.37").unwrap());
        assert_eq!(cell("B", "MOSI.Acc-2").marked, Mark::Second);
        assert_eq!(cell("B", "MAE").value, None);
        assert_eq!((cell("C", "MAE").marked, cell("C", "MAE").higher_is_better), (Mark::Second, Some(false)));
        assert_eq!(cell("C", "MOSI.Acc-2").std.as_ref().unwrap().value, decimal("1").unwrap());
    }

    #[test]
    fn a_metric_says_which_way_is_better() {
        for (head, better) in [
            ("macro-F1", Some(true)),
            ("sentiment", None),
            ("GFLOPs", Some(false)),
            ("Acc ↓", Some(false)),
            ("CMU.WA", Some(true)),
            ("wall time", Some(false)),
        ] {
            assert_eq!(Header::parse(head).higher_is_better, better, "{head}");
        }
    }

    #[test]
    fn an_average_has_the_unit_of_what_it_is_over() {
        let plain = read("m,A.Acc (%),B.Acc,Average\nx,80.0,70.0,75.0\n").unwrap();
        let average = plain.table.cell("x", "Average").unwrap();
        assert_eq!((average.unit.as_str(), average.higher_is_better), ("%", Some(true)));
        let mixed = read("m,A.Acc (%),MAE,Average\nx,80.0,0.7,75.0\n").unwrap();
        assert_eq!(mixed.table.cell("x", "Average").unwrap().unit, "");
    }

    #[test]
    fn shares_of_one_are_fractions_and_equal_names_are_told_apart() {
        let plain = read("m,Acc\nx,0.9\nx,0.8\n,0.7\n").unwrap();
        assert_eq!(plain.table.rows, ["x", "x (row 2)", "row 3"]);
        assert!(plain.table.cells.iter().all(|cell| cell.unit == "fraction" && cell.higher_is_better == Some(true)));
    }

    #[test]
    fn what_is_no_table_is_refused_in_a_sentence() {
        for (text, reason) in [
            ("a\n1\n", "one column only"),
            ("", "one column only"),
            ("m,Acc\nx,-\n", "no number in it"),
            ("m,Acc\nx,1\ny,about 2\n", "\"about 2\" is not a number"),
            ("m,Acc\nx,1,2\n", "found record with 3 fields"),
            ("m,Acc,Acc\nx,1,2\n", "two columns are called \"Acc\""),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(reason), "{text:?}: {error}");
        }
    }
}
