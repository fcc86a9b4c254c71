/*!
`--extractor MODALITY=FILE`: features of a raw input, made once by a frozen TorchScript module and kept as a dataset of their own.

A module is code, so it is run only where the user asked: the modules that the command line names, and with `--trust-extractors` those that datasets carry.
The worker is told their SHA-256 and refuses every other.
*/

mod derived;

use std::{
    path::{Path, PathBuf},
    str::FromStr,
};

use bench_corruptions::Condition;
use bench_datasets::{Dataset, derive};

pub use derived::{Extraction, FOLDER};

use crate::{exit::Failure, folder::Folder};

/// A modality and the module that is to make its features.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The modality.
    pub modality: String,
    /// The TorchScript module.
    pub module: PathBuf,
}

impl FromStr for Asked {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((modality, file)) if !modality.is_empty() && !file.is_empty() => Ok(Self { modality: modality.into(), module: file.into() }),
            _ => Err(format!("extractor: `{text}` is no MODALITY=FILE, such as text=encoder.pt")),
        }
    }
}

impl Asked {
    /// Reads what flags and files say.
    ///
    /// # Errors
    /// A malformed one, a modality that is named twice, or a module that is not there.
    pub fn all(texts: &[String]) -> anyhow::Result<Vec<Self>> {
        let mut all: Vec<Self> = Vec::new();
        for text in texts {
            let asked: Self = text.parse().map_err(|problem: String| Failure::usage(problem))?;
            if all.iter().any(|other| other.modality == asked.modality) {
                return Err(Failure::usage(format!("extractor: `{}` has two; name one", asked.modality)));
            }
            if !asked.module.is_file() || asked.module.to_str().is_none() {
                return Err(Failure::usage(format!("extractor: there is no file {} for `{}`", asked.module.display(), asked.modality)));
            }
            all.push(asked);
        }
        Ok(all)
    }

    /// The tokenizer beside the module: `FILE` with the ending `.tokenizer.json`, else `tokenizer.json` in the same folder.
    fn tokenizer(&self) -> Option<PathBuf> {
        let beside = [self.module.with_extension("tokenizer.json"), self.module.with_file_name("tokenizer.json")];
        beside.into_iter().find(|file| file.is_file())
    }

    /// SHA-256 of the module, which is how the worker knows it.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn hash(&self) -> anyhow::Result<String> {
        Ok(derive::sum(&self.module)?)
    }
}

/// Where a run keeps features: the folder that `--cache` names, so that other runs find them, else one of its own.
pub fn features(folder: &Folder, cache: Option<&Path>) -> PathBuf {
    cache.map_or_else(|| folder.root().join(FOLDER), Path::to_owned)
}

/// Where it keeps those of corrupted inputs.
pub fn corrupted(folder: &Folder, cache: Option<&Path>) -> PathBuf {
    features(folder, cache).join("corrupted")
}

/// SHA-256 of the modules that a dataset carries.
pub fn carried(dataset: &Dataset) -> impl Iterator<Item = &str> {
    (0..dataset.modalities().len()).filter_map(|at| Some(dataset.extractor(at)?.module_hash.as_str()))
}

/// Refuses conditions that need a module which nobody trusted, before anything is trained.
///
/// # Errors
/// The first of them.
pub fn refuse_untrusted<'a>(dataset: &Dataset, conditions: impl IntoIterator<Item = &'a Condition>, trusted: &[String]) -> anyhow::Result<()> {
    for condition in conditions {
        let data = condition.data().iter().map(|atom| atom.modality());
        let attacked = condition.attack().unwrap_or_default().iter().map(|term| term.modality);
        for at in data.chain(attacked) {
            if let Some(extractor) = dataset.extractor(at).filter(|extractor| !trusted.contains(&extractor.module_hash)) {
                return Err(Failure::usage(format!(
                    "{condition} on {} runs the extractor {}, a TorchScript module, which is a program; where you trust it, give --trust-extractors",
                    dataset.reference(),
                    dataset.folder().join(&extractor.module).display()
                )));
            }
        }
    }
    Ok(())
}

/// A folder's name as the worker can be told it.
fn utf8(path: &Path) -> anyhow::Result<()> {
    match path.to_str() {
        Some(_) => Ok(()),
        None => Err(Failure::usage(format!("the name of the folder {} is not UTF-8; choose another name", path.display()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_modality_and_a_file_are_read_and_nothing_else() {
        assert_eq!("text=a=b.pt".parse(), Ok(Asked { modality: "text".into(), module: "a=b.pt".into() }));
        for text in ["text", "=a.pt", "text="] {
            assert!(text.parse::<Asked>().unwrap_err().contains("MODALITY=FILE"), "{text}");
        }
    }

    #[test]
    fn the_tokenizer_lies_beside_the_module() {
        let folder = tempfile::tempdir().unwrap();
        let asked = Asked { modality: "text".into(), module: folder.path().join("encoder.pt") };
        assert_eq!(asked.tokenizer(), None);
        for name in ["tokenizer.json", "encoder.tokenizer.json"] {
            std::fs::write(folder.path().join(name), "{}").unwrap();
            assert_eq!(asked.tokenizer(), Some(folder.path().join(name)));
        }
        let twice = ["text=/dev/null", "text=/dev/null"].map(String::from);
        assert!(Asked::all(&twice).unwrap_err().to_string().contains("there is no file"));
    }
}
