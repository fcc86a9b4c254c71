//! The `--config` file, and the defaults, which are written in the same way.

use std::{fs, path::Path};

use anyhow::Context;

use super::Layer;
use crate::exit::Failure;

/// Largest file that is read: settings are a few lines.
const LARGEST: u64 = 1 << 20;

impl Layer {
    /// Reads a settings file.
    ///
    /// # Errors
    /// A file that cannot be read, or the field and line that is wrong.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let unreadable = || format!("cannot read the settings file {}", path.display());
        if fs::metadata(path).with_context(unreadable)?.len() > LARGEST {
            return Err(Failure::usage(format!("{} is no settings file: it is larger than a megabyte", path.display())));
        }
        read(&path.display().to_string(), &fs::read_to_string(path).with_context(unreadable)?)
    }
}

/// Reads settings from text; `name` is for messages.
pub(super) fn read(name: &str, text: &str) -> anyhow::Result<Layer> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().and_then(|span| text.get(..span.start)).map_or(1, |before| before.matches('\n').count() + 1);
        Failure::usage(format!("{name}, line {line}: {}", error.message().replace('\n', " ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_field_or_value_is_named_with_its_line() {
        let error = |text: &str| read("a.toml", text).unwrap_err().to_string();
        let unknown = error("epochs = 3\nseed = 4\n");
        assert!(unknown.starts_with("a.toml, line 2:") && unknown.contains("`seed`") && unknown.contains("`seeds`"), "{unknown}");
        assert!(error("seeds = 'all'").contains("number of seeds"));
        assert!(error("seeds = [1, -2]").contains("list of them"));
        assert!(error("epochs = -1").starts_with("a.toml, line 1:"));
        assert!(error("epochs = ").starts_with("a.toml, line 1:"));
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Layer::open(Path::new("/no/such.toml")).unwrap_err();
        assert!(crate::exit::sentence(&error).contains("/no/such.toml"));
    }
}
