//! A table for people.

use crate::report::markdown_table;

/// Text in rows and columns; the first column is left-aligned, the others right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// What it shows, with the unit of everything in it.
    pub title: String,
    /// Names of the columns.
    pub heads: Vec<String>,
    /// As many cells as heads.
    pub rows: Vec<Vec<String>>,
    /// What a reader must know to read it.
    pub notes: Vec<String>,
}

impl Table {
    pub(super) fn new(title: impl Into<String>, heads: &[&str]) -> Self {
        Self { title: title.into(), heads: heads.iter().map(ToString::to_string).collect(), ..Self::default() }
    }

    /// The same with notes.
    pub(super) fn noting<'a>(mut self, notes: impl IntoIterator<Item = &'a str>) -> Self {
        self.notes.extend(notes.into_iter().map(ToString::to_string));
        self
    }

    /// In Markdown: title in bold, table, notes as a list.
    pub fn markdown(&self) -> String {
        let mut text = format!("**{}**\n\n{}\n", self.title, markdown_table(self.heads.clone(), self.rows.clone()));
        if !self.notes.is_empty() {
            text.push('\n');
            text.extend(self.notes.iter().map(|note| format!("- {note}\n")));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_has_title_table_and_notes() {
        let mut table = Table::new("Bytes", &["method", "peak"]).noting(["one batch"]);
        table.rows.push(vec!["a".into(), "3 B".into()]);
        assert_eq!(table.markdown(), "**Bytes**\n\n| method | peak |\n| ------ | ---: |\n| a      |  3 B |\n\n- one batch\n");
    }
}
