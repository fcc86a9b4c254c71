//! The worker's program: where it is and what it says of itself.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use bench_store::protocol::{Description, Probe};
use serde::{Deserialize, de::DeserializeOwned};

use crate::exit::Failure;

/// The path of `bench-worker`.
#[derive(Debug, Clone)]
pub struct WorkerProgram {
    path: PathBuf,
}

impl WorkerProgram {
    /// `$BENCH_WORKER`, else `bench-worker` beside this program.
    ///
    /// # Errors
    /// Where there is none, with what to do.
    pub fn find() -> anyhow::Result<Self> {
        if let Some(path) = std::env::var_os("BENCH_WORKER").map(PathBuf::from) {
            return Self::at(path, "the environment variable BENCH_WORKER names it");
        }
        let beside =
            std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join(format!("bench-worker{}", std::env::consts::EXE_SUFFIX))));
        Self::at(beside.unwrap_or_else(|| "bench-worker".into()), "`cargo xtask setup` finds or installs libtorch, then `cargo build` builds it")
    }

    /// The worker of another build: `bench-worker` itself, or the one beside a `bench` or in a folder.
    ///
    /// # Errors
    /// Where there is none; `flag` is what named it.
    pub fn of_build(path: &Path, flag: &str) -> anyhow::Result<Self> {
        let worker = format!("bench-worker{}", std::env::consts::EXE_SUFFIX);
        let found = match path.file_stem() {
            _ if path.is_dir() => path.join(worker),
            Some(stem) if stem == "bench" => path.with_file_name(worker),
            _ => path.into(),
        };
        if !path.exists() || !found.is_file() {
            let missing = if path.exists() { found.display() } else { path.display() };
            return Err(Failure::usage(format!(
                "{flag}: there is no file {missing}; name a `bench`, its `bench-worker` or the folder that holds both"
            )));
        }
        // A name alone would be looked for in PATH.
        Ok(Self { path: std::path::absolute(&found).unwrap_or(found) })
    }

    fn at(path: PathBuf, hint: &str) -> anyhow::Result<Self> {
        if path.is_file() { Ok(Self { path }) } else { Err(Failure::usage(format!("the worker {} is not there; {hint}", path.display()))) }
    }

    /// The program at `path`, there or not.
    #[cfg(test)]
    pub fn at_path(path: PathBuf) -> Self {
        Self { path }
    }

    /// The program's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A command that starts it with one computing thread, out of reach of the terminal's Ctrl-C.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        // Two computing threads on a core that others use wait for each other at every operation; cuBLAS is only deterministic with a fixed
        // workspace, which it reads when it is loaded.
        command.env("OMP_NUM_THREADS", "1").env("MKL_NUM_THREADS", "1").env("CUBLAS_WORKSPACE_CONFIG", ":4096:8");
        // glibc gives large blocks back to the system at once and fetches them anew, a page fault each 4 KiB: fusing all 63 patterns of six
        // modalities then spends a third of its time in the kernel.
        for (name, bytes) in [("MALLOC_MMAP_THRESHOLD_", 1u64 << 30), ("MALLOC_TRIM_THRESHOLD_", 1 << 32)] {
            if std::env::var_os(name).is_none() {
                command.env(name, bytes.to_string());
            }
        }
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command
    }

    /// Cards of all methods and the version of libtorch.
    ///
    /// # Errors
    /// Where the worker does not start, answers with something else, or is of another version.
    pub fn describe(&self) -> anyhow::Result<Description> {
        let description: Description = self.ask("--describe")?;
        let own = env!("CARGO_PKG_VERSION");
        if description.version != own {
            let (path, other) = (self.path.display(), &description.version);
            return Err(Failure::usage(format!("the worker {path} is version {other}, this bench is {own}; build both from the same sources")));
        }
        Ok(description)
    }

    /// The version of a worker that may be of another build: any worker says it, and no other program does.
    ///
    /// # Errors
    /// Where it does not start or answers with something else.
    pub fn version(&self) -> anyhow::Result<String> {
        self.ask::<Version>("--describe").map(|description| description.version)
    }

    /// What is known of libtorch and CUDA.
    ///
    /// # Errors
    /// As [`WorkerProgram::describe`].
    pub fn probe(&self) -> anyhow::Result<Probe> {
        self.ask("--probe")
    }

    fn ask<Answer: DeserializeOwned>(&self, flag: &str) -> anyhow::Result<Answer> {
        let output = self.command().arg(flag).stdin(Stdio::null()).output();
        let output = output.map_err(|error| self.does_not_start(&error.to_string()))?;
        if !output.status.success() {
            return Err(self.does_not_start(&last_line(&output)));
        }
        serde_json::from_slice(&output.stdout).map_err(|error| {
            let path = self.path.display();
            Failure::usage(format!("the worker {path} answered {flag} with something else ({error}); build both from the same sources"))
        })
    }

    fn does_not_start(&self, reason: &str) -> anyhow::Error {
        Failure::usage(format!("the worker {} does not start: {reason}; run `bench doctor`", self.path.display()))
    }
}

/// Of a [`Description`], what every version has.
#[derive(Deserialize)]
struct Version {
    version: String,
}

/// The last thing that it said on standard error, or how it ended.
fn last_line(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines().rev().map(str::trim).find(|line| !line.is_empty()).map_or_else(|| output.status.to_string(), str::to_string)
}
