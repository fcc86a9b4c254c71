//! A program that answers one line for each line.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A running peer, ours or theirs.
pub(crate) struct Peer {
    name: &'static str,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts `command` with one computing thread; its complaints go to standard error.
    pub(crate) fn start(name: &'static str, command: &mut Command) -> Result<Self, String> {
        command.env("OMP_NUM_THREADS", "1").env("MKL_NUM_THREADS", "1").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("{name} cannot be started: {error}"))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(format!("{name} started without pipes"));
        };
        Ok(Self { name, child, input, output: BufReader::new(output) })
    }

    /// The answer to a request.
    pub(crate) fn ask(&mut self, request: &str) -> Result<String, String> {
        self.tell(request)?;
        self.line()
    }

    /// Sends a request.
    pub(crate) fn tell(&mut self, request: &str) -> Result<(), String> {
        let sent = writeln!(self.input, "{request}").and_then(|()| self.input.flush());
        sent.map_err(|error| format!("{} takes no request: {error}", self.name))
    }

    /// The next line that it says.
    pub(crate) fn line(&mut self) -> Result<String, String> {
        let mut line = String::new();
        match self.output.read_line(&mut line) {
            Ok(0) => Err(format!("{} ended, see above", self.name)),
            Ok(_) => Ok(line.trim().to_owned()),
            Err(error) => Err(format!("{} cannot be read: {error}", self.name)),
        }
    }

    /// The process's number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The answer's numbers.
    pub(crate) fn numbers(&mut self, request: &str) -> Result<Vec<f64>, String> {
        let answer = self.ask(request)?;
        answer.split_whitespace().map(|word| word.parse().map_err(|_| format!("{} answered `{answer}` to `{request}`", self.name))).collect()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
