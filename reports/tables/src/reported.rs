/*!
Methods whose numbers are the papers' alone: what stands in a row of a table and is nothing that can be trained here.

They are data ([`builtin`]); a row says `reported = "NAME"`. A method that could be trained and is not here yet is none of them.
*/

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::{Spec, SpecError};

const FILE: &str = "reported.toml";
const TEXT: &str = include_str!("../data/reported.toml");

/// Format of the file.
const FORMAT: u32 = 1;

static METHODS: LazyLock<Result<Vec<ReportedOnly>, SpecError>> = LazyLock::new(|| read(TEXT));

/// A method of which only printed numbers exist here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportedOnly {
    /// As the papers' tables print it.
    pub name: String,
    /// Other names that it is asked by.
    #[serde(default)]
    pub also: Vec<String>,
    /// Authors, title, venue and year; `None` where it is not known.
    pub paper: Option<String>,
    /// Year of the paper, or as the table prints it.
    pub year: Option<u32>,
    /// What it is.
    #[serde(rename = "is")]
    pub summary: String,
    /// Why nothing is measured: a clause.
    pub why: String,
    /// What a reader must know of the reference.
    pub note: Option<String>,
}

/// The file as it stands.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    format: u32,
    methods: Vec<ReportedOnly>,
}

impl ReportedOnly {
    /// Why nothing is measured in its rows: `reported only: it …`.
    pub fn reason(&self) -> String {
        format!("reported only: {}", self.why)
    }

    /// Ids of the tables that print it, in their order.
    pub fn tables(&self, specs: &[Spec]) -> Vec<String> {
        let prints = |spec: &&Spec| spec.rows.iter().chain(&spec.columns).any(|leaf| leaf.meaning.reported.as_ref() == Some(&self.name));
        specs.iter().filter(prints).map(|spec| spec.id.clone()).collect()
    }

    fn is_called(&self, name: &str) -> bool {
        std::iter::once(&self.name).chain(&self.also).any(|own| own.eq_ignore_ascii_case(name))
    }
}

/// All, in the order of the file.
///
/// # Errors
/// A file that cannot be read.
pub fn builtin() -> Result<&'static [ReportedOnly], SpecError> {
    METHODS.as_deref().map_err(Clone::clone)
}

/// The one that goes by this name, whatever its capitals.
///
/// # Errors
/// A file that cannot be read.
pub fn find(name: &str) -> Result<Option<&'static ReportedOnly>, SpecError> {
    Ok(builtin()?.iter().find(|method| method.is_called(name)))
}

fn read(text: &str) -> Result<Vec<ReportedOnly>, SpecError> {
    let fail = |reason: String| SpecError { file: FILE.into(), reason };
    let raw: Raw = toml::from_str(text).map_err(|error| fail(error.to_string().trim_end().to_owned()))?;
    if raw.format != FORMAT {
        return Err(fail(format!("`format` is {}, this program reads {FORMAT}", raw.format)));
    }
    Ok(raw.methods)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_capitals_and_by_their_other_names() {
        let found = |name: &str| find(name).unwrap().map(|method| method.name.as_str());
        assert_eq!(found("unimse"), Some("UniMSE"));
        assert_eq!(found("ImageBind"), Some("ImageBind-FT"));
        assert_eq!(found("MulT"), None);
    }

    #[test]
    fn a_file_of_another_format_is_refused() {
        assert!(read("format = 2\nmethods = []").unwrap_err().to_string().contains("`format` is 2"));
        assert!(read("format = 1\n[[methods]]\nname = 'a'").unwrap_err().to_string().contains("reported.toml"));
    }
}
