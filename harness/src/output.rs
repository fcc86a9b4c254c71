//! Results on standard output.

use std::io::{self, Write};

use anyhow::Context;
use tabled::{
    builder::Builder,
    settings::{Alignment, Padding, Style, Width, object::Columns, peaker::PriorityMax},
};

/// Writes text to standard output. A reader that has gone away (`bench list | head`) is no error.
///
/// # Errors
/// Any other refusal, such as a full disk.
pub fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let written =
        out.write_all(text.as_bytes()).and_then(|()| if text.ends_with('\n') { Ok(()) } else { out.write_all(b"\n") }).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error).context("cannot write to standard output"),
        _ => Ok(()),
    }
}

/// Pretty JSON on standard output.
///
/// # Errors
/// As [`print()`].
pub fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    print(&serde_json::to_string_pretty(value).context("cannot write the result as JSON")?)
}

/// A line on standard error, where nobody may be listening.
pub fn tell(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// A plain table: a header, a rule, rows; columns named in `right` are aligned right. On a terminal it is wrapped to the width, in its widest columns.
pub fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>, right: &[usize]) -> String {
    table_of_width(header, rows, right, width())
}

/// Width of the terminal that standard output is, if it is one.
pub fn width() -> Option<usize> {
    terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0))
}

/// The same wrapped to a width that is given.
pub fn table_of_width(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>, right: &[usize], width: Option<usize>) -> String {
    let mut builder = Builder::default();
    builder.push_record(header.iter().copied());
    for row in rows {
        builder.push_record(row);
    }
    let mut table = builder.build();
    table.with(Style::psql().remove_vertical()).with(Padding::new(0, 2, 0, 0));
    for &column in right {
        table.modify(Columns::one(column), Alignment::right());
    }
    if let Some(width) = width {
        table.with(Width::wrap(width).keep_words(true).priority(PriorityMax::right()));
    }
    let lines: Vec<String> = table.to_string().lines().map(|line| line.trim_end().to_string()).collect();
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_terminal_wraps_the_widest_column_between_words() {
        let text = table_of_width(&["name", "what"], [vec!["digits".into(), "speech image pen ".repeat(6)]], &[], Some(40));
        assert!(text.lines().all(|line| line.chars().count() <= 40), "{text}");
        assert!(text.lines().count() > 4, "{text}");
        assert!(text.contains("digits"), "{text}");
    }

    #[test]
    fn a_table_has_a_rule_and_no_trailing_blanks() {
        let text = table(&["name", "n"], [vec!["digits".into(), "5".into()], vec!["x".into(), "1500".into()]], &[1]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0].split_whitespace().collect::<Vec<_>>(), ["name", "n"]);
        assert!(lines.iter().all(|line| line.trim_end() == *line));
        assert_eq!(lines[2].find('5'), lines[3].find("1500").map(|at| at + 3));
    }
}
