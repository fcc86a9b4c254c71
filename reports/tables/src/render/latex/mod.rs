/*!
LaTeX: a document with a booktabs `table` for each table, or for each part of one that is wider than a page.

The document was compiled with pdfTeX of TeX Live 2022 (Debian's `texlive-latex-base` and `texlive-latex-recommended`): `pdflatex tables.tex`, once. A copied
`table` needs the packages of [`PREAMBLE`] and its `\fitted`.
*/

mod escape;
mod tabular;

use self::{escape::escaped, tabular::Part};
use super::{
    legend,
    lines::{Reasons, lines},
    name,
    prose::{marked_up, one_line},
};
use crate::table::{Collection, Table};

/// What tables need. `\fitted` scales what is larger than the page and nothing else.
const PREAMBLE: &str = r"\documentclass[a4paper,10pt]{article}
\usepackage[T1]{fontenc}
\usepackage[margin=18mm]{geometry}
\usepackage{amsmath,amssymb,booktabs,graphicx}
\newsavebox{\fittedbox}
\newcommand{\fitted}[1]{%
  \sbox{\fittedbox}{#1}%
  \ifdim\wd\fittedbox>\linewidth \sbox{\fittedbox}{\resizebox{\linewidth}{!}{\usebox{\fittedbox}}}\fi
  \ifdim\dimexpr\ht\fittedbox+\dp\fittedbox\relax>0.82\textheight
    \resizebox{!}{0.82\textheight}{\usebox{\fittedbox}}\else\usebox{\fittedbox}\fi}
\setlength{\tabcolsep}{4pt}
\setlength{\parindent}{0pt}
\raggedbottom
";

/// A complete document in ASCII.
pub fn latex(collection: &Collection) -> String {
    let mut out = format!("{PREAMBLE}\\begin{{document}}\n");
    if let Some(code) = &collection.code {
        let text = format!(
            "Measured with bench {}, libtorch {} on {}: at most {} epochs, patience {}.",
            code.bench, code.libtorch, code.device, code.epochs, code.patience
        );
        out.push_str(&format!("{}\n\n", prose(&text)));
    }
    for table in &collection.tables {
        out.push_str(&section(table));
    }
    out + "\\end{document}\n"
}

/// The parts of a table, then what belongs to it but is too long to float.
fn section(table: &Table) -> String {
    let found = lines(table);
    let reasons = Reasons::of(&found);
    let parts = Part::of(table);
    let mut out = format!("\n% {}\n", escaped(&table.id));
    for (at, part) in parts.iter().enumerate() {
        let place = if parts.len() > 1 { format!(" (part {} of {})", at + 1, parts.len()) } else { String::new() };
        let label = if at == 0 { format!("\\label{{tab:{}}}\n", identifier(&table.id)) } else { String::new() };
        let caption = format!("{}: {}{place}", escaped(&one_line(&name(table))), prose(table.caption.trim_end_matches('.')));
        let tabular = part.tabular(&found, &reasons);
        out.push_str(&format!("\\begin{{table}}[htbp]\n\\centering\\footnotesize\n\\caption{{{caption}.}}\n{label}\\fitted{{%\n{tabular}}}\n"));
        let below = if at + 1 == parts.len() { below(table, &reasons) } else { String::new() };
        out.push_str(&format!("{below}\\end{{table}}\n"));
    }
    out.push_str(&remarks(table));
    out.push_str("\\clearpage\n");
    out
}

/// Marks, stand-ins and reasons, which a copied table needs.
fn below(table: &Table, reasons: &Reasons) -> String {
    let mut text: Vec<String> = legend::sentences(table).iter().map(|sentence| prose(sentence)).collect();
    text.extend(reasons.all().map(|(letter, reason)| format!("\\textsuperscript{{{letter}}}~{}.", prose(reason.trim_end_matches('.')))));
    if text.is_empty() { String::new() } else { format!("\\par\\smallskip\n\\parbox{{\\linewidth}}{{\\scriptsize {}}}\n", text.join("\n")) }
}

/// Notes, flags and the command.
fn remarks(table: &Table) -> String {
    let mut items: Vec<String> = table.notes.iter().map(|note| prose(note)).collect();
    items.extend(
        table
            .flags
            .iter()
            .enumerate()
            .map(|(at, flag)| format!("\\textsuperscript{{{}}}~\\texttt{{{}}}: {}", at + 1, escaped(&flag.id), prose(&flag.text))),
    );
    items.extend(table.command.as_ref().map(|command| format!("\\texttt{{{}}}", escaped(&one_line(command)))));
    if items.is_empty() { String::new() } else { format!("{{\\scriptsize\\raggedright\n{}\\par}}\n", items.join("\\par\n")) }
}

/// What a `\label` takes.
fn identifier(id: &str) -> String {
    id.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' }).collect()
}

/// Escaped text in which code is set as code.
fn prose(text: &str) -> String {
    marked_up(&one_line(text), escaped, |code| format!("\\texttt{{{}}}", escaped(code)))
}
