//! Markdown: pipe tables that are readable as plain text and on GitHub.

use bench_audit::ledger::Mark;

use super::{
    legend,
    lines::{BELOW, Line, NOTHING, Reasons, absent, lines},
    name,
    numbers::Shown,
    prose::{marked_up, one_line},
};
use crate::table::{Cell, Collection, Flag, Measured, Table};

/// A page with all tables.
pub fn markdown(collection: &Collection) -> String {
    let mut blocks = vec!["# Tables of the papers".to_owned()];
    blocks.extend(collection.code.as_ref().map(|code| {
        format!(
            "Measured with bench {}, libtorch {} on {}: at most {} epochs, patience {}.",
            escaped(&code.bench),
            escaped(&code.libtorch),
            escaped(&code.device),
            code.epochs,
            code.patience
        )
    }));
    blocks.extend(collection.tables.iter().map(|table| table_markdown(table).trim_end().to_owned()));
    blocks.join("\n\n") + "\n"
}

/// One table: its heading, the table between two comments by which [`check`](crate::check::check) finds it, and what a reader needs below. Ends with a newline.
pub fn table_markdown(table: &Table) -> String {
    let mut blocks = vec![
        format!("## {}: {}", escaped(&name(table)), prose(&table.caption)),
        format!("<!-- table {} -->", table.id),
        pipes(&head(table), &cells(table)),
        format!("<!-- end {} -->", table.id),
    ];
    let found = lines(table);
    let mut legend: Vec<String> = legend::sentences(table).iter().map(|sentence| format!("- {}", prose(sentence))).collect();
    legend.extend(Reasons::of(&found).all().map(|(letter, reason)| format!("- <sup>{letter}</sup> {}.", prose(reason))));
    legend.extend(table.notes.iter().map(|note| format!("- {}", prose(note))));
    if !legend.is_empty() {
        blocks.push(legend.join("\n"));
    }
    blocks.extend(flags(&table.flags));
    blocks.extend(table.command.as_ref().map(|command| format!("```sh\n{}\n```", one_line(command))));
    blocks.join("\n\n") + "\n"
}

/// What the audit says, by the numbers in the cells.
fn flags(flags: &[Flag]) -> Option<String> {
    let items: Vec<String> =
        flags.iter().enumerate().map(|(at, flag)| format!("{}. `{}`: {}", at + 1, flag.id.replace('`', "'"), prose(&flag.text))).collect();
    let title = if items.len() == 1 {
        "What the audit says of one printed number".to_owned()
    } else {
        format!("What the audit says of printed numbers: {} flags", items.len())
    };
    match items.len() {
        0 => None,
        1..=legend::FLAGS_IN_SIGHT => Some(format!("{title}.\n\n{}", items.join("\n"))),
        _ => Some(format!("<details><summary>{title}</summary>\n\n{}\n\n</details>", items.join("\n"))),
    }
}

/// The head row: each column's path with its levels one below the other.
pub(crate) fn head(table: &Table) -> Vec<String> {
    let column = |path: &Vec<String>| path.iter().filter(|head| !head.trim().is_empty()).map(|head| escaped(head)).collect::<Vec<_>>().join("<br>");
    std::iter::once(escaped(&table.corner)).chain(table.columns.iter().map(column)).collect()
}

/// The rows below the head as they are written, label first.
pub(crate) fn cells(table: &Table) -> Vec<Vec<String>> {
    let lines = lines(table);
    let reasons = Reasons::of(&lines);
    let empty = || std::iter::repeat_n(String::new(), table.columns.len());
    let why = |reason: &str| reasons.letter(reason).map_or_else(|| prose(reason), |letter| format!("n/a<sup>{letter}</sup>"));
    let row = |line: &Line| -> Vec<String> {
        match line {
            Line::Heading(text) => std::iter::once(format!("*{}*", escaped(text))).chain(empty()).collect(),
            Line::Reported(row) => {
                let mark = row
                    .reported_only
                    .as_ref()
                    .and_then(|reason| reasons.letter(reason))
                    .map_or_else(String::new, |letter| format!("<sup>{letter}</sup>"));
                let printed = (0..table.columns.len()).map(|column| row.cells.get(column).map_or_else(|| NOTHING.into(), reported));
                std::iter::once(format!("{}{mark}", escaped(&row.label))).chain(printed).collect()
            }
            Line::Measured(cells) => {
                let cell = |cell: &Option<&Measured>| match cell {
                    None => String::new(),
                    Some(Measured::Value(value)) => measured(&Shown::from(value)),
                    Some(found) => absent(found).map_or_else(String::new, why),
                };
                std::iter::once(format!("{BELOW} measured")).chain(cells.iter().map(cell)).collect()
            }
            Line::Absent(reason) => std::iter::once(format!("{BELOW} measured: {}", why(reason))).chain(empty()).collect(),
        }
    };
    lines.iter().map(row).collect()
}

fn reported(cell: &Cell) -> String {
    let number = cell.reported.as_ref().map_or_else(
        || NOTHING.to_owned(),
        |reported| {
            let text = escaped(&reported.text);
            match reported.mark {
                Mark::None => text,
                Mark::Best => format!("**{text}**"),
                Mark::Second => format!("<u>{text}</u>"),
            }
        },
    );
    let flags: Vec<String> = cell.flags.iter().map(ToString::to_string).collect();
    if flags.is_empty() { number } else { format!("{number}<sup>{}</sup>", flags.join(",")) }
}

fn measured(shown: &Shown) -> String {
    let mark = if shown.mark.is_empty() { String::new() } else { format!(" {}", shown.mark) };
    let difference = shown.difference.as_ref().map_or_else(String::new, |difference| format!(" ({difference})"));
    let on = shown.stand_in.map_or_else(String::new, |on| format!(" <sub>{}</sub>", escaped(on)));
    format!("{}{mark}{difference}{on}", shown.number)
}

/// A pipe table whose source is aligned: the first column left, the others right.
fn pipes(head: &[String], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        rows.iter().chain([&head.to_vec()]).filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0).max(4)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &[String]| {
        let padded = cells
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(at, (cell, &width))| if at == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") });
        format!("| {} |", padded.collect::<Vec<_>>().join(" | "))
    };
    let rule: Vec<String> =
        widths.iter().enumerate().map(|(at, &width)| if at == 0 { "-".repeat(width) } else { format!("{}:", "-".repeat(width - 1)) }).collect();
    [line(head), line(&rule)].into_iter().chain(rows.iter().map(|row| line(row))).collect::<Vec<_>>().join("\n")
}

/// Escaped text in which code stays code.
fn prose(text: &str) -> String {
    marked_up(&one_line(text), escaped, |code| format!("`{}`", code.replace('|', "\\|")))
}

/// Text of which nothing is markup: backslashes only where a reader of Markdown would see markup, so that the source stays readable.
fn escaped(text: &str) -> String {
    // A line break would end the row.
    let characters: Vec<char> = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    let mut out = String::with_capacity(text.len());
    for (at, &character) in characters.iter().enumerate() {
        let beside = |other: Option<usize>| other.and_then(|other| characters.get(other)).copied();
        let (before, after) = (beside(at.checked_sub(1)), beside(Some(at + 1)));
        let inside_word = before.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric);
        let needed = match character {
            '\\' | '`' | '*' | '<' | '|' | '$' => true,
            ']' => matches!(after, Some('(' | '[' | ':')),
            '_' => !inside_word,
            '~' => before == Some('~') || after == Some('~'),
            '&' => after.is_some_and(|after| after.is_ascii_alphabetic() || after == '#'),
            _ => false,
        };
        if needed {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_only_where_it_would_be_markup() {
        assert_eq!(escaped("Self-MM_b {I,T} > 0.5 & up"), "Self-MM_b {I,T} > 0.5 & up");
        assert_eq!(escaped("a|b <i> _x_ $y$ *z* [w](u) [v] `v` \\ &lt;"), "a\\|b \\<i> \\_x\\_ \\$y\\$ \\*z\\* [w\\](u) [v] \\`v\\` \\\\ \\&lt;");
        assert_eq!(escaped("two\nlines"), "two lines");
        assert_eq!(prose("by `a_b|c` or _d"), "by `a_b\\|c` or \\_d");
    }
}
