/*!
HTML: one page that needs nothing else, without scripts. What stands behind a measured number is in its tooltip and, by its link, in the list of trials below
the table, which a browser unfolds where the link leads into it.
*/

mod trials;

use bench_audit::ledger::Mark;

use self::trials::Trials;
use super::{
    heads::grid,
    legend,
    lines::{BELOW, Line, NOTHING, Reasons, joined, lines},
    name,
    numbers::{Shown, provenance},
    prose::{marked_up, one_line},
};
use crate::table::{Cell, Code, Collection, Measured, Table, Value, Verdict};

const STYLE: &str = include_str!("style.css");

/// A complete page.
pub fn html(collection: &Collection) -> String {
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>Tables of the papers</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>Tables of the papers</h1>\n"
    );
    out.push_str(&collection.code.as_ref().map_or_else(String::new, |code| format!("<p>{}</p>\n", measured_with(code))));
    if collection.tables.len() > 1 {
        let links: String =
            collection.tables.iter().map(|table| format!("<a href=\"#{}\">{}</a>\n", anchor(&table.id), escaped(&name(table)))).collect();
        out.push_str(&format!("<nav>\n{links}</nav>\n"));
    }
    for table in &collection.tables {
        out.push_str(&section(collection, table));
    }
    out + "</body>\n</html>\n"
}

fn measured_with(code: &Code) -> String {
    let text = format!(
        "Measured with bench {}, libtorch {} on {}: at most {} epochs, patience {}.",
        code.bench, code.libtorch, code.device, code.epochs, code.patience
    );
    escaped(&text)
}

fn section(collection: &Collection, table: &Table) -> String {
    let lines = lines(table);
    let page = Page { table, collection, reasons: Reasons::of(&lines), trials: Trials::of(table) };
    let id = anchor(&table.id);
    let mut out = format!("<section>\n<h2 id=\"{id}\">{} <small>{}</small></h2>\n", escaped(&name(table)), prose(&table.caption));
    out.push_str(&format!("<div class=\"wide\">\n<table>\n<thead>\n{}</thead>\n<tbody>\n", heads(table)));
    out.extend(lines.iter().map(|line| page.line(line)));
    out.push_str("</tbody>\n</table>\n</div>\n");
    let sentences = legend::sentences(table).into_iter().map(|sentence| prose(&sentence));
    let reasons = page.reasons.all().map(|(letter, reason)| format!("<sup>{letter}</sup> {}.", prose(reason)));
    let legend: String = sentences.chain(reasons).map(|text| format!("<p>{text}</p>\n")).collect();
    out.push_str(&format!("<div class=\"legend\">\n{legend}</div>\n"));
    if !table.notes.is_empty() {
        let notes: String = table.notes.iter().map(|note| format!("<li>{}</li>\n", prose(note))).collect();
        out.push_str(&format!("<ul class=\"notes\">\n{notes}</ul>\n"));
    }
    if !table.flags.is_empty() {
        let flag = |(at, flag): (usize, &crate::table::Flag)| {
            format!("<li id=\"{id}-flag-{}\"><code>{}</code>: {}</li>\n", at + 1, escaped(&flag.id), prose(&flag.text))
        };
        let flags: String = table.flags.iter().enumerate().map(flag).collect();
        out.push_str(&format!(
            "<details{}><summary>What the audit says of printed numbers ({})</summary>\n<ol>\n{flags}</ol>\n</details>\n",
            if table.flags.len() > legend::FLAGS_IN_SIGHT { "" } else { " open" },
            table.flags.len()
        ));
    }
    out.push_str(&table.command.as_ref().map_or_else(String::new, |command| format!("<pre><code>{}</code></pre>\n", escaped(&one_line(command)))));
    out.push_str(&page.trials.details(&id, collection));
    out + "</section>\n"
}

fn heads(table: &Table) -> String {
    let paths: Vec<&[String]> = table.columns.iter().map(Vec::as_slice).collect();
    let levels = grid(&paths);
    let depth = levels.len();
    let attribute = |name: &str, count: usize| if count > 1 { format!(" {name}=\"{count}\"") } else { String::new() };
    let row = |(level, heads): (usize, &Vec<super::heads::Head>)| {
        let corner = if level == 0 {
            format!("<th class=\"deep\"{}>{}</th>", attribute("rowspan", depth), escaped(&one_line(&table.corner)))
        } else {
            String::new()
        };
        let head = |head: &super::heads::Head| {
            let deep = if level + head.rows == depth { " class=\"deep\"" } else { "" };
            format!("<th{deep}{}{}>{}</th>", attribute("colspan", head.columns), attribute("rowspan", head.rows), escaped(&one_line(head.text)))
        };
        format!("<tr>{corner}{}</tr>\n", heads.iter().map(head).collect::<String>())
    };
    levels.iter().enumerate().map(row).collect()
}

/// What the cells of a table refer to.
struct Page<'a> {
    table: &'a Table,
    collection: &'a Collection,
    reasons: Reasons<'a>,
    trials: Trials<'a>,
}

impl Page<'_> {
    fn line(&self, line: &Line) -> String {
        let columns = self.table.columns.len();
        match line {
            Line::Heading(text) => format!("<tr class=\"heading\"><th colspan=\"{}\">{}</th></tr>\n", columns + 1, escaped(&one_line(text))),
            Line::Reported(row) => {
                let mark = row.reported_only.as_ref().and_then(|reason| Some((reason, self.reasons.letter(reason)?)));
                let mark = mark.map_or_else(String::new, |(reason, letter)| format!("<sup title=\"{}\">{letter}</sup>", attribute(reason)));
                let cells: String = (0..columns).map(|column| self.reported(row.cells.get(column))).collect();
                format!("<tr class=\"printed\"><th scope=\"row\">{}{mark}</th>{cells}</tr>\n", escaped(&one_line(&row.label)))
            }
            Line::Absent(reason) => {
                format!(
                    "<tr class=\"measured\"><th scope=\"row\">{BELOW} measured</th><td class=\"absent\" colspan=\"{columns}\">{}</td></tr>\n",
                    self.why(reason)
                )
            }
            Line::Measured(cells) => format!("<tr class=\"measured\"><th scope=\"row\">{BELOW} measured</th>{}</tr>\n", self.measured(cells)),
        }
    }

    fn reported(&self, cell: Option<&Cell>) -> String {
        let number = cell.and_then(|cell| cell.reported.as_ref()).map_or_else(
            || NOTHING.to_owned(),
            |reported| {
                let text = escaped(&one_line(&reported.text));
                match reported.mark {
                    Mark::None => text,
                    Mark::Best => format!("<b>{text}</b>"),
                    Mark::Second => format!("<u>{text}</u>"),
                }
            },
        );
        let flag = |number: &usize| {
            let text = number.checked_sub(1).and_then(|at| self.table.flags.get(at)).map_or("", |flag| flag.text.as_str());
            format!("<a href=\"#{}-flag-{number}\" title=\"{}\">{number}</a>", anchor(&self.table.id), attribute(text))
        };
        let flags: Vec<String> = cell.iter().flat_map(|cell| &cell.flags).map(flag).collect();
        let flags = if flags.is_empty() { String::new() } else { format!("<sup>{}</sup>", flags.join(",")) };
        format!("<td>{number}{flags}</td>")
    }

    fn measured(&self, cells: &[Option<&Measured>]) -> String {
        let cell = |(cell, span): (Option<&Measured>, usize)| match cell {
            None => "<td></td>".into(),
            Some(Measured::Value(value)) => self.number(value),
            Some(Measured::Absent(reason)) => {
                let span = if span > 1 { format!(" colspan=\"{span}\"") } else { String::new() };
                format!("<td class=\"absent\"{span}>{}</td>", self.why(reason))
            }
        };
        joined(cells).into_iter().map(cell).collect()
    }

    fn number(&self, value: &Value) -> String {
        let shown = Shown::from(value);
        let class = match value.versus.as_ref().map(|versus| versus.verdict) {
            Some(Verdict::Better | Verdict::SeedsBetter) => "better",
            Some(Verdict::Worse | Verdict::SeedsWorse) => "worse",
            _ => "",
        };
        let mark = if shown.mark.is_empty() { String::new() } else { format!(" <span class=\"{class}\">{}</span>", shown.mark) };
        let difference = shown.difference.map_or_else(String::new, |difference| format!(" <small>({difference})</small>"));
        let on = shown.stand_in.map_or_else(String::new, |on| format!(" <span class=\"on\">{}</span>", escaped(on)));
        let mut data: Vec<&str> = value.trials.iter().filter_map(|key| Some(self.collection.trials.get(key)?.dataset_hash.as_str())).collect();
        data.dedup();
        let title = attribute(&provenance(self.table, value, &data));
        let number = match self.trials.number(value) {
            Some(at) => format!("<a href=\"#{}-trials-{at}\">{}</a>", anchor(&self.table.id), shown.number),
            None => shown.number,
        };
        format!("<td title=\"{title}\">{number}{mark}{difference}{on}</td>")
    }

    fn why(&self, reason: &str) -> String {
        self.reasons
            .letter(reason)
            .map_or_else(|| prose(reason), |letter| format!("<span title=\"{}\">n/a<sup>{letter}</sup></span>", attribute(reason)))
    }
}

/// What an `id` takes and a link needs no escapes for.
fn anchor(id: &str) -> String {
    id.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' }).collect()
}

/// Escaped text in which code is set as code.
fn prose(text: &str) -> String {
    marked_up(&one_line(text), escaped, |code| format!("<code>{}</code>", escaped(code)))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// Text of an attribute, with its line breaks.
fn attribute(text: &str) -> String {
    escaped(text).replace('\n', "&#10;")
}
