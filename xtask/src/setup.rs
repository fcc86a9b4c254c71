//! Choosing a libtorch and linking it into the repository.

use std::fs::File;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::install::{self, Extent};
use crate::libtorch::{Libtorch, VERSION, inspect};
use crate::place::Place;
use crate::python;

/// What the user asks of set-up.
#[derive(Debug, Default)]
pub(crate) struct Wish {
    /// CUDA libraries too.
    pub cuda: bool,
    /// This libtorch and no other.
    pub libtorch: Option<PathBuf>,
}

/// Makes sure that `cargo build` finds a libtorch, and says which. Installs one if there is none.
pub(crate) fn set_up(place: &Place, wish: &Wish) -> Result<(), String> {
    check_compiler()?;
    let lock = lock(place)?;
    let variable = libtorch_variable(place)?;
    if let Some(folder) = &variable
        && wish.libtorch.as_ref().is_some_and(|wanted| wanted != folder)
    {
        return Err(format!("LIBTORCH is set to {} and wins over --libtorch: unset one of them", folder.display()));
    }
    let (chosen, source) = if let Some(folder) = variable {
        (demanded(&folder, "LIBTORCH", wish.cuda)?, "$LIBTORCH")
    } else if let Some(folder) = &wish.libtorch {
        let folder = std::path::absolute(folder).map_err(|error| format!("--libtorch {}: {error}", folder.display()))?;
        let found = demanded(&folder, "--libtorch", wish.cuda)?;
        link(place, &found.folder)?;
        (found, "--libtorch")
    } else if let Some(found) = in_repository(place, wish.cuda)? {
        (found, ".libtorch")
    } else {
        let (found, source) = from_python(place, wish.cuda, &lock)?;
        link(place, &found.folder)?;
        (found, source)
    };
    let folder = chosen.folder.canonicalize().unwrap_or(chosen.folder);
    eprintln!("xtask: libtorch {} from {source}: {}", chosen.version, place.shown(&folder));
    Ok(())
}

/// `$LIBTORCH`, if the user set it: cargo sets it to `.libtorch` for everything that it runs.
fn libtorch_variable(place: &Place) -> Result<Option<PathBuf>, String> {
    let Some(value) = std::env::var_os("LIBTORCH") else { return Ok(None) };
    let folder = PathBuf::from(value);
    if folder == place.link() {
        return Ok(None);
    }
    if !folder.is_absolute() {
        return Err(format!("LIBTORCH is `{}`, but build scripts run elsewhere: set it to an absolute path, or unset it", folder.display()));
    }
    Ok(Some(folder))
}

/// What the user names must be right: no other is taken instead.
fn demanded(folder: &Path, name: &str, cuda: bool) -> Result<Libtorch, String> {
    inspect(folder, cuda).map_err(|problem| {
        format!(
            "{name} names {}, which {problem}: name the folder of a libtorch {VERSION}, or leave {name} out to have one found or installed",
            folder.display()
        )
    })
}

/// `.libtorch`: a link that is no longer right is made anew, a folder is the user's own and never touched.
fn in_repository(place: &Place, cuda: bool) -> Result<Option<Libtorch>, String> {
    let link = place.link();
    if !link.is_symlink() && !link.exists() {
        return Ok(None);
    }
    match inspect(&link, cuda) {
        Ok(found) => Ok(Some(found)),
        Err(problem) if link.is_symlink() => {
            eprintln!("xtask: .libtorch is passed over: it {problem}");
            Ok(None)
        }
        Err(problem) => Err(format!("the folder {} {problem}: move it away, or put a libtorch {VERSION} there", link.display())),
    }
}

/// The active interpreter's torch, or the one that is installed for this repository.
fn from_python(place: &Place, cuda: bool, lock: &File) -> Result<(Libtorch, &'static str), String> {
    let python = python::active();
    if let Some(folder) = python.as_ref().and_then(|python| python.torch.as_deref()) {
        match inspect(folder, cuda) {
            Ok(found) => return Ok((found, "python3")),
            Err(problem) => eprintln!("xtask: python3's torch is passed over: {} {problem}", folder.display()),
        }
    }
    let extent = if cuda { Extent::Cuda } else { Extent::Cpu };
    let folder = install::ensure(place, python.as_ref(), extent, lock)?;
    let found = inspect(&folder, cuda)
        .map_err(|problem| format!("the installed {} {problem}: remove {} and try again", folder.display(), place.shown(&place.environment())))?;
    Ok((found, "pip"))
}

/// Points `.libtorch` to `folder`: relative inside the repository, so that it can be moved.
fn link(place: &Place, folder: &Path) -> Result<(), String> {
    let link = place.link();
    let target = folder.strip_prefix(&place.root).unwrap_or(folder);
    let failed = |error: std::io::Error| format!("cannot link {} to {}: {error}", link.display(), target.display());
    if std::fs::read_link(&link).is_ok_and(|present| present == target) || folder == link {
        return Ok(());
    }
    if link.is_symlink() {
        std::fs::remove_file(&link).map_err(failed)?;
    } else if link.exists() {
        return Err(format!("the folder {} is in the way: move it away", link.display()));
    }
    symlink(target, &link).map_err(failed)
}

/// Waits for another set-up of the same repository.
fn lock(place: &Place) -> Result<File, String> {
    lock_file(&place.lock(), "set-up")
}

/// Waits until no other process holds the file `path`; `what` names what it does.
pub(crate) fn lock_file(path: &Path, what: &str) -> Result<File, String> {
    let failed = |error: std::io::Error| format!("cannot lock {}: {error}", path.display());
    let file = File::options().create(true).read(true).append(true).open(path).map_err(failed)?;
    if file.try_lock().is_err() {
        eprintln!("xtask: waiting for another {what} of this repository");
        file.lock().map_err(failed)?;
    }
    Ok(file)
}

/// The bindings are C++: without a compiler the build would fail minutes later, in many lines.
fn check_compiler() -> Result<(), String> {
    let named = std::env::var("CXX").ok().filter(|name| !name.trim().is_empty());
    let command = named.as_deref().unwrap_or("c++");
    // CXX may hold a wrapper and flags, as in `ccache g++`.
    let program = command.split_whitespace().next().unwrap_or(command);
    match Command::new(program).arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status() {
        Ok(_) => Ok(()),
        Err(_) => Err(format!("no C++ compiler (`{program}`) runs here: install one (Debian, Ubuntu: `apt install g++`), or set CXX")),
    }
}
