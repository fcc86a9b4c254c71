/*!
What a run folder from elsewhere holds, found without following a link and without opening what is no plain file.

A folder that was sent by somebody may hold anything: nothing outside it is read, nothing but known names is copied, and what is cut off is not
copied either.
*/

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use bench_store::{StoreError, TrainedTrial, folder::TrialFolder};

use crate::{
    exit::Failure,
    folder::{Folder, Known},
};

/// Files of a trial beside `trial.json` and `conditions.json`, which are written last.
const FILES: [&str; 4] = ["weights.safetensors", "losses.parquet", "steps.parquet", "diagnostics.json"];
/// Largest text that is read whole: the plan of a million trials takes less.
const LARGEST_TEXT: u64 = 1 << 28;

/// What is copied of a run folder.
pub struct Content {
    /// By key.
    pub trials: BTreeMap<String, Trial>,
    /// Names of files in `costs/`.
    pub costs: Vec<String>,
}

/// A finished trial.
pub struct Trial {
    /// Its folder.
    pub root: PathBuf,
    /// `trial.json`.
    pub trained: TrainedTrial,
    /// `conditions.json`.
    pub known: Known,
    /// Files by their path in it, without these two; `/` between folder and file.
    pub files: Vec<String>,
}

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Folder,
    File(u64),
}

impl Content {
    /// Of a run folder.
    ///
    /// # Errors
    /// A link, a device, a name that no run folder has, or a file that is damaged or cut off, by its path.
    pub fn of(folder: &Folder) -> anyhow::Result<Self> {
        let root = folder.root();
        Ok(Self { trials: trials(&root.join("trials"))?, costs: costs(&root.join("costs"))? })
    }

    /// Files that are copied.
    pub fn files(&self) -> usize {
        self.trials.values().map(|trial| trial.files.len() + 1).sum::<usize>() + self.costs.len()
    }
}

/// Refuses a text at `path` that is no plain file or too large to be one of a run folder; whether it is there.
///
/// # Errors
/// A link, a folder, a device, or hundreds of megabytes.
pub fn text(path: &Path) -> anyhow::Result<bool> {
    match kind(path)? {
        None => Ok(false),
        Some(Kind::File(bytes)) if bytes <= LARGEST_TEXT => Ok(true),
        Some(Kind::File(bytes)) => Err(Failure::usage(format!("{} has {bytes} bytes, which no such file of a run folder has", shown(path)))),
        Some(Kind::Folder) => Err(Failure::usage(format!("{} is a folder, and a file is expected there", shown(path)))),
    }
}

fn trials(root: &Path) -> anyhow::Result<BTreeMap<String, Trial>> {
    let mut trials = BTreeMap::new();
    for name in names(root)? {
        let path = root.join(&name);
        if !hexadecimal(&name, 32) {
            return Err(Failure::usage(format!("{} is no trial: the name of a trial's folder is 32 hexadecimal digits", shown(&path))));
        }
        if kind(&path)? != Some(Kind::Folder) {
            return Err(Failure::usage(format!("{} is a file, and a trial's folder is expected there", shown(&path))));
        }
        trials.extend(trial(&path, &name)?.map(|trial| (name, trial)));
    }
    Ok(trials)
}

/// The trial in this folder; `None` where training is not finished.
fn trial(root: &Path, key: &str) -> anyhow::Result<Option<Trial>> {
    let file = root.join("trial.json");
    if !text(&file)? {
        return Ok(None);
    }
    text(&root.join("conditions.json"))?;
    let folder = TrialFolder::at(root);
    let Some(trained) = folder.read()? else { return Ok(None) };
    if trained.spec.key() != key {
        return Err(Failure::usage(format!("{} is of another trial than its folder's name says: of {}", shown(&file), trained.spec.key())));
    }
    let mut files = Vec::new();
    for name in names(root)?.into_iter().filter(|name| name != "trial.json" && name != "conditions.json") {
        let path = root.join(&name);
        match kind(&path)? {
            Some(Kind::File(_)) if FILES.contains(&name.as_str()) => {
                refuse_cut_off(&path)?;
                files.push(name);
            }
            Some(Kind::Folder) if name == "eval" => {
                for scores in names(&path)? {
                    let file = path.join(&scores);
                    let expected = scores.strip_suffix(".parquet").is_some_and(|hash| hexadecimal(hash, 16));
                    if !expected || !matches!(kind(&file)?, Some(Kind::File(_))) {
                        return Err(Failure::usage(format!("{} is no file of scores", shown(&file))));
                    }
                    refuse_cut_off(&file)?;
                    files.push(format!("eval/{scores}"));
                }
            }
            _ => return Err(Failure::usage(format!("{} is nothing that a trial's folder holds; remove it", shown(&path)))),
        }
    }
    Ok(Some(Trial { root: root.into(), trained, known: Known::read(&folder)?, files }))
}

fn costs(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut costs = Vec::new();
    for name in names(root)? {
        let expected = name.strip_suffix(".json").is_some_and(|key| hexadecimal(key, 32) || key == "extractors");
        if !expected || !text(&root.join(&name))? {
            return Err(Failure::usage(format!("{} is no measurement of a model's cost", shown(&root.join(&name)))));
        }
        costs.push(name);
    }
    Ok(costs)
}

/// Names in a folder, sorted, none where it is not there. Hidden ones are left out: what a killed write left behind, and what file managers put there.
fn names(folder: &Path) -> anyhow::Result<Vec<String>> {
    match kind(folder)? {
        None => return Ok(Vec::new()),
        Some(Kind::Folder) => {}
        Some(Kind::File(_)) => return Err(Failure::usage(format!("{} is a file, and a folder is expected there", shown(folder)))),
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(StoreError::io("read", folder))? {
        let name = entry.map_err(StoreError::io("read", folder))?.file_name();
        let Some(text) = name.to_str() else { return Err(Failure::usage(format!("the name of {} is not UTF-8", shown(&folder.join(&name))))) };
        if !text.starts_with('.') {
            names.push(text.to_owned());
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// What stands at a path, `None` where nothing does.
fn kind(path: &Path) -> anyhow::Result<Option<Kind>> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StoreError::io("read", path)(error).into()),
    };
    if found.is_dir() {
        Ok(Some(Kind::Folder))
    } else if found.is_file() {
        Ok(Some(Kind::File(found.len())))
    } else {
        let what = if found.is_symlink() { "a link, which is not followed" } else { "neither a file nor a folder" };
        Err(Failure::usage(format!("{} is {what}; run folders hold files and folders alone", shown(path))))
    }
}

/// Refuses a Parquet file without its end, and any empty file. The
/// format begins and ends with the same four letters; the length of the footer stands before the last.
fn refuse_cut_off(path: &Path) -> anyhow::Result<()> {
    let read = |path: &Path| -> io::Result<bool> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        if path.extension() != Some(OsStr::new("parquet")) || length < 12 {
            return Ok(path.extension() != Some(OsStr::new("parquet")) && length > 0);
        }
        let (mut head, mut tail) = ([0; 4], [0; 8]);
        file.read_exact(&mut head)?;
        file.seek(SeekFrom::End(-8))?;
        file.read_exact(&mut tail)?;
        let (footer, end) = tail.split_at(4);
        let footer = footer.iter().rev().fold(0u64, |number, &byte| number << 8 | u64::from(byte));
        Ok(&head == b"PAR1" && end == b"PAR1" && footer + 12 <= length)
    };
    if read(path).map_err(StoreError::io("read", path))? {
        return Ok(());
    }
    Err(damaged(path, "it is cut off"))
}

/// A file of an input that is not what it should be; merging makes nothing anew.
pub fn damaged(path: &Path, why: &str) -> anyhow::Error {
    Failure::usage(format!(
        "{} is damaged: {why}; copy it again, or delete it and run the command of its folder again, which makes it anew",
        shown(path)
    ))
}

fn hexadecimal(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// A path without letters that would move a terminal's cursor.
fn shown(path: &Path) -> String {
    let letters = path.to_string_lossy();
    letters.chars().flat_map(|letter| if letter.is_control() { letter.escape_default().collect::<Vec<_>>() } else { vec![letter] }).collect()
}
