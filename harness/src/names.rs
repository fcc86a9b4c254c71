//! Names that a user typed and nobody knows.

use bench_tables::reported::{self, ReportedOnly};

use crate::exit::Failure;

/// A sentence that says what was asked for, what may have been meant, and what there is.
pub fn unknown<'a>(kind: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> anyhow::Error {
    Failure::usage(format!("there is no {kind} `{name}`; {}", hint(name, known)))
}

/// The same of a method, which the papers' tables may have.
pub fn unknown_method<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> anyhow::Error {
    match reported::find(name) {
        Ok(Some(method)) => only_reported(method),
        _ => unknown("method", name, known),
    }
}

/// Why a method cannot be run of which only the papers' numbers exist.
pub fn only_reported(method: &ReportedOnly) -> anyhow::Error {
    let ReportedOnly { name, why, .. } = method;
    Failure::usage(format!("{name} cannot be run, its numbers are reported only: {why}; `bench methods show {name}` says where they are printed"))
}

/// What may have been meant by `name`, and what there is.
pub fn hint<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let there_are = if known.is_empty() { "there is none".into() } else { format!("known are {}", known.join(", ")) };
    let meant = closest(name, &known).map_or_else(String::new, |meant| format!("did you mean `{meant}`? "));
    meant + &there_are
}

/// The known name within a third of the length in edits (capitals count for nothing), if there is one; the first of several equally near.
pub fn closest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let name = name.to_lowercase();
    let near = known.iter().map(|known| (strsim::damerau_levenshtein(&name, &known.to_lowercase()), *known));
    near.filter(|(edits, known)| *edits <= (known.chars().count() / 3).max(1)).min_by_key(|(edits, _)| *edits).map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_that_only_papers_have_is_no_unknown_name() {
        let message = unknown_method("unimse", ["concat", "raml"]).to_string();
        assert!(message.starts_with("UniMSE cannot be run, its numbers are reported only: it fine-tunes a pretrained T5"), "{message}");
        assert!(unknown_method("RAML", ["concat", "raml"]).to_string().starts_with("there is no method `RAML`; did you mean `raml`"));
        assert!(unknown_method("ramll", ["concat", "raml"]).to_string().starts_with("there is no method `ramll`; did you mean"));
    }

    #[test]
    fn a_slip_is_recognised_and_everything_known_is_listed() {
        let message = unknown("method", "ramll", ["concat", "raml"]).to_string();
        assert_eq!(message, "there is no method `ramll`; did you mean `raml`? known are concat, raml");
        assert!(!unknown("method", "transformer", ["concat", "raml"]).to_string().contains("did you mean"));
    }
}
