/*!
The programs of both sides.

Both are built into one target folder, so that what comes from other repositories is compiled once. Cargo names what it makes of a package of the workspace by the
package's path *within* the workspace, so two work trees would take each other's libraries for their own wherever the files are older than those. A compiler
wrapper for the workspace's packages is part of that name, and is not of the others': the base is built through one that does nothing.
*/

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::cargo;
use crate::place::Place;

/// What a run needs; they look for each other side by side.
const PROGRAMS: [&str; 2] = ["bench", "bench-worker"];

const ARGUMENTS: [&str; 6] = ["build", "--workspace", "--bin", "bench", "--bin", "bench-worker"];

/// A `rustc` that is named otherwise.
const WRAPPER: &str = "#!/bin/sh\n# Keeps what is built of the base apart from what is built of the work tree.\nexec \"$@\"\n";

/// Builds `tree`, a work tree of another commit, and copies its programs to `to`.
pub(crate) fn base(place: &Place, tree: &Path, wrapper: &Path, to: &Path) -> Result<ExitCode, String> {
    write_wrapper(wrapper)?;
    let target = built_here()?;
    let target = target.parent().ok_or("this executable does not lie in a target folder")?;
    // The same path on both sides: the bindings are compiled anew where it differs, and it is where the programs look for libtorch.
    let libtorch = std::env::var_os("LIBTORCH").unwrap_or_else(|| place.link().into());
    let mut command = cargo::command(place);
    command.args(ARGUMENTS).current_dir(tree).env("LIBTORCH", libtorch);
    apart(&mut command, target, wrapper);
    finish(cargo::finish(&mut command)?, to)
}

/// Builds the work tree and copies its programs to `to`, so that it can be worked on and built meanwhile.
pub(crate) fn head(place: &Place, to: &Path) -> Result<ExitCode, String> {
    finish(cargo::run(place, ARGUMENTS)?, to)
}

/// Into the same target folder, without touching what is in it.
fn apart(command: &mut Command, target: &Path, wrapper: &Path) {
    command.env("CARGO_TARGET_DIR", target).env("RUSTC_WORKSPACE_WRAPPER", wrapper);
}

fn write_wrapper(path: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("cannot write {}: {error}", path.display());
    fs::write(path, WRAPPER).map_err(failed)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).map_err(failed)
}

/// Where cargo puts programs of the profile in use: beside this one.
fn built_here() -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|error| format!("this executable does not know where it lies: {error}"))?;
    own.parent().map(Path::to_path_buf).ok_or_else(|| "this executable lies nowhere".to_owned())
}

fn finish(built: ExitCode, to: &Path) -> Result<ExitCode, String> {
    if built != ExitCode::SUCCESS {
        return Ok(built);
    }
    let from = built_here()?;
    fs::create_dir_all(to).map_err(|error| format!("cannot create {}: {error}", to.display()))?;
    for program in PROGRAMS {
        let (from, to) = (from.join(program), to.join(program));
        // Under another name until it is whole: an interrupted copy is no program.
        let part = to.with_extension("part");
        fs::copy(&from, &part).and_then(|_| fs::rename(&part, &to)).map_err(|error| format!("cannot copy {}: {error}", from.display()))?;
    }
    Ok(built)
}

/// Whether `folder` has all programs.
pub(crate) fn is_there(folder: &Path) -> bool {
    PROGRAMS.iter().all(|program| folder.join(program).is_file())
}

/// The programs in `folder`.
pub(crate) fn programs(folder: &Path) -> [PathBuf; 2] {
    PROGRAMS.map(|program| folder.join(program))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::scratch::Scratch;

    /// Two trees of the same package, the second one's file older than what was built of the first: as of a base and of work.
    #[test]
    fn two_trees_in_one_target_folder_do_not_take_each_others_programs() {
        let scratch = Scratch::new("trees");
        let (target, wrapper) = (scratch.0.join("target"), scratch.0.join("wrapper"));
        write_wrapper(&wrapper).unwrap();
        for tree in ["head", "base"] {
            let folder = scratch.0.join(tree);
            fs::create_dir_all(folder.join("part")).unwrap();
            fs::write(folder.join("Cargo.toml"), "[workspace]\nmembers = [\"part\"]\nresolver = \"3\"\n").unwrap();
            let package = "[package]\nname = \"part\"\nedition = \"2024\"\n[[bin]]\nname = \"part\"\npath = \"main.rs\"\n";
            fs::write(folder.join("part/Cargo.toml"), package).unwrap();
            fs::write(folder.join("part/main.rs"), format!("fn main() {{ print!(\"{tree}\") }}\n")).unwrap();
        }
        let says = |tree: &str| {
            let mut command = Command::new(std::env::var_os("CARGO").unwrap());
            command.args(["build", "--quiet", "--offline"]).current_dir(scratch.0.join(tree)).env("CARGO_TARGET_DIR", &target);
            if tree == "base" {
                apart(&mut command, &target, &wrapper);
            }
            assert!(command.status().unwrap().success());
            String::from_utf8(Command::new(target.join("debug/part")).output().unwrap().stdout).unwrap()
        };
        let order = ["head", "base", "head", "base"];
        assert_eq!(order.map(says), order);
    }
}
