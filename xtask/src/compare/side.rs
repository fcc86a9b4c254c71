//! One side of the comparison: its run folder, and what names it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::compare::revisions::git;
use crate::place::Place;

/// Digits of a key in a folder's name.
const DIGITS: usize = 12;

/// A side's run.
#[derive(Debug)]
pub(crate) struct Side {
    /// The folder's name beneath `target/compare`: what the comparison calls this side.
    pub name: String,
    /// The folder that keeps the programs.
    pub programs: PathBuf,
    /// Beneath `target/compare/runs`.
    pub run: PathBuf,
}

/// How a run on one side ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Every trial is there.
    Whole,
    /// Some trials failed: the comparison says which.
    Failed,
    /// No comparison is possible; the code to exit with.
    Refused(u8),
}

/// `bench run` ends so when a trial failed.
const TRIAL_FAILED: i32 = 3;

/// Names a run by everything that its bits depend on: trials are kept by a method's revision and not by its code, so runs of different programs must never
/// meet in one folder. `code` says which code: a commit, or the bytes of the programs.
pub(crate) fn key(place: &Place, code: &str, flags: &[String]) -> Result<String, String> {
    let mut settings: Vec<_> = std::env::vars().filter(|(name, _)| name.starts_with("BENCH_")).collect();
    settings.sort();
    let machine = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let libtorch = std::env::var_os("LIBTORCH").map_or_else(|| place.link(), PathBuf::from);
    let version = ["build-version", "version.py"].map(|file| fs::read_to_string(libtorch.join(file)).unwrap_or_default());
    digest(place, &format!("{code}\n{flags:?}\n{settings:?}\n{}\n{version:?}\n", processor(&machine)))
}

/// Model and instruction sets of the first processor: kernels are chosen by them.
fn processor(listing: &str) -> String {
    let named = |line: &&str| line.starts_with("model name") || line.starts_with("flags");
    listing.lines().take_while(|line| !line.is_empty()).filter(named).collect::<Vec<_>>().join("\n")
}

/// Names the bytes of `files`.
pub(crate) fn code_of(place: &Place, files: &[PathBuf]) -> Result<String, String> {
    let mut arguments = vec!["hash-object", "--no-filters", "--"];
    for file in files {
        arguments.push(file.to_str().ok_or_else(|| format!("{} is not UTF-8", file.display()))?);
    }
    git(&place.root, &arguments)
}

fn digest(place: &Place, text: &str) -> Result<String, String> {
    let file = place.root.join("target/compare/key");
    fs::write(&file, text).map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    let mut digest = code_of(place, &[file])?;
    digest.truncate(DIGITS);
    Ok(digest)
}

impl Side {
    /// Whether an earlier run ended well.
    pub(crate) fn is_whole(&self) -> bool {
        self.mark().is_file() && self.run.join("run.toml").is_file()
    }

    fn mark(&self) -> PathBuf {
        self.run.with_extension("whole")
    }

    /// Runs `bench run` with `flags`, in the repository, and says how it ended. What an interrupted run finished is kept.
    pub(crate) fn run(&self, place: &Place, flags: &[String]) -> Result<End, String> {
        let mark = self.mark();
        if mark.exists() {
            fs::remove_file(&mark).map_err(|error| format!("cannot remove {}: {error}", mark.display()))?;
        }
        let bench = self.programs.join("bench");
        let mut command = Command::new(&bench);
        // Its tables are not what was asked for; its errors and its progress are.
        command.arg("run").args(flags).arg("--out").arg(&self.run).current_dir(&place.root).stdin(Stdio::null()).stdout(Stdio::null());
        let status = command.status().map_err(|error| format!("{} cannot be started: {error}", bench.display()))?;
        match status.code() {
            Some(0) => fs::write(&mark, "").map(|()| End::Whole).map_err(|error| format!("cannot write {}: {error}", mark.display())),
            Some(TRIAL_FAILED) => Ok(End::Failed),
            code => Ok(End::Refused(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1))),
        }
    }

    /// Gives the run folder the name that the comparison shows.
    pub(crate) fn link(&self, folder: &Path) -> Result<(), String> {
        let link = folder.join(&self.name);
        let failed = |error: std::io::Error| format!("cannot link {}: {error}", link.display());
        if link.is_symlink() {
            fs::remove_file(&link).map_err(failed)?;
        }
        let run = self.run.strip_prefix(folder).unwrap_or(&self.run);
        std::os::unix::fs::symlink(run, &link).map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::scratch::Scratch;

    #[test]
    fn the_processor_is_its_model_and_its_instruction_sets() {
        let listing = "processor\t: 0\nmodel name\t: A\ncpu MHz\t: 1\nflags\t: avx2\n\nprocessor\t: 1\nmodel name\t: B\n";
        assert_eq!(processor(listing), "model name\t: A\nflags\t: avx2");
    }

    #[test]
    fn other_code_or_other_flags_never_share_a_folder() {
        let scratch = Scratch::new("key");
        std::fs::create_dir_all(scratch.0.join("target/compare")).unwrap();
        let place = Place { root: scratch.0.clone() };
        let key = |code: &str, flags: &[&str]| key(&place, code, &flags.iter().map(|&flag| flag.to_owned()).collect::<Vec<_>>()).unwrap();
        let first = key("a", &["--seeds", "5"]);
        assert_eq!(first, key("a", &["--seeds", "5"]));
        assert_ne!(first, key("b", &["--seeds", "5"]));
        assert_ne!(first, key("a", &["--seeds", "6"]));
        assert_ne!(key("a", &["x y"]), key("a", &["x", "y"]));
        assert_eq!(first.len(), DIGITS);
    }

    #[test]
    fn a_run_is_whole_when_the_last_one_ended_well() {
        let scratch = Scratch::new("whole");
        let place = Place { root: scratch.0.clone() };
        let run = scratch.0.join("run");
        let side = Side { name: "head".to_owned(), programs: scratch.0.clone(), run: run.clone() };
        let program = |code: i32| {
            let script = format!("#!/bin/sh\nmkdir -p \"$4\" && touch \"$4/run.toml\"\nexit {code}\n");
            fs::write(scratch.0.join("bench.new"), script).unwrap();
            fs::set_permissions(scratch.0.join("bench.new"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
            fs::rename(scratch.0.join("bench.new"), scratch.0.join("bench")).unwrap();
            side.run(&place, &["--quiet".to_owned()]).unwrap()
        };
        assert!(!side.is_whole());
        assert_eq!((program(0), side.is_whole()), (End::Whole, true));
        assert_eq!((program(3), side.is_whole()), (End::Failed, false));
        assert_eq!((program(2), side.is_whole()), (End::Refused(2), false));
        assert!(run.is_dir());
    }
}
