/*!
A pool of workers: one thread a worker, all taking requests from one queue.

What a request comes to does not depend on who serves it or when, so neither the number of workers nor their order can change a result. A worker that
dies loses the request that it was serving; the next one gets a fresh worker.
*/

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread,
    time::Duration,
};

use bench_store::{
    profile::Profile,
    protocol::{Event, Part, Request},
};

use super::{
    WorkerProgram,
    process::{Shared, Worker, lock},
};
use crate::interrupt::Interrupt;

/// How often an interrupt is looked for.
pub(super) const TICK: Duration = Duration::from_millis(50);

/// What a request came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Done, but for these conditions and reasons.
    Done {
        /// Canonical condition and reason.
        unavailable: Vec<(String, String)>,
    },
    /// The answer to an estimate.
    Estimated {
        /// Seconds of one epoch.
        epoch_seconds: f64,
        /// Seconds of the evaluation of all conditions.
        evaluation_seconds: f64,
        /// Trainable parameters.
        parameters: u64,
    },
    /// The answer to a question for the model's size.
    Sized {
        /// In the groups' order, then by name.
        parts: Vec<Part>,
    },
    /// The answer to a request for features.
    Extracted {
        /// Shape of a sample's features.
        shape: Vec<usize>,
        /// Whether they have lengths.
        ragged: bool,
    },
    /// The answer to a request for profiles.
    Profiled {
        /// In the subjects' order.
        profiles: Vec<Profile>,
    },
    /// Refused, failed, or its worker died.
    Failed {
        /// Whether the user's settings or data are to blame.
        usage: bool,
        /// One sentence.
        message: String,
    },
    /// Not begun, or cut short by an interrupt.
    NotRun,
}

/// What the pool tells while it works.
#[derive(Debug)]
pub enum Notice {
    /// A worker took a request.
    Started,
    /// It reports progress.
    Event(Event),
    /// The request is over.
    Ended(Outcome),
}

/// Workers to be.
pub struct Pool<'a> {
    /// The worker's program.
    pub program: &'a WorkerProgram,
    /// Most processes at a time.
    pub jobs: usize,
    /// Stops handing out requests and kills the workers.
    pub interrupt: &'a Interrupt,
}

impl Pool<'_> {
    /// Serves all requests; `on(worker, request, notice)` is called on this thread. Outcomes are in the requests' order.
    pub fn run(&self, requests: &[Request], mut on: impl FnMut(usize, usize, &Notice)) -> Vec<Outcome> {
        let mut outcomes = vec![Outcome::NotRun; requests.len()];
        let queue = AtomicUsize::new(0);
        let workers = self.jobs.clamp(1, requests.len().max(1));
        let living: Vec<Mutex<Option<Shared>>> = (0..workers).map(|_| Mutex::new(None)).collect();
        thread::scope(|scope| {
            let (sender, notices) = mpsc::channel();
            for (worker, alive) in living.iter().enumerate() {
                let (sender, queue) = (sender.clone(), &queue);
                scope.spawn(move || self.serve(worker, alive, queue, requests, &sender));
            }
            drop(sender);
            loop {
                match notices.recv_timeout(TICK) {
                    Ok((worker, request, notice)) => {
                        on(worker, request, &notice);
                        if let Notice::Ended(outcome) = notice {
                            outcomes[request] = outcome;
                        }
                    }
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => break,
                }
                if self.interrupt.is_set() {
                    living.iter().for_each(kill);
                }
            }
        });
        outcomes
    }

    fn serve(&self, at: usize, alive: &Mutex<Option<Shared>>, queue: &AtomicUsize, requests: &[Request], notices: &Sender<(usize, usize, Notice)>) {
        let mut worker = None;
        while !self.interrupt.is_set() {
            let index = queue.fetch_add(1, Ordering::Relaxed);
            let Some(request) = requests.get(index) else { break };
            // The receiver outlives this thread; if it is gone the program is ending.
            let tell = |notice| drop(notices.send((at, index, notice)));
            tell(Notice::Started);
            let outcome = self.perform(&mut worker, alive, request, |event| tell(Notice::Event(event)));
            tell(Notice::Ended(outcome));
        }
        // Its input closes, and it ends by itself.
        if let Some(worker) = worker {
            worker.bury();
        }
    }

    /// Asks the worker that is there, or a new one. One that answers stays there for the next request.
    pub(super) fn perform(&self, worker: &mut Option<Worker>, alive: &Mutex<Option<Shared>>, request: &Request, on: impl FnMut(Event)) -> Outcome {
        let mut running = match worker.take().map_or_else(|| Worker::start(self.program), Ok) {
            Ok(running) => running,
            Err(message) => return Outcome::Failed { usage: true, message },
        };
        *alive.lock().unwrap_or_else(PoisonError::into_inner) = Some(running.child());
        let answer = running.ask(request, on);
        match answer {
            Ok(event) => {
                *worker = Some(running);
                match event {
                    Event::Done { unavailable } => Outcome::Done { unavailable },
                    Event::Estimated { epoch_seconds, evaluation_seconds, parameters } => {
                        Outcome::Estimated { epoch_seconds, evaluation_seconds, parameters }
                    }
                    Event::Sized { parts } => Outcome::Sized { parts },
                    Event::Profiled { profiles } => Outcome::Profiled { profiles },
                    Event::Extracted { shape, ragged } => Outcome::Extracted { shape, ragged },
                    Event::Failed { usage, message } => Outcome::Failed { usage, message },
                    Event::Epoch { .. } | Event::Trained { .. } | Event::Evaluated { .. } | Event::Profiling { .. } | Event::Extracting { .. } => {
                        Outcome::Failed { usage: false, message: "the worker did not end its answer".into() }
                    }
                }
            }
            Err(nonsense) => {
                let end = running.bury();
                if self.interrupt.is_set() {
                    return Outcome::NotRun;
                }
                let message = if nonsense.is_empty() { format!("its worker {end}") } else { format!("its worker broke the protocol: {nonsense}") };
                Outcome::Failed { usage: false, message }
            }
        }
    }
}

/// Kills a worker, where one is alive.
pub(super) fn kill(living: &Mutex<Option<Shared>>) {
    if let Some(child) = &*living.lock().unwrap_or_else(PoisonError::into_inner) {
        // Already ended is as good.
        let _ = lock(child).kill();
    }
}

#[cfg(all(test, unix))]
#[path = "pool_tests.rs"]
mod tests;
