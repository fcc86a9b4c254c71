//! What can go wrong with a request, and libtorch's panics as sentences.

use std::{
    any::Any,
    backtrace::Backtrace,
    cell::RefCell,
    panic::{self, AssertUnwindSafe},
};

/// Why a request failed.
#[derive(Debug)]
pub struct Failure {
    /// Whether settings or data are to blame.
    pub usage: bool,
    /// One sentence.
    pub message: String,
}

impl Failure {
    /// The user's settings or data are to blame.
    pub fn usage(reason: impl ToString) -> Self {
        Self { usage: true, message: reason.to_string() }
    }

    /// The trial failed.
    pub fn trial(reason: impl ToString) -> Self {
        Self { usage: false, message: reason.to_string() }
    }
}

thread_local! {
    static LAST_PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Panics print nothing (standard error is `bench`'s); where they happened is kept for [`catch`].
pub fn quiet_panics() {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |place| format!("{}:{}", place.file(), place.line()));
        if std::env::var_os("BENCH_BACKTRACE").is_some() {
            eprintln!("{panic}\n{}", Backtrace::force_capture());
        }
        LAST_PLACE.with(|last| *last.borrow_mut() = place);
    }));
}

/// Runs `work`; a panic (libtorch's errors are panics in tch) becomes a failure that holds its first line: the op and the shapes.
pub fn catch<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let place = LAST_PLACE.with(|last| last.borrow().clone());
        let line = first_line(payload.as_ref());
        Err(Failure::trial(out_of_memory(&line).unwrap_or_else(|| format!("{line} (at {place})"))))
    })
}

/// The sentence for what libtorch's allocators say when they get no memory, on the CPU and on CUDA.
fn out_of_memory(line: &str) -> Option<String> {
    let (_, said) = ["DefaultCPUAllocator: ", "CUDA out of memory. "].iter().find_map(|start| line.split_once(start))?;
    Some(format!("its worker ran out of memory ({}); try a smaller --jobs", said.trim_end_matches('.')))
}

fn first_line(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().cloned().or_else(|| payload.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default();
    // `Result::unwrap` of tch prints the error with Debug: its line ends stand there as \n.
    let line = text.split(['\n']).next().unwrap_or_default().split("\\n").next().unwrap_or_default();
    line.replace("called `Result::unwrap()` on an `Err` value: Torch(\"", "libtorch: ").trim().to_string()
}

#[cfg(test)]
mod tests {
    use tch::Tensor;

    use super::*;

    #[test]
    fn too_little_memory_is_called_so() {
        quiet_panics();
        let failure = catch(|| Ok(Tensor::zeros([1 << 50], tch::kind::FLOAT_CPU))).unwrap_err();
        let expected = "its worker ran out of memory (can't allocate memory: you tried to allocate 4503599627370496 bytes";
        assert!(failure.message.starts_with(expected), "{}", failure.message);
    }

    #[test]
    fn a_wrong_shape_in_libtorch_is_one_line_with_both_shapes() {
        quiet_panics();
        let matrix = || Tensor::zeros([2, 3], tch::kind::FLOAT_CPU);
        let failure = catch(|| Ok(matrix().mm(&matrix()))).unwrap_err();
        assert!(failure.message.contains("2x3 and 2x3"), "{}", failure.message);
        assert_eq!(failure.message.lines().count(), 1);
    }
}
