//! What `python3` has.

use std::path::PathBuf;
use std::process::Command;

/// The active interpreter.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Python {
    /// Major and minor, e.g. `3.11`.
    pub version: String,
    /// The folder of its torch package, if it has one.
    pub torch: Option<PathBuf>,
}

/// Tells the version and where torch would be imported from, without importing it (which takes seconds and may fail).
const QUESTION: &str = "\
import importlib.util, sys
print('python %d.%d' % sys.version_info[:2])
found = importlib.util.find_spec('torch')
for folder in (found.submodule_search_locations or []) if found else []:
    print('torch ' + folder)
";

/// Asks the `python3` on the path; `None` if there is none that runs.
pub(crate) fn active() -> Option<Python> {
    let output = Command::new("python3").args(["-c", QUESTION]).output().ok()?;
    answer(&String::from_utf8_lossy(&output.stdout))
}

fn answer(text: &str) -> Option<Python> {
    let version = text.lines().find_map(|line| line.strip_prefix("python "))?.to_owned();
    let torch = text.lines().find_map(|line| line.strip_prefix("torch ")).map(PathBuf::from);
    Some(Python { version, torch })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_and_torch_are_read_from_the_answer() {
        let expected = Python { version: "3.11".to_owned(), torch: Some(PathBuf::from("/my env/torch")) };
        assert_eq!(answer("python 3.11\ntorch /my env/torch\n"), Some(expected));
    }

    #[test]
    fn a_python_without_torch_is_still_a_python() {
        assert_eq!(answer("python 3.12\n"), Some(Python { version: "3.12".to_owned(), torch: None }));
        assert_eq!(answer(""), None);
    }
}
