//! Tuned presets as files: one a dataset, a table a method.

use std::{collections::BTreeMap, fs::File, io::Read, path::Path};

use anyhow::Context;
use bench_card::Setting;
use serde::{Deserialize, Serialize};

use super::Subject;
use crate::exit::Failure;

/// Version of the file's format.
const FORMAT: u32 = 1;

/// Largest file that is read.
const LARGEST: u64 = 1 << 20;

/// The presets that come with the program, by dataset.
const BUILT_IN: [(&str, &str); 5] = [
    ("cremad-agree.toml", include_str!("../../../methods/presets/cremad-agree.toml")),
    ("cremad-votes.toml", include_str!("../../../methods/presets/cremad-votes.toml")),
    ("digits.toml", include_str!("../../../methods/presets/digits.toml")),
    ("mfeat.toml", include_str!("../../../methods/presets/mfeat.toml")),
    ("openmoji.toml", include_str!("../../../methods/presets/openmoji.toml")),
];

/// A tuned preset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// What it was tuned on, e.g. `digits?train=300`.
    pub dataset: String,
    /// Content hash of that.
    pub dataset_hash: String,
    /// Method id.
    pub method: String,
    /// The modality of a method that is one model a modality.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modality: Option<String>,
    /// The method's revision.
    pub revision: u32,
    /// How many settings were tried: the budget.
    pub settings: usize,
    /// Seeds that they were tried with.
    pub seeds: Vec<u64>,
    /// Most epochs.
    pub epochs: usize,
    /// Epochs without a better validation score.
    pub patience: usize,
    /// Version of libtorch.
    pub libtorch: String,
    /// The validation metric.
    pub metric: String,
    /// Median over the seeds with the defaults; absent where they could not be trained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<f64>,
    /// Median over the seeds with the setting chosen.
    pub chosen: f64,
    /// Median of all settings with the first seed: what a setting drawn blindly comes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawn: Option<f64>,
    /// The place of the setting chosen among those drawn; 0 is the defaults.
    pub place: usize,
    /// What it changes.
    #[serde(default)]
    pub setting: Setting,
}

impl Preset {
    /// What it is of.
    pub fn subject(&self) -> Subject {
        Subject { dataset: self.dataset.clone(), method: self.method.clone(), modality: self.modality.clone() }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    preset: Vec<Preset>,
}

/// Presets by what they are of.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Presets {
    all: BTreeMap<Subject, Preset>,
}

impl Presets {
    /// Those that come with the program.
    ///
    /// # Errors
    /// A defect of the program.
    pub fn built_in() -> anyhow::Result<Self> {
        let mut presets = Self::default();
        for (name, text) in BUILT_IN {
            presets.add(name, text)?;
        }
        Ok(presets)
    }

    /// Those of all `*.toml` files in a folder, each alone.
    ///
    /// # Errors
    /// A folder or file that cannot be read, naming it and the field.
    pub fn of_folder(folder: &Path) -> anyhow::Result<Self> {
        let refused = |error: std::io::Error| Failure::usage(format!("presets: cannot read the folder {}: {error}", folder.display()));
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(refused)? {
            let path = entry.map_err(refused)?.path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                paths.push(path);
            }
        }
        paths.sort();
        let mut presets = Self::default();
        for path in paths {
            presets.add(&path.display().to_string(), &read(&path)?)?;
        }
        Ok(presets)
    }

    /// Takes in a file's presets; one that is there already is replaced.
    fn add(&mut self, name: &str, text: &str) -> anyhow::Result<()> {
        let wrong = |reason: &str| Failure::usage(format!("{name} is no file of tuned presets: {}", reason.trim().replace('\n', " ")));
        let table: toml::Table = toml::from_str(text).map_err(|error| wrong(error.message()))?;
        // The version first: another format's fields would be reported as mistakes.
        match table.get("format").and_then(toml::Value::as_integer) {
            Some(version) if version == i64::from(FORMAT) => {}
            Some(version) => return Err(wrong(&format!("it has format {version}, this program reads {FORMAT}"))),
            None => return Err(wrong("it has no `format`")),
        }
        let document: Document = table.try_into().map_err(|error: toml::de::Error| wrong(error.message()))?;
        self.all.extend(document.preset.into_iter().map(|preset| (preset.subject(), preset)));
        Ok(())
    }

    /// The preset of a subject.
    pub fn get(&self, subject: &Subject) -> Option<&Preset> {
        self.all.get(subject)
    }

    /// All of them, by dataset, method and modality.
    pub fn iter(&self) -> impl Iterator<Item = &Preset> {
        self.all.values()
    }

    /// Adds or replaces one.
    pub fn insert(&mut self, preset: Preset) {
        self.all.insert(preset.subject(), preset);
    }

    /// The files that hold these presets: name and text, one a dataset whatever its parameters.
    ///
    /// # Errors
    /// What TOML cannot hold.
    pub fn files(&self) -> anyhow::Result<Vec<(String, String)>> {
        let mut by_file: BTreeMap<String, Vec<Preset>> = BTreeMap::new();
        for preset in self.all.values() {
            by_file.entry(file_of(&preset.dataset)).or_default().push(preset.clone());
        }
        let head = "# Chosen by `bench tune` on the validation split; what was tried is in the .csv file beside this one.\n";
        let text = |preset: Vec<Preset>| toml::to_string(&Document { format: FORMAT, preset }).context("cannot write the presets as TOML");
        by_file.into_iter().map(|(stem, presets)| Ok((format!("{stem}.toml"), format!("{head}{}", text(presets)?)))).collect()
    }
}

/// The name of a dataset's files, without their extension: the reference without its parameters and folders.
pub fn file_of(dataset: &str) -> String {
    let base = dataset.split('?').next().unwrap_or_default();
    let name = Path::new(base).file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    if name.is_empty() { "dataset".into() } else { name }
}

fn read(path: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    // A device has no length and no end.
    File::open(path)
        .and_then(|file| file.take(LARGEST + 1).read_to_string(&mut text))
        .with_context(|| format!("cannot read the presets {}", path.display()))?;
    if text.len() as u64 > LARGEST {
        return Err(Failure::usage(format!("{} is no file of tuned presets: it is larger than a megabyte", path.display())));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    pub fn preset(dataset: &str, method: &str) -> Preset {
        Preset {
            dataset: dataset.into(),
            dataset_hash: "ab".into(),
            method: method.into(),
            modality: None,
            revision: 1,
            settings: 20,
            seeds: vec![1009],
            epochs: 30,
            patience: 8,
            libtorch: "2.11.0".into(),
            metric: "accuracy".into(),
            default: Some(0.5),
            chosen: 0.6,
            drawn: None,
            place: 3,
            setting: Setting::default().with("lambda1", 0.4.into()).with("learning-rate", 2.0.into()),
        }
    }

    #[test]
    fn what_is_written_reads_back_one_file_a_dataset() {
        let mut presets = Presets::default();
        for (dataset, method) in [("digits?train=300", "raml"), ("digits", "raml"), ("digits", "concat"), ("./my/data?train=5", "raml")] {
            presets.insert(preset(dataset, method));
        }
        let files = presets.files().unwrap();
        assert_eq!(files.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["data.toml", "digits.toml"]);
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in &files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        fs::write(folder.path().join("digits.csv"), "not read").unwrap();
        assert_eq!(Presets::of_folder(folder.path()).unwrap(), presets);
    }

    #[test]
    fn every_committed_file_is_built_in_and_reads() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../methods/presets");
        let names = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.filter(|name| name.ends_with(".toml")).collect();
        names.sort();
        assert_eq!(names, BUILT_IN.map(|(name, _)| name));
        assert_eq!(Presets::of_folder(&folder).unwrap(), Presets::built_in().unwrap());
    }

    #[test]
    fn a_wrong_file_is_one_sentence_that_names_it() {
        let error = |text: &str| Presets::default().add("x.toml", text).unwrap_err().to_string();
        assert_eq!(error("preset = []"), "x.toml is no file of tuned presets: it has no `format`");
        assert_eq!(error("format = 9\nwhat = 1"), "x.toml is no file of tuned presets: it has format 9, this program reads 1");
        assert!(error("format = 1\n[[preset]]\ndataset = 'd'").contains("missing field"));
        assert!(error("format = 1\nshell = 'rm'").contains("unknown field `shell`"));
        assert!(error("\u{0}").starts_with("x.toml is no file of tuned presets: "));
        assert!(Presets::of_folder(Path::new("/no/such")).unwrap_err().to_string().contains("/no/such"));
    }
}
