//! The `--config` file, and the defaults, which are written in the same way.

use std::{collections::BTreeMap, fs::File, io::Read, path::Path};

use anyhow::Context;
use serde::Deserialize;
use toml::{Spanned, Value};

use super::Layer;
use crate::{exit::Failure, names};

/// The settings, in the order in which they are listed.
const FIELDS: [&str; 22] = [
    "suite",
    "table",
    "on",
    "dataset",
    "folds",
    "by",
    "method",
    "seeds",
    "epochs",
    "patience",
    "device",
    "jobs",
    "shard",
    "out",
    "data",
    "reference",
    "preset",
    "presets",
    "init-from",
    "freeze",
    "extractor",
    "cache",
];

/// Largest file that is read: settings are a few lines.
const LARGEST: u64 = 1 << 20;

impl Layer {
    /// Reads a settings file.
    ///
    /// # Errors
    /// A file that cannot be read, or the field and line that is wrong.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let mut text = String::new();
        // A device has no length and no end.
        File::open(path)
            .and_then(|file| file.take(LARGEST + 1).read_to_string(&mut text))
            .with_context(|| format!("cannot read the settings file {}", path.display()))?;
        if text.len() as u64 > LARGEST {
            return Err(Failure::usage(format!("{} is no settings file: it is larger than a megabyte", path.display())));
        }
        read(&path.display().to_string(), &text)
    }
}

/// Reads settings from text; `name` is for messages.
pub(super) fn read(name: &str, text: &str) -> anyhow::Result<Layer> {
    let refuse = |at: usize, problem: String| {
        let line = text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
        Failure::usage(format!("{name}, line {line}: {problem}"))
    };
    let fields: BTreeMap<Spanned<String>, Value> =
        toml::from_str(text).map_err(|error| refuse(error.span().map_or(0, |span| span.start), error.message().replace('\n', " ")))?;
    let mut layer = toml::Table::new();
    for (field, value) in fields {
        let (at, field) = (field.span().start, field.into_inner());
        if !FIELDS.contains(&field.as_str()) {
            return Err(refuse(at, names::unknown("setting", &field, FIELDS).to_string()));
        }
        // Each alone: an error does not say which field it is about.
        if let Err(error) = Layer::deserialize(toml::Table::from_iter([(field.clone(), value.clone())])) {
            return Err(refuse(at, format!("{field}: {}", plain(error.message()))));
        }
        layer.insert(field, value);
    }
    Layer::deserialize(layer).map_err(|error| refuse(0, error.message().replace('\n', " ")))
}

/// What serde says of a value, without the names of Rust's types.
fn plain(message: &str) -> String {
    let words = [("a sequence", "a list"), ("usize", "a whole number from 0"), ("path string", "a path in quotes"), ("a string", "text in quotes")];
    let mut message = message.trim().replace('\n', " ");
    for (jargon, word) in words {
        message = message.replace(&format!("expected {jargon}"), &format!("expected {word}"));
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_field_or_value_is_named_with_its_line() {
        let error = |text: &str| read("a.toml", text).unwrap_err().to_string();
        let unknown = error("epochs = 3\nseed = 4\n");
        assert!(unknown.starts_with("a.toml, line 2: there is no setting `seed`; did you mean `seeds`? known are suite,"), "{unknown}");
        assert!(error("seeds = 'all'").contains("number of seeds"));
        assert!(error("seeds = [1, -2]").contains("list of them"));
        assert!(error("\nepochs = -1").starts_with("a.toml, line 2: epochs: "));
        assert!(error("epochs = ").starts_with("a.toml, line 1:"));
        assert_eq!(error("jobs = 'many'"), "a.toml, line 1: jobs: invalid type: string \"many\", expected a whole number from 0");
        assert_eq!(error("method = 'raml'"), "a.toml, line 1: method: invalid type: string \"raml\", expected a list");
    }

    #[test]
    fn the_fields_listed_are_those_that_are_read() {
        let unknown = Layer::deserialize(toml::Table::from_iter([("x".to_string(), Value::Boolean(true))])).unwrap_err();
        let read: Vec<&str> = unknown.message().split('`').skip(3).step_by(2).collect();
        assert_eq!(read, FIELDS, "{}", unknown.message());
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Layer::open(Path::new("/no/such.toml")).unwrap_err();
        assert!(crate::exit::sentence(&error).contains("/no/such.toml"));
    }
}
