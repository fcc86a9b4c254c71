//! Which commit is compared with, and its files.

use std::path::Path;
use std::process::{Command, Stdio};

/// Digits of a commit in the names of folders.
const SHORT: usize = 12;

/// What `git ARGUMENTS` prints in `root`, without the last line break; its message where it fails.
pub(crate) fn git(root: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("git").current_dir(root).args(arguments).stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("git cannot be started: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    } else {
        let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(format!("`git {}` failed: {message}", arguments.join(" ")))
    }
}

/// The commit that `revision` names.
pub(crate) fn commit(root: &Path, revision: &str) -> Result<String, String> {
    git(root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{revision}^{{commit}}")])
        .map_err(|_| format!("`{revision}` is no commit of this repository; a shallow clone lacks most of them: `git fetch --unshallow`"))
}

/// Where the work left `origin/main`, else `main`; the commit before where that is the work itself.
pub(crate) fn default_base(root: &Path) -> Result<String, String> {
    let left = ["origin/main", "main"].into_iter().find_map(|branch| git(root, &["merge-base", branch, "HEAD"]).ok());
    match left {
        Some(left) if left != commit(root, "HEAD")? || is_changed(root)? => Ok(left),
        _ => commit(root, "HEAD~1").map_err(|_| "there is no earlier commit to compare with: name one".to_owned()),
    }
}

/// Whether files differ from the commit, those that git does not know included.
pub(crate) fn is_changed(root: &Path) -> Result<bool, String> {
    Ok(!git(root, &["status", "--porcelain"])?.is_empty())
}

/// The first digits of a commit.
pub(crate) fn short(commit: &str) -> &str {
    commit.get(..SHORT).unwrap_or(commit)
}

/// Puts the files of `commit` into `tree`, a work tree that belongs to nobody else. It is moved from base to base, so that only what
/// differs between them is compiled again.
pub(crate) fn check_out(root: &Path, tree: &Path, commit: &str) -> Result<(), String> {
    let folder = tree.to_str().ok_or_else(|| format!("{} is not UTF-8", tree.display()))?;
    // A folder whose entry in the repository is gone (another clone, a restored cache) answers for a repository around it, or for none.
    if git(tree, &["rev-parse", "--show-toplevel"]).is_ok_and(|top| Path::new(&top).canonicalize().ok() == tree.canonicalize().ok()) {
        git(tree, &["checkout", "--quiet", "--force", "--detach", commit])?;
        git(tree, &["clean", "-ffdq"])?;
    } else {
        if tree.exists() {
            std::fs::remove_dir_all(tree).map_err(|error| format!("cannot remove {}: {error}", tree.display()))?;
        }
        git(root, &["worktree", "prune"])?;
        git(root, &["worktree", "add", "--quiet", "--force", "--detach", folder, commit])?;
    }
    Ok(())
}

/// Undoes [`check_out`].
pub(crate) fn forget(root: &Path, tree: &Path) -> Result<(), String> {
    if tree.exists() {
        std::fs::remove_dir_all(tree).map_err(|error| format!("cannot remove {}: {error}", tree.display()))?;
    }
    git(root, &["worktree", "prune"]).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::scratch::Scratch;

    /// A repository with two commits on `main`.
    fn repository(name: &str) -> Scratch {
        let scratch = Scratch::new(name);
        let root = &scratch.0;
        git(root, &["init", "--quiet", "--initial-branch=main"]).unwrap();
        for (key, value) in [("user.name", "Test"), ("user.email", "test@example.org"), ("commit.gpgsign", "false")] {
            git(root, &["config", key, value]).unwrap();
        }
        std::fs::write(root.join(".gitignore"), "/target\n").unwrap();
        add(root, "one");
        add(root, "two");
        scratch
    }

    fn add(root: &Path, text: &str) -> String {
        std::fs::write(root.join("file"), text).unwrap();
        git(root, &["add", "--all"]).unwrap();
        git(root, &["commit", "--quiet", "--message", text]).unwrap();
        commit(root, "HEAD").unwrap()
    }

    #[test]
    fn a_branch_is_compared_with_where_it_left_main() {
        let scratch = repository("branch");
        let root = &scratch.0;
        let left = commit(root, "main").unwrap();
        git(root, &["switch", "--quiet", "--create", "work"]).unwrap();
        add(root, "work");
        add(root, "more work");
        assert_eq!(default_base(root), Ok(left.clone()));
        git(root, &["switch", "--quiet", "main"]).unwrap();
        assert_eq!(default_base(root), commit(root, "main~1"), "main itself against the commit before");
        std::fs::write(root.join("file"), "not committed").unwrap();
        assert_eq!(default_base(root), Ok(left), "what is not committed against the last commit");
    }

    #[test]
    fn origin_main_comes_before_main() {
        let scratch = repository("origin");
        let root = &scratch.0;
        let first = commit(root, "main~1").unwrap();
        git(root, &["update-ref", "refs/remotes/origin/main", &first]).unwrap();
        assert_eq!(default_base(root), Ok(first));
    }

    #[test]
    fn what_is_no_commit_is_named() {
        let scratch = repository("wrong");
        assert!(commit(&scratch.0, "mian").unwrap_err().contains("`mian`"));
        assert!(commit(&scratch.0, "--all").unwrap_err().contains("`--all`"));
    }

    #[test]
    fn the_tree_has_the_files_of_the_commit_whatever_it_was_before() {
        let scratch = repository("tree");
        let (root, tree) = (&scratch.0, scratch.0.join("target/base"));
        let text = || std::fs::read_to_string(tree.join("file")).unwrap();
        // A folder that is there and is no work tree, as after a restored cache.
        std::fs::create_dir_all(&tree).unwrap();
        std::fs::write(tree.join("file"), "left over").unwrap();
        check_out(root, &tree, &commit(root, "main~1").unwrap()).unwrap();
        assert_eq!(text(), "one");
        std::fs::write(tree.join("file"), "edited").unwrap();
        std::fs::write(tree.join("stray"), "").unwrap();
        check_out(root, &tree, &commit(root, "main").unwrap()).unwrap();
        assert_eq!((text().as_str(), tree.join("stray").exists()), ("two", false));
        assert_eq!(std::fs::read_to_string(root.join("file")).unwrap(), "two");
        forget(root, &tree).unwrap();
        assert_eq!(git(root, &["worktree", "list", "--porcelain"]).unwrap().matches("worktree ").count(), 1);
    }
}
