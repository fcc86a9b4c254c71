//! Tables as they stand in files.

use super::{CheckError, Place};
use crate::render::BELOW;

/// A table of a file.
pub(super) struct Grid {
    pub id: String,
    /// Heads; the first is that of the labels.
    pub head: Vec<String>,
    /// What row each of `rows` is.
    pub places: Vec<Place>,
    /// Cells, label first.
    pub rows: Vec<Vec<String>>,
}

impl Grid {
    pub fn new(id: String, head: Vec<String>, rows: Vec<Vec<String>>) -> Self {
        let mut places: Vec<Place> = Vec::with_capacity(rows.len());
        for row in &rows {
            let label = row.first().map_or("", String::as_str);
            let above = places.last().filter(|_| label.starts_with(BELOW));
            places.push(match above {
                Some(above) => Place { label: above.label.clone(), line: Some(above.line.unwrap_or(0) + 1) },
                None => Place { label: without_marks(label), line: None },
            });
        }
        Self { id, head, places, rows }
    }
}

/// The marked tables of a Markdown file.
pub(super) fn grids(text: &str) -> Result<Vec<Grid>, CheckError> {
    let mut grids = Vec::new();
    let mut open: Option<(&str, Vec<Vec<String>>)> = None;
    for line in text.lines().map(str::trim) {
        let mark = |kind: &str| Some(line.strip_prefix("<!--")?.strip_suffix("-->")?.trim().strip_prefix(kind)?.strip_prefix(' ')?.trim());
        match (&mut open, mark("table"), mark("end")) {
            (None, Some(id), _) => open = Some((id, Vec::new())),
            (Some((id, _)), Some(_), _) => return Err(CheckError::Open((*id).to_owned())),
            (Some((id, rows)), None, Some(end)) if end == *id => {
                grids.push(grid(id, std::mem::take(rows))?);
                open = None;
            }
            (Some((_, rows)), None, _) if line.starts_with('|') => rows.push(split(line)),
            _ => {}
        }
    }
    match open {
        Some((id, _)) => Err(CheckError::Open(id.to_owned())),
        None if grids.is_empty() => Err(CheckError::NoTables),
        None => Ok(grids),
    }
}

fn grid(id: &str, rows: Vec<Vec<String>>) -> Result<Grid, CheckError> {
    let mut rows = rows.into_iter();
    let head = rows.next().ok_or_else(|| CheckError::Empty(id.to_owned()))?;
    let is_rule = |row: &Vec<String>| row.iter().all(|cell| cell.contains('-') && cell.chars().all(|c| matches!(c, '-' | ':')));
    Ok(Grid::new(id.to_owned(), head, rows.skip_while(is_rule).collect()))
}

/// The cells between the pipes of a line; `\|` is no pipe.
fn split(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut characters = line.strip_prefix('|').unwrap_or(line).chars();
    while let Some(character) = characters.next() {
        match (character, cells.last_mut()) {
            ('|', _) => cells.push(String::new()),
            ('\\', Some(cell)) => {
                cell.push(character);
                cell.extend(characters.next());
            }
            (_, Some(cell)) => cell.push(character),
            (_, None) => {}
        }
    }
    // Behind the last pipe is no cell.
    cells.pop_if(|last| last.trim().is_empty());
    cells.iter().map(|cell| normal(cell)).collect()
}

/// With single spaces.
pub(super) fn normal(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Without the raised marks that refer to what stands under the table.
pub(super) fn without_marks(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, (_, after))) = rest.split_once("<sup>").and_then(|(before, tail)| Some((before, tail.split_once("</sup>")?))) {
        out.push_str(before);
        rest = after;
    }
    normal(&(out + rest))
}

/// Fields of a CSV line that say which cell and line it is.
const KEY: [&str; 5] = ["table", "row_group", "row", "column", "line"];

/// The tables of a CSV file: a row for each line, a column for each field.
pub(super) fn csv_grids(text: &str) -> Result<Vec<Grid>, CheckError> {
    let fail = |error: csv::Error| CheckError::Csv(error.to_string());
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let head: Vec<String> = reader.headers().map_err(fail)?.iter().map(str::to_owned).collect();
    let position = |name: &str| head.iter().position(|field| field == name).ok_or_else(|| CheckError::Csv(format!("it has no field `{name}`")));
    let [table, group, row, column, line] = KEY.map(position);
    let (table, group, row, column, line) = (table?, group?, row?, column?, line?);
    let keys = [table, group, row, column, line];
    let names: Vec<String> = head.iter().enumerate().filter(|(at, _)| !keys.contains(at)).map(|(_, name)| name.clone()).collect();
    let mut grids: Vec<Grid> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(fail)?;
        let field = |at: usize| normal(record.get(at).unwrap_or_default());
        let id = field(table);
        if !grids.iter().any(|grid| grid.id == id) {
            let head = std::iter::once(String::new()).chain(names.iter().cloned()).collect();
            grids.push(Grid { id: id.clone(), head, places: Vec::new(), rows: Vec::new() });
        }
        let Some(grid) = grids.iter_mut().find(|grid| grid.id == id) else { continue };
        let label = [field(group), field(row), field(column)].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        grid.places.push(Place { label, line: field(line).parse().ok() });
        // Labels are compared as places.
        let values = record.iter().enumerate().filter(|(at, _)| !keys.contains(at)).map(|(_, value)| normal(value));
        grid.rows.push(std::iter::once(String::new()).chain(values).collect());
    }
    Ok(grids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_pipes_do_not_split() {
        assert_eq!(split("| a\\|b |  c   d | \\\\| e |"), ["a\\|b", "c d", "\\\\", "e"]);
        assert_eq!(split("| a | |"), ["a", ""]);
        assert_eq!(split("| a | b"), ["a", "b"]);
    }

    #[test]
    fn raised_marks_are_no_part_of_a_label() {
        assert_eq!(without_marks("MVAE<sup>a</sup>"), "MVAE");
        assert_eq!(without_marks("x<sup>"), "x<sup>");
    }
}
