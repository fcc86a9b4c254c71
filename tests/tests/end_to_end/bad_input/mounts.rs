//! File systems of a test's own: a small one that fills up, a read-only one that binds root too.

use std::process::Command;

use super::place::{Place, program};

/// File systems that a test mounts for itself, in a user and mount namespace that ends with the command. It is root there, and needs no right outside.
pub struct Mounts<'a> {
    place: &'a Place,
}

impl<'a> Mounts<'a> {
    /// Whether the system lets an ordinary user have such a namespace. Some containers do not.
    pub fn allowed() -> bool {
        let folder = tempfile::tempdir().unwrap();
        let mount = Command::new("unshare").args(["-rm", "mount", "-t", "tmpfs", "none"]).arg(folder.path()).output();
        mount.is_ok_and(|output| output.status.success())
    }

    pub fn of(place: &'a Place) -> Self {
        Self { place }
    }

    /// `bench` with these arguments, after the shell has done `before`.
    pub fn command(&self, before: &str, arguments: &[&str]) -> Command {
        let script = format!("{before} && exec \"$0\" \"$@\"");
        let mut command = Command::new("unshare");
        command.args(["-rm", "/bin/sh", "-c", &script]).arg(program("bench")).args(arguments).current_dir(self.place.path(""));
        command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command
    }
}
