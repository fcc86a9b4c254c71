//! Which operations libtorch runs, with which shapes.

use std::ffi::{CStr, CString, c_char};

use tch::Tensor;
use torch_sys::C_tensor;

use crate::text::{first_line, take};

unsafe extern "C" {
    fn bench_native_record(closed: *const c_char) -> *mut c_char;
    fn bench_native_recorded() -> *mut c_char;
    fn bench_native_report_work(name: *const c_char, flops: u64);
    fn bench_native_was_read(tensor: *const C_tensor) -> bool;
}

/// What a training step was doing when an operation ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Outside the two others.
    Forward,
    /// Within a backward pass, sums of gradients included.
    Backward,
    /// Within a step or the clipping of [`crate::FusedOptimiser`].
    Optimiser,
}

/// Calls of one operation with one signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// When.
    pub phase: Phase,
    /// As the dispatcher names it, without overload: `aten::addmm`.
    pub name: String,
    /// Where its work is to be looked for.
    pub origin: Origin,
    /// How often.
    pub calls: u64,
    /// Arguments, in the schema's order.
    pub inputs: Vec<Argument>,
    /// Results.
    pub outputs: Vec<Argument>,
}

/// Where an operation's work is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// From its name, which the recording was told of; what it calls is not recorded.
    Ruled,
    /// From nowhere: it has a kernel of its own. What it calls is recorded.
    Unknown,
    /// It is no operation of libtorch and said itself how many FLOPs it took, all calls together.
    Own(u64),
}

/// An argument as far as it decides the work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// A tensor's shape.
    Tensor(Vec<i64>),
    /// A whole number.
    Integer(i64),
    /// A truth value.
    Bool(bool),
    /// A list.
    List(Vec<Argument>),
    /// No tensor, no value.
    None,
    /// A floating-point number, a type, a text, ….
    Other,
}

/// A recording under way; dropping it ends it.
#[derive(Debug)]
pub struct Recording(());

impl Recording {
    /// Starts recording the operations of this thread and of the backward passes that it starts. Operations named in `ruled` are taken as a whole; an operation that libtorch only composes of others
    /// is left out, and the others are recorded.
    ///
    /// # Errors
    /// Another recording is under way, or libtorch refuses.
    pub fn start(ruled: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let names: Vec<String> = ruled.into_iter().collect();
        let names = CString::new(names.join("\n")).map_err(|error| error.to_string())?;
        // SAFETY: a null-terminated text that lives through the call; what comes back is null or a text that `take` frees.
        match unsafe { take(bench_native_record(names.as_ptr())) } {
            None => Ok(Self(())),
            Some(error) => Err(first_line(&error).to_owned()),
        }
    }

    /// Whether an operation so far read the memory of `tensor`, or a part of it.
    pub fn has_read(&self, tensor: &Tensor) -> bool {
        // SAFETY: the pointer is that of a living tensor.
        unsafe { bench_native_was_read(tensor.as_ptr()) }
    }

    /// Ends the recording; what ran, ordered by phase, name and signature.
    pub fn finish(self) -> Vec<Operation> {
        // SAFETY: what comes back is null or a text that `take` frees.
        let text = unsafe { take(bench_native_recorded()) }.unwrap_or_default();
        text.lines().filter_map(parse).collect()
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        // SAFETY: what comes back is null or a text that `take` frees.
        drop(unsafe { take(bench_native_recorded()) });
    }
}

/// Tells a recording, if one is under way, of `flops` that libtorch does not see because a loop over plain numbers did them.
pub fn report_work(name: &CStr, flops: u64) {
    // SAFETY: a null-terminated text that lives through the call.
    unsafe { bench_native_report_work(name.as_ptr(), flops) }
}

fn parse(line: &str) -> Option<Operation> {
    let mut fields = line.split('\t');
    let phase = match fields.next()? {
        "backward" => Phase::Backward,
        "optimiser" => Phase::Optimiser,
        _ => Phase::Forward,
    };
    let name = fields.next()?.to_owned();
    let kind = fields.next()?;
    let calls = fields.next()?.parse().ok()?;
    let work = fields.next()?.parse().ok()?;
    let origin = match kind {
        "ruled" => Origin::Ruled,
        "own" => Origin::Own(work),
        _ => Origin::Unknown,
    };
    let (inputs, outputs) = fields.next().unwrap_or_default().split_once('>').unwrap_or_default();
    Some(Operation { phase, name, origin, calls, inputs: arguments(inputs), outputs: arguments(outputs) })
}

fn arguments(text: &str) -> Vec<Argument> {
    if text.is_empty() { Vec::new() } else { text.split(';').map(argument).collect() }
}

fn argument(text: &str) -> Argument {
    match text.split_at_checked(1) {
        Some(("t", "")) => Argument::Tensor(Vec::new()),
        Some(("t", shape)) => shape.split('x').map(str::parse).collect::<Result<_, _>>().map_or(Argument::Other, Argument::Tensor),
        Some(("i", number)) => number.parse().map_or(Argument::Other, Argument::Integer),
        Some(("b", flag)) => Argument::Bool(flag == "1"),
        Some(("n", _)) => Argument::None,
        Some(("(", rest)) => {
            let items = rest.strip_suffix(')').unwrap_or(rest);
            Argument::List(if items.is_empty() { Vec::new() } else { items.split(',').map(argument).collect() })
        }
        _ => Argument::Other,
    }
}

impl Argument {
    /// A tensor's shape; `None` for anything else.
    pub fn shape(&self) -> Option<&[i64]> {
        match self {
            Self::Tensor(shape) => Some(shape),
            _ => None,
        }
    }

    /// Elements of the tensors in it.
    pub fn elements(&self) -> u64 {
        match self {
            Self::Tensor(shape) => shape.iter().map(|&length| length.max(0) as u64).product(),
            Self::List(items) => items.iter().map(Self::elements).sum(),
            _ => 0,
        }
    }
}
