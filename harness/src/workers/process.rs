//! One worker process and the conversation with it.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, ExitStatus, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use bench_store::protocol::{Event, Request};

use super::WorkerProgram;

/// Lines of standard error that are kept for the report of a death.
const KEPT_LINES: usize = 20;

/// Most characters of an answer that is no event, in an error.
const MOST_SAID: usize = 200;

/// How long a process may take to end after it closed its output.
const PATIENCE: Duration = Duration::from_secs(2);

/// What Rust and C++ say before they abort a process that gets no memory.
const OUT_OF_MEMORY: [&str; 2] = ["memory allocation of ", "std::bad_alloc"];

/// What to do about it.
const LESS_MEMORY: &str = "try a smaller --jobs";

/// A child that another thread may kill.
pub type Shared = Arc<Mutex<Child>>;

/// A running worker.
pub struct Worker {
    child: Shared,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    errors: JoinHandle<VecDeque<String>>,
}

impl Worker {
    /// Starts the program.
    ///
    /// # Errors
    /// One sentence.
    pub fn start(program: &WorkerProgram) -> Result<Self, String> {
        let path = program.path().display();
        let spawned = program.command().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = spawned.map_err(|error| format!("the worker {path} does not start: {error}; run `bench doctor`"))?;
        let (Some(input), Some(output), Some(errors)) = (child.stdin.take(), child.stdout.take(), child.stderr.take()) else {
            return Err(format!("the worker {path} started without pipes"));
        };
        let errors = thread::spawn(move || last_lines(BufReader::new(errors)));
        Ok(Self { child: Arc::new(Mutex::new(child)), input, output: BufReader::new(output), errors })
    }

    /// The process, to be killed from elsewhere.
    pub fn child(&self) -> Shared {
        self.child.clone()
    }

    /// Sends a request and hands on events up to the one that ends it, which is returned.
    ///
    /// # Errors
    /// `Err` where the worker died or does not speak the protocol: it must be [buried](Worker::bury).
    pub fn ask(&mut self, request: &Request, mut on: impl FnMut(Event)) -> Result<Event, String> {
        let mut line = serde_json::to_string(request).map_err(|error| format!("the request cannot be written: {error}"))?;
        line.push('\n');
        self.input.write_all(line.as_bytes()).and_then(|()| self.input.flush()).map_err(|_| String::new())?;
        loop {
            let mut line = String::new();
            if self.output.read_line(&mut line).map_err(|error| format!("its answer cannot be read: {error}"))? == 0 {
                return Err(String::new());
            }
            let event = serde_json::from_str(&line).map_err(|error| format!("it said `{}`, which is no event: {error}", beginning(line.trim())))?;
            match event {
                Event::Done { .. }
                | Event::Estimated { .. }
                | Event::Sized { .. }
                | Event::Profiled { .. }
                | Event::Extracted { .. }
                | Event::Failed { .. } => return Ok(event),
                other => on(other),
            }
        }
    }

    /// Waits for a worker that has died, or ends one that talks nonsense; says how it ended.
    pub fn bury(self) -> String {
        drop(self.input);
        drop(self.output);
        let status = wait(&self.child);
        let said = self.errors.join().unwrap_or_default();
        if let Some(line) = said.iter().find(|line| OUT_OF_MEMORY.iter().any(|words| line.contains(words))) {
            return format!("ran out of memory ({}); {LESS_MEMORY}", line.trim());
        }
        let end = status.map_or_else(|| "ended".into(), describe);
        let last = said.iter().rev().find(|line| !line.trim().is_empty());
        last.map_or_else(|| end.clone(), |line| format!("{end}; its last words: {}", line.trim()))
    }
}

/// Enough of what was said to know it by: a profile that another version wrote is one line of many thousand characters.
fn beginning(line: &str) -> String {
    match line.char_indices().nth(MOST_SAID) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line.into(),
    }
}

/// Locks a child even where another thread panicked: the process is still there.
pub fn lock(child: &Shared) -> MutexGuard<'_, Child> {
    child.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Its end within [`PATIENCE`], then by force. The lock is free between looks, so that an interrupt need not wait.
fn wait(child: &Shared) -> Option<ExitStatus> {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if let Ok(Some(status)) = lock(child).try_wait() {
            return Some(status);
        }
        thread::sleep(Duration::from_millis(5));
    }
    let mut child = lock(child);
    let _ = child.kill();
    child.wait().ok()
}

fn describe(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return match signal {
            9 => format!("was killed (signal 9): perhaps the machine ran out of memory; {LESS_MEMORY}"),
            _ => format!("died of signal {signal}"),
        };
    }
    status.code().map_or_else(|| "ended".into(), |code| format!("ended with exit code {code}"))
}

fn last_lines(errors: impl BufRead) -> VecDeque<String> {
    let mut kept = VecDeque::with_capacity(KEPT_LINES);
    for line in errors.split(b'\n').map_while(Result::ok) {
        if kept.len() == KEPT_LINES {
            kept.pop_front();
        }
        kept.push_back(String::from_utf8_lossy(&line).into_owned());
    }
    kept
}
