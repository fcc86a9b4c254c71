//! A table in Markdown, CSV, LaTeX, HTML and JSON.

mod csv;
mod heads;
mod html;
mod json;
mod latex;
mod legend;
mod lines;
mod markdown;
mod numbers;
mod prose;

pub use self::{
    csv::csv,
    html::html,
    json::{ReadError, json, read},
    latex::latex,
    markdown::{markdown, table_markdown},
};
pub(crate) use self::{
    lines::BELOW,
    markdown::{cells, head},
};

use crate::table::Table;

/// `Table I (RAML)`, `Figure 2 (DEF+AAF)`.
fn name(table: &Table) -> String {
    let number = if table.number.contains(' ') { table.number.clone() } else { format!("Table {}", table.number) };
    format!("{number} ({})", table.paper)
}
