/*!
`cargo xtask compare`: what the work tree changed against another commit.

Everything lies in `target/compare`: the base's work tree, the programs and run folders of both sides, the verdict in `result`.
*/

mod arguments;
mod build;
mod revisions;
#[cfg(test)]
mod scratch;
mod side;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use arguments::Compare;
pub(crate) use arguments::{Wish, parse};
use side::{End, Side};

use crate::place::Place;
use crate::setup;

/// Removes everything that comparisons left.
pub(crate) fn clean(place: &Place) -> Result<(), String> {
    let folder = folder(place);
    revisions::forget(&place.root, &folder.join("base"))?;
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| format!("cannot remove {}: {error}", folder.display()))?;
    }
    Ok(())
}

/// Builds and runs both sides, compares, and gives the exit code of what ended first: of `bench compare` if nothing failed.
pub(crate) fn run(place: &Place, wish: &Compare) -> Result<ExitCode, String> {
    let root = &place.root;
    let folder = folder(place);
    fs::create_dir_all(folder.join("runs")).map_err(|error| format!("cannot create {}: {error}", folder.display()))?;
    let _lock = setup::lock_file(&folder.join("lock"), "comparison")?;
    // A verdict that is left over must not be taken for this one's.
    let result = folder.join("result");
    if result.exists() {
        fs::remove_dir_all(&result).map_err(|error| format!("cannot remove {}: {error}", result.display()))?;
    }
    let revision = wish.base.as_ref().map_or_else(|| revisions::default_base(root), |base| Ok(base.clone()))?;
    let commit = revisions::commit(root, &revision)?;
    let head_commit = revisions::commit(root, "HEAD")?;
    let changed = if revisions::is_changed(root)? { "-changed" } else { "" };
    let name = format!("head-{}{changed}", revisions::short(&head_commit));
    say(&format!("base {} against {name}, `bench run {}`", revisions::short(&commit), wish.run.join(" ")));

    let base = base_side(place, &commit, &wish.run)?;
    if base.is_whole() {
        say("the base's run is there already");
    } else {
        if !build::is_there(&base.programs) {
            say("building the base");
            let tree = folder.join("base");
            revisions::check_out(root, &tree, &commit)?;
            let built = build::base(place, &tree, &folder.join("rustc-of-the-base"), &base.programs)?;
            if built != ExitCode::SUCCESS {
                return Ok(built);
            }
        }
        say("running the base");
        if let End::Refused(code) = base.run(place, &wish.run)? {
            say("the base's `bench run` did not come to an end");
            return Ok(ExitCode::from(code));
        }
    }

    say("building the work tree");
    let programs = folder.join("bin/head");
    let built = build::head(place, &programs)?;
    if built != ExitCode::SUCCESS {
        return Ok(built);
    }
    let head = head_side(place, name, programs, &wish.run)?;
    say("running the work tree");
    if let End::Refused(code) = head.run(place, &wish.run)? {
        say("the work tree's `bench run` did not come to an end");
        return Ok(ExitCode::from(code));
    }
    compare(place, &base, &head, &wish.compare)
}

fn folder(place: &Place) -> PathBuf {
    place.root.join("target/compare")
}

fn base_side(place: &Place, commit: &str, flags: &[String]) -> Result<Side, String> {
    let (folder, short) = (folder(place), revisions::short(commit));
    let run = folder.join("runs").join(format!("{short}-{}", side::key(place, commit, flags)?));
    Ok(Side { name: format!("base-{short}"), programs: folder.join("bin").join(short), run })
}

/// Runs of earlier heads are removed: every build has its own, and only this one can be gone on with.
fn head_side(place: &Place, name: String, programs: PathBuf, flags: &[String]) -> Result<Side, String> {
    let runs = folder(place).join("runs");
    let code = side::code_of(place, &build::programs(&programs))?;
    let own = format!("head-{}", side::key(place, &code, flags)?);
    let entries = fs::read_dir(&runs).map_err(|error| format!("cannot read {}: {error}", runs.display()))?;
    for entry in entries.filter_map(Result::ok) {
        let (path, name) = (entry.path(), entry.file_name().display().to_string());
        if name.starts_with("head-") && !name.starts_with(&own) {
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.map_err(|error| format!("cannot remove {}: {error}", path.display()))?;
        }
    }
    Ok(Side { name, programs, run: runs.join(own) })
}

fn compare(place: &Place, base: &Side, head: &Side, flags: &[String]) -> Result<ExitCode, String> {
    let folder = folder(place);
    remove_links(&folder)?;
    base.link(&folder)?;
    head.link(&folder)?;
    let inside = |name: &str| Path::new("target/compare").join(name);
    let bench = head.programs.join("bench");
    let mut command = Command::new(&bench);
    command.arg("compare").args([inside(&base.name), inside(&head.name)]).arg("--out").arg(inside("result"));
    command.args(flags).current_dir(&place.root).stdin(Stdio::null());
    let status = command.status().map_err(|error| format!("{} cannot be started: {error}", bench.display()))?;
    if folder.join("result").is_dir() {
        say("target/compare/result has compare.json, compare.md, comment.md and junit.xml");
    }
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Names of earlier comparisons.
fn remove_links(folder: &Path) -> Result<(), String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
    for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).filter(|path| path.is_symlink()) {
        fs::remove_file(&path).map_err(|error| format!("cannot remove {}: {error}", path.display()))?;
    }
    Ok(())
}

fn say(text: &str) {
    eprintln!("xtask: {text}");
}
