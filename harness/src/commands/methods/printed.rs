//! Methods of which only the papers' numbers exist.

use std::fmt::Write;

use bench_card::short_reference;
use bench_tables::{
    Spec,
    reported::{self, ReportedOnly},
    spec,
};
use serde::Serialize;

use crate::exit::Failure;

/// A method with the tables that print its numbers.
#[derive(Debug, Serialize)]
pub struct Printed {
    /// What is known of it.
    #[serde(flatten)]
    pub method: &'static ReportedOnly,
    /// Ids, as in `bench tables cp-sl-1`.
    pub tables: Vec<String>,
}

impl Printed {
    /// A method with its tables among `specs`.
    pub fn of(method: &'static ReportedOnly, specs: &[Spec]) -> Self {
        Self { method, tables: method.tables(specs) }
    }

    /// Its paper in a few words.
    pub fn paper(&self) -> String {
        short_reference(self.method.paper.as_deref().unwrap_or_default(), self.method.year)
    }

    /// Everything that is known of it, for people.
    pub fn show(&self) -> String {
        let Self { method, tables } = self;
        let mut text = format!("{}: {} (reported only)\n\n", method.name, method.summary);
        // Writing to a string cannot fail.
        let mut line = |name: &str, value: &str| {
            let _ = writeln!(text, "{name:<13} {value}");
        };
        line("paper", method.paper.as_deref().unwrap_or("not known"));
        if let Some(year) = method.year {
            line("year", &year.to_string());
        }
        line("printed in", &tables.iter().map(|table| format!("`bench tables {table}`")).collect::<Vec<_>>().join(", "));
        line("measured", &format!("nothing: {}; the numbers in these tables are the papers' own", method.why));
        if let Some(note) = &method.note {
            line("note", note);
        }
        text
    }
}

/// All, in the order of their file.
///
/// # Errors
/// A built-in file that cannot be read: a defect.
pub fn all() -> anyhow::Result<Vec<Printed>> {
    let specs = specs()?;
    let methods = reported::builtin().map_err(|error| Failure::internal(error.to_string()))?;
    Ok(methods.iter().map(|method| Printed::of(method, &specs)).collect())
}

/// The papers' tables.
///
/// # Errors
/// A built-in file that cannot be read: a defect.
pub fn specs() -> anyhow::Result<Vec<Spec>> {
    spec::builtin().map_err(|error| Failure::internal(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_known_is_shown_and_what_is_not_is_said() {
        let show = |name: &str| Printed::of(reported::find(name).unwrap().unwrap(), &specs().unwrap()).show();
        let unimse = show("unimse");
        assert!(unimse.starts_with("UniMSE: a T5 that ") && unimse.contains("(EMNLP 2022)"), "{unimse}");
        assert!(unimse.contains("printed in    `bench tables cp-sl-1`\n") && unimse.contains("measured      nothing: it fine-tunes"), "{unimse}");
        let unknown = show("HCMSL");
        assert!(unknown.contains("paper         not known\n") && unknown.contains("placeholder"), "{unknown}");
        assert!(all().unwrap().iter().all(|one| !one.tables.is_empty()));
    }
}
