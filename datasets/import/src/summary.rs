//! What an import came to, for people and programs.

use bench_datasets::{Kind, Task};
use serde::Serialize;

/// What an import came to. Counts by split are in the order train, validation, test.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// The dataset's name.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// What is predicted.
    pub task: Task,
    /// Samples by split.
    pub samples: [usize; 3],
    /// Classes with their samples by split; none for a regression.
    pub classes: Vec<ClassCount>,
    /// The modalities, in the dataset's order.
    pub modalities: Vec<ModalitySummary>,
    /// What samples are grouped by, if by anything.
    pub groups: Option<GroupCount>,
    /// What was wrong and was put right, a sentence each.
    pub repaired: Vec<String>,
    /// What the files do not say and was taken to be so, a sentence each.
    pub assumed: Vec<String>,
    /// What the files have and the dataset has not, a sentence each.
    pub left_out: Vec<String>,
    /// Bytes of all tensors.
    pub bytes: u64,
    /// Shards that they are cut into; 0 where one file holds all.
    pub shards: usize,
    /// The dataset's hash; `None` where nothing was written.
    pub hash: Option<String>,
}

/// A class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassCount {
    /// Its name.
    pub name: String,
    /// Its samples by split.
    pub samples: [usize; 3],
}

/// A grouping.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupCount {
    /// What a group is.
    pub name: String,
    /// Groups by split.
    pub groups: [usize; 3],
}

/// A modality.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModalitySummary {
    /// Its name.
    pub name: String,
    /// Its name in the files.
    pub theirs: String,
    /// What it holds, without the words of a vocabulary.
    pub kind: &'static str,
    /// Shape of one sample.
    pub shape: Vec<usize>,
    /// Valid steps or words of a sample, where they differ.
    pub lengths: Option<Lengths>,
    /// Words that are known, `<pad>` and `<unk>` included.
    pub vocabulary: Option<usize>,
    /// Share of the words that are not known, by split.
    pub unknown: Option<[f64; 3]>,
    /// Numbers that were not finite.
    pub repaired: Repaired,
    /// Features that are the same in all training samples.
    pub constant: usize,
}

/// Numbers that were not finite and are zero now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Repaired {
    /// −∞.
    pub negative: u64,
    /// +∞.
    pub positive: u64,
    /// Not a number.
    pub nan: u64,
    /// Samples that had one.
    pub samples: u64,
}

/// How long samples are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Lengths {
    /// Shortest.
    pub shortest: u32,
    /// The lower of the two middle ones where there is an even number of samples.
    pub median: u32,
    /// Longest.
    pub longest: u32,
}

impl Lengths {
    pub(crate) fn of(lengths: &[u32]) -> Option<Self> {
        let mut sorted = lengths.to_vec();
        sorted.sort_unstable();
        let (&shortest, &longest) = (sorted.first()?, sorted.last()?);
        Some(Self { shortest, median: *sorted.get((sorted.len() - 1) / 2)?, longest })
    }
}

impl ModalitySummary {
    pub(crate) fn of(name: &str, theirs: &str, kind: &Kind) -> Self {
        let vocabulary = match kind {
            Kind::Tokens { vocabulary, .. } => Some(vocabulary.len()),
            _ => None,
        };
        Self {
            name: name.to_owned(),
            theirs: theirs.to_owned(),
            kind: kind.name(),
            shape: kind.shape(),
            lengths: None,
            vocabulary,
            unknown: None,
            repaired: Repaired::default(),
            constant: 0,
        }
    }
}
