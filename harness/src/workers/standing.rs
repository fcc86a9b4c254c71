//! A worker that stays between questions, where starting one for each would take longer than the answer.

use std::{
    sync::{
        Mutex,
        mpsc::{self, RecvTimeoutError},
    },
    thread,
};

use bench_store::protocol::{Event, Request};

use super::{
    Outcome, Pool,
    pool::{TICK, kill},
    process::{Shared, Worker},
};

/// The worker of a pool of one, started with its first question.
pub struct Standing<'a> {
    pool: Pool<'a>,
    worker: Option<Worker>,
    alive: Mutex<Option<Shared>>,
}

impl<'a> Standing<'a> {
    /// Of this pool, whose number of jobs does not matter.
    pub fn of(pool: Pool<'a>) -> Self {
        Self { pool, worker: None, alive: Mutex::new(None) }
    }

    /// What it answers; [`Outcome::NotRun`] where an interrupt came before or cut it short.
    pub fn ask(&mut self, request: &Request, on: impl FnMut(Event)) -> Outcome {
        let Self { pool, worker, alive } = self;
        let interrupt = pool.interrupt;
        if interrupt.is_set() {
            return Outcome::NotRun;
        }
        let (answered, waiting) = mpsc::channel::<()>();
        let alive = &*alive;
        thread::scope(|scope| {
            scope.spawn(move || {
                while waiting.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                    if interrupt.is_set() {
                        kill(alive);
                    }
                }
            });
            let outcome = pool.perform(worker, alive, request, on);
            drop(answered);
            outcome
        })
    }
}

impl Drop for Standing<'_> {
    fn drop(&mut self) {
        // Its input closes, and it ends by itself.
        if let Some(worker) = self.worker.take() {
            worker.bury();
        }
    }
}
