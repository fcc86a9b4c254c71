//! Installing libtorch by pip into an environment of the repository's own.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::libtorch::VERSION;
use crate::place::Place;
use crate::python::Python;
use crate::space;

/// What of the torch package is installed; ordered: CUDA holds all that the CPU needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Extent {
    Cpu,
    Cuda,
}

impl Extent {
    /// What pip is asked for. libtorch_cpu of the CUDA build needs the runtime and the profiling library, nothing else.
    fn packages(self) -> Vec<String> {
        let torch = format!("torch=={VERSION}");
        match self {
            Self::Cpu => vec!["--no-deps".to_owned(), torch, "nvidia-cuda-runtime==13.0.96".to_owned(), "nvidia-cuda-cupti==13.0.85".to_owned()],
            Self::Cuda => vec![torch],
        }
    }

    /// Bytes needed at once: archives and what is unpacked from them.
    fn space(self) -> u64 {
        match self {
            Self::Cpu => 2_500_000_000,
            Self::Cuda => 9_000_000_000,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
        }
    }
}

/// Under this much, what failed is called a full disk.
const FULL: u64 = 200_000_000;

/// The torch package in the repository's environment, installed if it is not there yet or a previous installation was broken off.
/// `lock` is held by the caller.
pub(crate) fn ensure(place: &Place, python: Option<&Python>, extent: Extent, lock: &File) -> Result<PathBuf, String> {
    let environment = place.environment();
    let installed = installed_extent(&environment);
    if installed >= Some(extent)
        && let Some(torch) = torch_in(&environment)
    {
        return Ok(torch);
    }
    let python = python.ok_or_else(|| {
        format!(
            "no `python3` runs here, and libtorch is not set up: install Python 3 with pip, or set LIBTORCH to the folder of a libtorch {VERSION}"
        )
    })?;
    check_space(place, extent)?;
    if installed.is_none() && environment.exists() {
        eprintln!("xtask: removing {}, whose installation was not finished", place.shown(&environment));
        remove(&environment)?;
    }
    install(place, python, extent, lock)?;
    torch_in(&environment).ok_or_else(|| format!("pip installed torch, but it is not in {}: remove that folder and try again", environment.display()))
}

fn install(place: &Place, python: &Python, extent: Extent, lock: &File) -> Result<(), String> {
    let environment = place.environment();
    let marker = marker(&environment);
    // From here to the end the environment counts as broken off.
    if marker.exists() {
        std::fs::remove_file(&marker).map_err(|error| cannot("remove", &marker, &error))?;
    }
    let mut pip = pip_into(&environment)?;
    // pip unpacks beside what it installs: one disk to check, and what a killed pip leaves is removed with the environment.
    let unpacking = environment.join("tmp");
    std::fs::create_dir_all(&unpacking).map_err(|error| cannot("make", &unpacking, &error))?;
    let packages = extent.packages();
    eprintln!("xtask: pip installs {} into {} (Python {})", packages.join(" "), place.shown(&environment), python.version);
    pip.args(["install", "--disable-pip-version-check", "--no-input"]).args(packages).env("TMPDIR", &unpacking);
    // pip reads nothing, but holds the lock with us: where only this process is killed, the next one waits for the pip that runs on.
    let lock = lock.try_clone().map_err(|error| cannot("share", &place.lock(), &error))?;
    // Standard output belongs to the command that is run in the end.
    let status = pip.stdin(lock).stdout(io::stderr()).status().map_err(|error| format!("pip cannot be started: {error}"))?;
    if !status.success() {
        return Err(pip_failed(python, space::available(&environment)));
    }
    remove(&unpacking)?;
    std::fs::write(&marker, format!("{}\n", extent.word())).map_err(|error| cannot("write", &marker, &error))
}

/// `pip` of a virtual environment; where the venv module is missing (Debian packages it apart), the interpreter's own pip with a target folder.
fn pip_into(environment: &Path) -> Result<Command, String> {
    let inside = environment.join("bin/python");
    let packages = environment.join("packages");
    if !inside.exists() && !packages.exists() {
        let made = Command::new("python3").args(["-m", "venv"]).arg(environment).stdin(Stdio::null()).output();
        if !made.is_ok_and(|output| output.status.success()) {
            remove(environment)?;
        }
    }
    if inside.exists() {
        let mut pip = Command::new(inside);
        pip.args(["-m", "pip"]);
        return Ok(pip);
    }
    let has_pip = Command::new("python3").args(["-m", "pip", "--version"]).stdin(Stdio::null()).output();
    if !has_pip.is_ok_and(|output| output.status.success()) {
        return Err(
            "`python3` has neither venv nor pip, and one is needed to install libtorch: install it (Debian, Ubuntu: `apt install python3-venv`)"
                .to_owned(),
        );
    }
    std::fs::create_dir_all(&packages).map_err(|error| cannot("make", &packages, &error))?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip"]).env("PIP_TARGET", packages).env("PIP_UPGRADE", "1");
    Ok(pip)
}

fn pip_failed(python: &Python, available: Option<u64>) -> String {
    match available {
        Some(available) if available < FULL => format!("the disk is full ({} free): make room and try again", space::gigabytes(available)),
        _ => format!(
            "pip could not install torch {VERSION} (it says why above): check the network and that Python {} is one of 3.10 to 3.14, \
             or set LIBTORCH to the folder of a libtorch {VERSION}",
            python.version
        ),
    }
}

fn check_space(place: &Place, extent: Extent) -> Result<(), String> {
    match space::available(&place.root) {
        Some(available) if available < extent.space() => Err(format!(
            "installing libtorch needs {} of disk, {} has {} free: make room, or set LIBTORCH to the folder of a libtorch {VERSION}",
            space::gigabytes(extent.space()),
            place.root.display(),
            space::gigabytes(available)
        )),
        _ => Ok(()),
    }
}

/// Written when pip has finished; without it the environment is a broken-off installation.
fn marker(environment: &Path) -> PathBuf {
    environment.join(".complete")
}

fn installed_extent(environment: &Path) -> Option<Extent> {
    let word = std::fs::read_to_string(marker(environment)).ok()?;
    [Extent::Cpu, Extent::Cuda].into_iter().find(|extent| extent.word() == word.trim())
}

/// The torch package of a virtual environment or of a target folder.
fn torch_in(environment: &Path) -> Option<PathBuf> {
    let versions = std::fs::read_dir(environment.join("lib")).into_iter().flatten().flatten().map(|entry| entry.path().join("site-packages/torch"));
    let mut found: Vec<PathBuf> = versions.chain([environment.join("packages/torch")]).filter(|torch| torch.is_dir()).collect();
    found.sort();
    found.pop()
}

fn remove(folder: &Path) -> Result<(), String> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(cannot("remove", folder, &error)),
        _ => Ok(()),
    }
}

fn cannot(verb: &str, path: &Path, error: &io::Error) -> String {
    format!("cannot {verb} {}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_without_its_marker_is_broken_off() {
        let place = Place { root: std::env::temp_dir().join(format!("xtask-install-{}", std::process::id())) };
        let torch = place.environment().join("lib/python3.11/site-packages/torch");
        std::fs::create_dir_all(&torch).unwrap();
        let lock = File::create(place.lock()).unwrap();
        assert_eq!(installed_extent(&place.environment()), None);
        assert!(ensure(&place, None, Extent::Cpu, &lock).unwrap_err().contains("no `python3`"));

        std::fs::write(marker(&place.environment()), "cpu\n").unwrap();
        assert_eq!(ensure(&place, None, Extent::Cpu, &lock), Ok(torch));
        assert!(ensure(&place, None, Extent::Cuda, &lock).is_err(), "the CPU's part is not enough for CUDA");
        std::fs::remove_dir_all(&place.root).unwrap();
    }

    #[test]
    fn a_full_disk_is_told_from_a_missing_network() {
        let python = Python { version: "3.11".to_owned(), torch: None };
        assert!(pip_failed(&python, Some(1_000_000)).contains("disk is full"));
        assert!(pip_failed(&python, Some(50_000_000_000)).contains("check the network"));
        assert!(pip_failed(&python, None).contains("check the network"));
    }
}
