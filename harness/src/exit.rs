//! Exit codes, and how an error reaches the user: one sentence on standard error, no backtrace.

use std::process::ExitCode;

use thiserror::Error;

/// What a command came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All is well.
    Fine = 0,
    /// The answer is "no": a claim fails, something regressed.
    No = 1,
    /// Wrong usage or input, or something that is needed is missing.
    Usage = 2,
    /// At least one trial failed; the others are kept. Of a comparison: a side lacks something.
    Trial = 3,
    /// It cannot be told, and proof was asked for.
    CannotTell = 4,
    /// A defect of the program.
    Internal = 70,
    /// Interrupted; finished trials are kept.
    Interrupted = 130,
}

/// An error that knows its exit code; every other error is the user's to mend (code 2).
#[derive(Debug, Error)]
#[error("{message}")]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// One sentence.
    pub message: String,
}

impl Failure {
    /// Wrong usage or input.
    pub fn usage(message: impl Into<String>) -> anyhow::Error {
        Self { exit: Exit::Usage, message: message.into() }.into()
    }

    /// A defect of the program.
    pub fn internal(message: impl Into<String>) -> anyhow::Error {
        Self { exit: Exit::Internal, message: message.into() }.into()
    }
}

/// Prints an error, if there is one, and gives the exit code.
pub fn report(result: anyhow::Result<Exit>) -> ExitCode {
    let exit = match result {
        Ok(exit) => exit,
        Err(error) => {
            let exit = error.downcast_ref::<Failure>().map_or(Exit::Usage, |failure| failure.exit);
            // Standard error may be closed; there is nowhere left to say so.
            let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("bench: {}\n", sentence(&error)));
            exit
        }
    };
    ExitCode::from(exit as u8)
}

/// A panic is a defect: one sentence that says where, and exit code 70 whichever thread it happened on.
pub fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let payload = panic.payload();
        let reason = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no reason");
        let place = panic.location().map_or_else(String::new, |place| format!(" at {}:{}", place.file(), place.line()));
        let message = format_args!("bench: internal error{place}: {reason}; this is a defect of bench, finished trials are kept\n").to_string();
        let _ = std::io::Write::write_all(&mut std::io::stderr(), message.as_bytes());
        std::process::exit(i32::from(Exit::Internal as u8));
    }));
}

/// The error with its causes; a cause that its effect already tells is not told again.
pub fn sentence(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !text.contains(&cause) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&cause);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        #[derive(Debug, Error)]
        #[error("cannot read a.toml: {source}")]
        struct Unreadable {
            source: std::io::Error,
        }
        let error = anyhow::Error::from(Unreadable { source: std::io::Error::other("no permission") });
        assert_eq!(sentence(&error), "cannot read a.toml: no permission");
        assert_eq!(sentence(&Err::<(), _>(error).context("settings").unwrap_err()), "settings: cannot read a.toml: no permission");
    }

    #[test]
    fn an_error_without_a_code_is_the_users_and_a_context_keeps_the_code() {
        let code = |error: anyhow::Error| error.downcast_ref::<Failure>().map_or(Exit::Usage, |failure| failure.exit);
        assert_eq!(code(anyhow::anyhow!("no")), Exit::Usage);
        assert_eq!(code(Failure::internal("no").context("while planning")), Exit::Internal);
    }
}
