/*!
What commands came to, as a user sees it: exit code, standard output, standard error, and the files that are there; held by snapshots.

A snapshot is stable in any clone and on any machine: folders, keys, hashes, versions and process numbers are replaced by a word in brackets, and the
tables of a run, whose numbers were trained, by `[TABLES]`.
*/

use std::{
    ffi::OsStr,
    fmt::Write,
    path::Path,
    process::{Command, Output},
};

use super::place::{Place, files};

/// Commands and what they came to.
pub struct Transcript<'a> {
    place: &'a Place,
    text: String,
    replaced: Vec<(String, &'static str)>,
    hidden: Vec<(String, &'static str)>,
}

impl<'a> Transcript<'a> {
    pub fn of(place: &'a Place) -> Self {
        Self { place, text: String::new(), replaced: Vec::new(), hidden: Vec::new() }
    }

    /// Shows what matches `pattern` (a regular expression) as `word`: what the system says in its own words.
    pub fn replacing(mut self, pattern: &str, word: &'static str) -> Self {
        self.replaced.push((pattern.into(), word));
        self
    }

    /// Shows a path as `word`.
    pub fn hiding(mut self, path: &Path, word: &'static str) -> Self {
        self.hidden.push((path.display().to_string(), word));
        self
    }

    /// Runs `bench` with these arguments.
    #[track_caller]
    pub fn run<Argument: AsRef<OsStr>>(&mut self, arguments: &[Argument]) -> Output {
        let mut command = self.place.bench(&[]);
        command.args(arguments);
        self.command(command)
    }

    /// Runs a command of [`Place::bench`].
    #[track_caller]
    pub fn command(&mut self, mut command: Command) -> Output {
        let arguments: Vec<String> = command.get_args().map(|argument| argument.to_string_lossy().into_owned()).collect();
        let output = command.output().unwrap();
        self.add(&format!("bench {}", arguments.join(" ")), &output);
        output
    }

    /// Adds what a command came to.
    #[track_caller]
    pub fn add(&mut self, command: &str, output: &Output) {
        let (out, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        for word in ["panicked", "backtrace", "unwrap()", "RUST_", "internal error"] {
            assert!(!errors.contains(word), "{command}: {errors}");
        }
        let out = if out.lines().any(|line| line.starts_with("report: ")) { "[TABLES]\n" } else { &out };
        let code = output.status.code().map_or_else(|| output.status.to_string(), |code| code.to_string());
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        write!(self.text, "$ {command}\nexit code: {code}\n").unwrap();
        for (name, text) in [("stdout", out), ("stderr", &*errors)] {
            if !text.is_empty() {
                write!(self.text, "----- {name} -----\n{text}").unwrap();
            }
        }
    }

    /// Adds the names of all files under a run folder. Their order does not depend on the hashes in them.
    pub fn files(&mut self, folder: &str) {
        let plain = |name: String| {
            let parts = name.split('/').map(|part| match part.len() {
                32 => "[TRIAL]",
                24 if part.ends_with(".parquet") => "[CONDITION].parquet",
                _ => part,
            });
            parts.collect::<Vec<_>>().join("/")
        };
        let mut names: Vec<String> = files(&self.place.path(folder)).into_iter().map(plain).collect();
        names.sort();
        writeln!(self.text, "----- files in {folder} -----\n{}", names.join("\n")).unwrap();
    }

    /// Compares with the snapshot of that name.
    #[track_caller]
    pub fn check(self, name: &str) {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().display().to_string();
        let place = self.place.path("").display().to_string();
        let place = place.trim_end_matches('/');
        let fixed = [(place, "[PLACE]"), (repository.as_str(), "[REPOSITORY]"), (env!("CARGO_PKG_VERSION"), "[VERSION]")];
        let hidden = self.hidden.iter().map(|(found, word)| (found.as_str(), *word));
        let text = hidden.chain(fixed).fold(self.text, |text, (found, word)| text.replace(found, word));
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        for (pattern, word) in &self.replaced {
            settings.add_filter(pattern, *word);
        }
        for (pattern, word) in [
            (r"\b[0-9a-f]{64}\b", "[SHA-256]"),
            (r"\b[0-9a-f]{32}\b", "[TRIAL]"),
            (r"\b[0-9a-f]{16}\.parquet", "[CONDITION].parquet"),
            (r"process \d+", "process [NUMBER]"),
        ] {
            settings.add_filter(pattern, word);
        }
        settings.bind(|| insta::assert_snapshot!(name, text));
    }
}
