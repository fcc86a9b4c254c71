//! Ctrl-C: the first stops handing out work, the second ends the program at once.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use anyhow::Context;

use crate::exit::Exit;

/// Whether the user asked to stop.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens to Ctrl-C and to a polite termination from now on.
    ///
    /// # Errors
    /// Where the system refuses a handler.
    pub fn listen() -> anyhow::Result<Self> {
        let interrupt = Self::default();
        let heard = interrupt.clone();
        let handler = move || {
            if heard.0.swap(true, Ordering::SeqCst) {
                std::process::exit(i32::from(Exit::Interrupted as u8));
            }
        };
        ctrlc::set_handler(handler).context("cannot listen to Ctrl-C")?;
        Ok(interrupt)
    }

    /// Whether it has been asked.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// As Ctrl-C does.
    #[cfg(test)]
    pub fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
