//! Which format files are in, by what they hold.

use std::path::PathBuf;

use bench_readers::{Container, Source};

use crate::{
    ImportError,
    formats::{ALL, Format, Glance, open},
};

/// The only format that takes these files for its own, and why.
///
/// # Errors
/// Where no format does, or several do: what was found, and which.
pub fn recognise(paths: &[PathBuf]) -> Result<(&'static Format, String), ImportError> {
    among(ALL, paths)
}

fn among<'a>(formats: &'a [Format], paths: &[PathBuf]) -> Result<(&'a Format, String), ImportError> {
    let first = paths.first().ok_or_else(|| ImportError::request("there is no file or folder to look at; give one"))?;
    let (tree, found) = if first.is_dir() { (None, "a folder".to_owned()) } else { look(first)? };
    let glance = Glance { paths: paths.to_vec(), tree };
    let mut candidates: Vec<(&Format, String)> = formats.iter().filter_map(|format| Some((format, (format.recognise)(&glance)?))).collect();
    match (candidates.pop(), candidates.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(last), false) => {
            candidates.push(last);
            let reasons: Vec<String> = candidates.iter().map(|(format, reason)| format!("`{}`, because {reason}", format.name)).collect();
            Err(ImportError::request(format!(
                "{}: {found} may be in several formats: {}; name the one that it is",
                first.display(),
                reasons.join("; ")
            )))
        }
        (None, _) => Err(ImportError::request(format!(
            "{}: found {found}, which no format takes for its own; name the format, `bench import --list` has all",
            first.display()
        ))),
    }
}

/// What a file nests, if it is a container, and what it is in words. A container that is damaged is an error: to guess on would hide why.
fn look(path: &std::path::Path) -> Result<(Option<bench_readers::Tree>, String), ImportError> {
    let container = Container::of(&Source::open(path)?)?;
    if matches!(container, Container::Text | Container::Unknown) {
        return Ok((None, container.to_string()));
    }
    let tree = open(path)?;
    let found = format!("{container} with {}", tree.root().describe());
    Ok((Some(tree), found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Draft;

    const fn format(name: &'static str, recognise: fn(&Glance) -> Option<String>) -> Format {
        Format { name, title: "", paths: "", takes: &[], read: |_| Ok(Draft::default()), recognise }
    }

    #[test]
    fn one_candidate_is_taken_and_none_or_two_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let paths = [folder.path().to_owned()];
        let yes = format("yes", |glance| glance.paths[0].is_dir().then(|| "it is a folder".into()));
        let no = format("no", |_| None);
        let formats = [no, yes];
        let (found, reason) = among(&formats, &paths).unwrap();
        assert_eq!((found.name, reason.as_str()), ("yes", "it is a folder"));
        let none = among(&[no], &paths).unwrap_err().to_string();
        assert!(none.contains("found a folder, which no format takes for its own"), "{none}");
        let two = among(&[yes, no, yes], &paths).unwrap_err().to_string();
        assert!(two.contains("`yes`, because it is a folder; `yes`, because"), "{two}");
        assert!(among(&[yes], &[]).unwrap_err().to_string().contains("no file or folder"));
    }
}
