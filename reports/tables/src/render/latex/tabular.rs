//! The `tabular` of some columns of a table.

use bench_audit::ledger::Mark;

use super::{escaped, prose};
use crate::{
    render::{
        heads::grid,
        lines::{BELOW, Line, NOTHING, Reasons, absent},
        numbers::Shown,
        prose::one_line,
    },
    table::{Cell, Measured, Row, Table},
};

/// Characters that fit across a page with little scaling.
const PAGE: usize = 125;

/// Consecutive columns of a table that fit one page.
pub(super) struct Part<'a> {
    table: &'a Table,
    /// The first column.
    first: usize,
    paths: Vec<&'a [String]>,
}

impl<'a> Part<'a> {
    /// The parts of a table, cut between outermost heads where they are narrow enough, else between columns.
    pub fn of(table: &'a Table) -> Vec<Self> {
        let room = PAGE.saturating_sub(table.rows.iter().map(|row| row.label.chars().count()).max().unwrap_or(0).max(10));
        let mut pieces: Vec<(usize, usize)> = Vec::new();
        let mut column = 0;
        while column < table.columns.len() {
            let outer = |at: usize| table.columns.get(at).and_then(|path| path.first());
            let span = (column..table.columns.len()).take_while(|&other| outer(other) == outer(column)).count();
            let width: usize = (column..column + span).map(|column| width(table, column)).sum();
            let step = if width > room { 1 } else { span };
            pieces.extend((column..column + span).step_by(step).map(|first| (first, step)));
            column += span;
        }
        let mut parts: Vec<(usize, usize)> = Vec::new();
        let mut used = 0;
        for (first, span) in pieces {
            let width: usize = (first..first + span).map(|column| width(table, column)).sum();
            match parts.last_mut() {
                Some(part) if used + width <= room => {
                    part.1 += span;
                    used += width;
                }
                _ => {
                    parts.push((first, span));
                    used = width;
                }
            }
        }
        parts
            .into_iter()
            .map(|(first, span)| Self { table, first, paths: table.columns.iter().skip(first).take(span).map(Vec::as_slice).collect() })
            .collect()
    }

    /// `\begin{tabular}` to `\end{tabular}`.
    pub fn tabular(&self, lines: &[Line], reasons: &Reasons) -> String {
        let mut out = format!("\\begin{{tabular}}{{@{{}}l{}@{{}}}}\n\\toprule\n", "r".repeat(self.paths.len()));
        out.push_str(&self.heads());
        out.push_str("\\midrule\n");
        for (at, line) in lines.iter().enumerate() {
            let (cells, heading) = self.line(line, reasons);
            if heading && at > 0 && !matches!(lines.get(at - 1), Some(Line::Heading(_))) {
                out.push_str("\\addlinespace\n");
            }
            out.push_str(&format!("{} \\\\\n", cells.join(" & ")));
        }
        out.push_str("\\bottomrule\n\\end{tabular}");
        out
    }

    fn heads(&self) -> String {
        let levels = grid(&self.paths);
        let depth = levels.len();
        let mut out = String::new();
        for level in 0..depth {
            let mut cells = vec![if level + 1 == depth { escaped(&one_line(&self.table.corner)) } else { String::new() }];
            let mut rules = String::new();
            let mut column = 0;
            while column < self.paths.len() {
                // A head that goes down over empty ones stands where it ends, on the line of the others.
                let ends = levels.iter().enumerate().flat_map(|(begin, heads)| heads.iter().map(move |head| (begin + head.rows - 1, head)));
                let here = ends.into_iter().find(|(end, head)| *end == level && head.column == column);
                let Some((_, head)) = here else {
                    cells.push(String::new());
                    column += 1;
                    continue;
                };
                let text = escaped(&one_line(head.text));
                cells.push(if head.columns > 1 {
                    format!("\\multicolumn{{{}}}{{c}}{{{text}}}", head.columns)
                } else {
                    format!("\\multicolumn{{1}}{{c}}{{{text}}}")
                });
                if level + 1 < depth && !head.text.trim().is_empty() {
                    rules.push_str(&format!("\\cmidrule(lr){{{}-{}}}", column + 2, column + 1 + head.columns));
                }
                column += head.columns;
            }
            out.push_str(&format!("{} \\\\\n", cells.join(" & ")));
            if !rules.is_empty() {
                out.push_str(&format!("{rules}\n"));
            }
        }
        out
    }

    /// The cells of a line, and whether it is a heading.
    fn line(&self, line: &Line, reasons: &Reasons) -> (Vec<String>, bool) {
        let all = self.paths.len();
        let why = |reason: &str| match reasons.letter(reason) {
            Some(letter) => format!("n/a\\textsuperscript{{{letter}}}"),
            None => prose(reason),
        };
        match line {
            Line::Heading(text) => (vec![format!("\\multicolumn{{{}}}{{@{{}}l@{{}}}}{{\\textit{{{}}}}}", all + 1, escaped(&one_line(text)))], true),
            Line::Reported(row) => (
                std::iter::once(label(row, reasons)).chain((self.first..self.first + all).map(|column| reported(row.cells.get(column)))).collect(),
                false,
            ),
            Line::Absent(reason) => (vec![below(), format!("\\multicolumn{{{all}}}{{c@{{}}}}{{\\scriptsize {}}}", why(reason))], false),
            Line::Measured(cells) => (std::iter::once(below()).chain(self.measured(cells, why)).collect(), false),
        }
    }

    /// Measured cells; neighbours without a number for the same reason are one.
    fn measured(&self, cells: &[Option<&Measured>], why: impl Fn(&str) -> String) -> Vec<String> {
        let mut here: &[Option<&Measured>] = cells.get(self.first..(self.first + self.paths.len()).min(cells.len())).unwrap_or_default();
        let mut out = Vec::new();
        while let Some((&first, _)) = here.split_first() {
            let same =
                here.iter().take_while(|cell| first.and_then(absent).is_some() && cell.and_then(absent) == first.and_then(absent)).count().max(1);
            out.push(match first {
                None => String::new(),
                Some(Measured::Value(value)) => number(&Shown::from(value)),
                Some(Measured::Absent(reason)) => {
                    format!("\\multicolumn{{{same}}}{{{}}}{{\\scriptsize {}}}", if same > 1 { "c" } else { "r" }, why(reason))
                }
            });
            here = here.get(same..).unwrap_or_default();
        }
        out
    }
}

fn below() -> String {
    format!("\\quad{{\\scriptsize {} measured}}", escaped(BELOW))
}

fn label(row: &Row, reasons: &Reasons) -> String {
    let mark = row
        .reported_only
        .as_ref()
        .and_then(|reason| reasons.letter(reason))
        .map_or_else(String::new, |letter| format!("\\textsuperscript{{{letter}}}"));
    format!("{}{mark}", escaped(&one_line(&row.label)))
}

fn reported(cell: Option<&Cell>) -> String {
    let number = cell.and_then(|cell| cell.reported.as_ref()).map_or_else(
        || escaped(NOTHING),
        |reported| {
            let text = escaped(&one_line(&reported.text));
            match reported.mark {
                Mark::None => text,
                Mark::Best => format!("\\textbf{{{text}}}"),
                Mark::Second => format!("\\underline{{{text}}}"),
            }
        },
    );
    let flags: Vec<String> = cell.iter().flat_map(|cell| &cell.flags).map(ToString::to_string).collect();
    if flags.is_empty() { number } else { format!("{number}\\textsuperscript{{{}}}", flags.join(",")) }
}

fn number(shown: &Shown) -> String {
    let mark = if shown.mark.is_empty() { String::new() } else { format!("\\,{}", escaped(shown.mark)) };
    let difference = shown.difference.as_ref().map_or_else(String::new, |difference| format!(" ({})", escaped(difference)));
    let on = shown.stand_in.map_or_else(String::new, |on| format!(" {{\\scriptsize {}}}", escaped(on)));
    format!("{}{mark}{difference}{on}", escaped(&shown.number))
}

/// Characters that the widest cell of a column takes, about.
fn width(table: &Table, column: usize) -> usize {
    let measured = |measured: &Measured| match measured {
        Measured::Value(value) => {
            let shown = Shown::from(value);
            shown.number.chars().count()
                + 2 * usize::from(!shown.mark.is_empty())
                + shown.difference.map_or(0, |text| text.len() + 3)
                + shown.stand_in.map_or(0, |on| on.chars().count() * 3 / 4 + 1)
        }
        // Several of them are set as one cell.
        Measured::Absent(_) => 6,
    };
    let cell = |cell: &Cell| {
        let printed = cell.reported.as_ref().map_or(1, |reported| reported.text.chars().count()) + cell.flags.len() * 2;
        cell.measured.iter().flatten().map(measured).max().unwrap_or(0).max(printed)
    };
    let head = table.columns.get(column).and_then(|path| path.iter().rev().find(|head| !head.is_empty())).map_or(0, |head| head.chars().count());
    2 + table.rows.iter().filter_map(|row| row.cells.get(column)).map(cell).max().unwrap_or(0).max(head)
}
