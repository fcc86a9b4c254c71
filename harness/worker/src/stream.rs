/*!
Batches that are gathered from a dataset's memory map instead of being held as tensors: how a split larger than memory is trained and evaluated on.

The numbers are the same bits either way, so the choice is no part of a trial's key. A thread gathers and normalises the next batches, as plain arrays,
while a step runs.
*/

use std::{
    fs,
    panic::resume_unwind,
    str::FromStr,
    sync::{
        Arc,
        mpsc::{Receiver, sync_channel},
    },
    thread::{self, JoinHandle},
};

use bench_datasets::{Block, Dataset, Normaliser};

use crate::failure::Failure;

/// The environment variable that overrides the rule.
const VARIABLE: &str = "BENCH_STREAM";

/// Largest split in bytes of float32 that is held, where memory allows.
const MOST: u64 = 1 << 30;

/// Of the memory that this process may still take, the share that a held split may have.
const SHARE: u64 = 4;

/// An evaluation keeps about this many treated copies of what it holds.
const COPIES: u64 = 8;

/// Most bytes of float32 that are gathered at once to be evaluated under many conditions, or to be diagnosed.
const AT_ONCE: u64 = 16 << 20;

/// Batches that wait for a step at most.
const AHEAD: usize = 2;

/// Whether splits are streamed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Stream {
    /// Those that are large: over 1 GiB of float32, or over a quarter of the memory that is to be had. The test split over an eighth of that.
    #[default]
    Auto,
    /// All.
    Always,
    /// None.
    Never,
}

impl FromStr for Stream {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" | "" => Ok(Self::Auto),
            "always" => Ok(Self::Always),
            "never" => Ok(Self::Never),
            _ => Err(format!("{VARIABLE} is `{text}`, expected auto, always or never")),
        }
    }
}

impl Stream {
    /// What the environment asks for.
    ///
    /// # Errors
    /// Another word than `auto`, `always`, `never`.
    pub fn from_environment() -> Result<Self, Failure> {
        std::env::var_os(VARIABLE).map_or(Ok(Self::Auto), |text| text.to_string_lossy().parse().map_err(Failure::usage))
    }

    /// Whether a split of so many bytes is streamed into training and validation.
    pub(crate) fn of_training(self, bytes: u64) -> bool {
        self.decide(bytes, 1)
    }

    /// Whether a split of so many bytes is evaluated piece by piece.
    pub(crate) fn of_evaluation(self, bytes: u64) -> bool {
        self.decide(bytes, COPIES)
    }

    fn decide(self, bytes: u64, copies: u64) -> bool {
        match self {
            Self::Auto => bytes.saturating_mul(copies) > MOST.min(available() / SHARE),
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// Bytes of so many samples as float32; token ids, which are as many numbers, count like them.
pub(crate) fn bytes(dataset: &Dataset, samples: usize) -> u64 {
    let each: u64 = dataset.modalities().iter().map(|modality| 4 * modality.kind.numel() as u64).sum();
    each.saturating_mul(samples as u64)
}

/// Samples that are gathered at once: a multiple of `batch`, at least one batch.
pub(crate) fn at_once(dataset: &Dataset, batch: usize) -> usize {
    let batch = batch.max(1);
    let batches = AT_ONCE / bytes(dataset, batch).max(1);
    batch.saturating_mul(usize::try_from(batches).unwrap_or(1).max(1))
}

/// Bytes of memory that this process may still take: what the machine has left, and what its limits say. All there could be where the system does not tell.
fn available() -> u64 {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let machine = number(&read("/proc/meminfo"), "MemAvailable:").map(|kibibytes| kibibytes.saturating_mul(1024));
    let limits = read("/proc/self/limits");
    let limits = ["Max data size", "Max address space"].map(|name| number(&limits, name));
    let groups = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"].map(|path| number(&read(path), ""));
    limits.into_iter().chain(groups).chain([machine]).flatten().min().unwrap_or(u64::MAX)
}

/// The first number behind `name` at the start of a line; `None` where it says `max` or `unlimited`.
fn number(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

/// Some samples of a dataset, read when they are asked for.
#[derive(Clone)]
pub(crate) struct Reader {
    dataset: Arc<Dataset>,
    normaliser: Arc<Normaliser>,
    rows: Arc<[usize]>,
}

impl Reader {
    /// The samples at `rows` of the dataset, to be read in any order.
    pub(crate) fn new(dataset: &Arc<Dataset>, normaliser: &Arc<Normaliser>, rows: &[usize]) -> Self {
        dataset.expect_jumps();
        Self { dataset: dataset.clone(), normaliser: normaliser.clone(), rows: rows.into() }
    }

    /// The dataset.
    pub(crate) fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// Normalised blocks, one a modality, of the samples at `positions`.
    pub(crate) fn read(&self, positions: &[usize]) -> Vec<Block> {
        let rows = self.rows_at(positions);
        (0..self.dataset.modalities().len()).map(|at| self.dataset.read_normalised(at, &rows, &self.normaliser)).collect()
    }

    /// The blocks of consecutive batches of `size` of `positions`, gathered ahead of their use.
    pub(crate) fn ahead(&self, positions: Vec<usize>, size: usize) -> Ahead {
        let (sender, receiver) = sync_channel(AHEAD);
        let (reader, size) = (self.clone(), size.max(1));
        let left = positions.len().div_ceil(size);
        let thread = thread::spawn(move || {
            let batch = |at: usize| positions.chunks(size).nth(at).unwrap_or_default();
            for at in 0..left {
                // From disk two batches early, so that the copy does not wait for it.
                let wanted = if at == 0 { 0..=AHEAD } else { at + AHEAD..=at + AHEAD };
                wanted.for_each(|at| reader.dataset.will_need(&reader.rows_at(batch(at))));
                if sender.send(reader.read(batch(at))).is_err() {
                    break;
                }
            }
        });
        Ahead { receiver: Some(receiver), thread: Some(thread), left }
    }

    fn rows_at(&self, positions: &[usize]) -> Vec<usize> {
        positions.iter().map(|&at| self.rows[at]).collect()
    }
}

/// Batches that a thread gathers.
pub(crate) struct Ahead {
    receiver: Option<Receiver<Vec<Block>>>,
    thread: Option<JoinHandle<()>>,
    left: usize,
}

impl Iterator for Ahead {
    type Item = Vec<Block>;

    fn next(&mut self) -> Option<Vec<Block>> {
        self.left = self.left.checked_sub(1)?;
        match self.receiver.as_ref().map(Receiver::recv) {
            Some(Ok(blocks)) => Some(blocks),
            _ => {
                // The thread panicked: an epoch with fewer steps would go unnoticed.
                if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join) {
                    resume_unwind(panic);
                }
                None
            }
        }
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        // A closed channel ends the thread.
        self.receiver = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use bench_datasets::{DatasetRef, Split, embedded_directory};

    use super::*;

    fn reader() -> Reader {
        let dataset = Arc::new(Dataset::open(&DatasetRef::whole("openmoji"), &[embedded_directory()]).unwrap());
        let normaliser = Arc::new(Normaliser::fit(&dataset));
        Reader::new(&dataset, &normaliser, dataset.indices(Split::Train))
    }

    #[test]
    fn what_is_gathered_ahead_is_what_would_be_read_in_its_turn() {
        let reader = reader();
        let order: Vec<usize> = (0..100).rev().chain([5, 5]).collect();
        let ahead: Vec<Vec<Block>> = reader.ahead(order.clone(), 32).collect();
        let in_turn: Vec<Vec<Block>> = order.chunks(32).map(|positions| reader.read(positions)).collect();
        assert_eq!(ahead.len(), 4);
        assert_eq!(ahead, in_turn);
    }

    #[test]
    fn a_thread_that_nobody_waits_for_ends() {
        let mut ahead = reader().ahead((0..1000).collect(), 1);
        assert!(ahead.next().is_some());
        // Joins: a thread that went on sending would hang here.
        drop(ahead);
    }

    #[test]
    #[should_panic(expected = "index out of bounds")]
    fn a_batch_that_cannot_be_gathered_does_not_end_the_epoch_quietly() {
        let missing = vec![0, usize::MAX];
        reader().ahead(missing, 1).for_each(drop);
    }

    /// Lines as Linux writes them.
    #[test]
    fn limits_are_read_and_no_limit_is_none() {
        let limits = "Max data size             4294967296           unlimited            bytes     \nMax address space         unlimited            unlimited            bytes     \n";
        assert_eq!(number(limits, "Max data size"), Some(1 << 32));
        assert_eq!(number(limits, "Max address space"), None);
        assert_eq!(number("MemTotal:       24683520 kB\nMemAvailable:   19267584 kB\n", "MemAvailable:"), Some(19_267_584));
        assert_eq!((number("max\n", ""), number("1073741824\n", ""), number("", "")), (None, Some(1 << 30), None));
    }

    #[test]
    fn only_large_splits_are_streamed_unless_told() {
        assert!(!Stream::Auto.of_training(1 << 10) && Stream::Auto.of_training(MOST + 1));
        assert!(Stream::Auto.of_evaluation(MOST / COPIES + 1));
        assert!(Stream::Always.of_training(1) && Stream::Always.of_evaluation(1));
        assert!(!Stream::Never.of_training(u64::MAX) && !Stream::Never.of_evaluation(u64::MAX));
        assert_eq!(["auto", "always", "never"].map(str::parse), [Ok(Stream::Auto), Ok(Stream::Always), Ok(Stream::Never)]);
        assert!("sometimes".parse::<Stream>().unwrap_err().contains("auto, always or never"));
    }
}
