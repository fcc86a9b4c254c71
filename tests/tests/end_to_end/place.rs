//! A temporary folder in which the real programs run, with an environment that holds nothing of the tester's.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How long a condition is waited for: far longer than it takes on a busy machine, so that only a hang fails.
const DEADLINE: Duration = Duration::from_secs(120);

/// The folder that all commands run in.
pub struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `bench` with these arguments; it inherits `PATH` and nothing else, so neither `LD_LIBRARY_PATH` nor a `BENCH_*` helps or disturbs.
    pub fn bench(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("bench"));
        command.args(arguments).current_dir(self.folder.path()).env_clear().stdin(Stdio::null());
        command.envs(env::var_os("PATH").map(|path| ("PATH", path)));
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.bench(arguments).output().unwrap()
    }

    /// Runs a command that must succeed; its standard output.
    pub fn fine(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", errors(&output));
        String::from_utf8(output.stdout).unwrap()
    }
}

/// A program of the workspace.
pub fn program(name: &str) -> PathBuf {
    let own = env::current_exe().unwrap();
    let path = own.parent().and_then(Path::parent).unwrap().join(format!("{name}{}", env::consts::EXE_SUFFIX));
    assert!(path.is_file(), "{} is not there: run `cargo build --workspace` first", path.display());
    path
}

/// Standard error as text.
pub fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Waits until `holds`, or fails where the process ends before.
pub fn wait_until(child: &mut Child, what: &str, holds: impl Fn() -> bool) {
    let started = Instant::now();
    while !holds() {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(holds(), "the process ended ({status}) before {what}");
            return;
        }
        assert!(started.elapsed() < DEADLINE, "{what} did not happen");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Sends a signal by name.
pub fn signal(name: &str, process: u32) {
    let status = Command::new("/bin/sh").args(["-c", &format!("kill -{name} {process}")]).status().unwrap();
    assert!(status.success());
}

/// All files under a folder by their relative path, sorted; half-written ones too.
pub fn files(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_string());
            }
        }
    }
    found.sort();
    found
}

/// How many files under `root` end so; files that are being written do not count.
pub fn count(root: &Path, end: &str) -> usize {
    files(root).iter().filter(|name| name.ends_with(end)).count()
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) {
    for name in files(from) {
        let target = to.join(&name);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(from.join(&name), target).unwrap();
    }
}
