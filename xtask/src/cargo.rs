//! Handing over to cargo and to the executables it built.

use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use crate::place::Place;

/// Runs cargo in the repository and gives its exit code.
pub(crate) fn run(place: &Place, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<ExitCode, String> {
    finish(command(place).args(arguments))
}

/// Cargo in the repository, as if it were not started from `cargo run`.
pub(crate) fn command(place: &Place) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(&place.root);
    forget_this_run(&mut command, place);
    command
}

/// Waits for cargo and gives its exit code.
pub(crate) fn finish(command: &mut Command) -> Result<ExitCode, String> {
    let status = command.status().map_err(|error| format!("cargo cannot be started: {error}"))?;
    // Ended by a signal: cargo itself has no code then.
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Becomes the `bench` that lies beside this executable, in the user's folder, so that its signals and exit code are its own.
/// Returns only if that fails.
pub(crate) fn become_bench(arguments: &[OsString]) -> String {
    let bench = match std::env::current_exe() {
        Ok(own) => own.with_file_name("bench"),
        Err(error) => return format!("this executable does not know where it lies: {error}"),
    };
    let error = Command::new(&bench).args(arguments).exec();
    format!("cannot start {}: {error}", bench.display())
}

/// Becomes `.ci/run`. Returns only if that fails.
pub(crate) fn become_ci(place: &Place) -> String {
    let mut command = Command::new("bash");
    command.arg(".ci/run").current_dir(&place.root);
    forget_this_run(&mut command, place);
    format!("cannot start bash: {}", command.exec())
}

/// Takes out what `cargo run` added to the environment, so that build scripts see what they see under a plain `cargo build` and nothing
/// is built twice.
fn forget_this_run(command: &mut Command, place: &Place) {
    if std::env::var_os("LIBTORCH").is_some_and(|folder| folder == place.link()) {
        command.env_remove("LIBTORCH");
    }
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
}
