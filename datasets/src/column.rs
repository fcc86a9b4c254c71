//! The values of one modality: verified once, decoded when read.

use std::path::Path;

use safetensors::Dtype;

use crate::{
    DatasetError, Kind, PADDING, RESERVED_WORDS, UNKNOWN,
    error::invalid,
    files::Folder,
    manifest::{KindEntry, ModalityEntry},
    tensors::{Tensor, Tensors, WHOLE, reals, whole},
};

/// Numbers that are decoded and normalised together: they stay in the first-level cache.
const CACHED: usize = 1 << 12;

/// Values of some samples of one modality.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Real numbers.
    Continuous {
        /// `[n, ..shape]`, row-major.
        values: Vec<f32>,
        /// Valid steps of each sample, `[n]`; `None` where all are valid or the kind has no steps.
        lengths: Option<Vec<u32>>,
    },
    /// Words.
    Tokens {
        /// `[n, steps]`, row-major; [`PADDING`] behind the length.
        ids: Vec<u32>,
        /// Words of each sample, `[n]`.
        lengths: Vec<u32>,
    },
}

/// A modality's tensor and how its numbers are stored.
pub(crate) struct Column {
    tensor: Tensor,
    numel: usize,
    storage: Storage,
}

enum Storage {
    Bytes {
        table: Box<[f32; 256]>,
        lengths: Option<Vec<u32>>,
    },
    Reals {
        lengths: Option<Vec<u32>>,
    },
    Tokens {
        lengths: Vec<u32>,
        /// All words, where methods do not know all.
        words: Option<Vec<String>>,
        /// Ids from here on are read as the unknown word.
        known: u32,
    },
}

impl Column {
    /// Finds and verifies the modality's tensors for `samples` rows.
    pub(crate) fn open(
        entry: &ModalityEntry,
        samples: usize,
        folder: &Folder<'_>,
        tensors: &Tensors,
        manifest: &Path,
    ) -> Result<(Kind, Self), DatasetError> {
        let (kind, words) = kind(entry, folder)?;
        let shape: Vec<usize> = [samples].into_iter().chain(entry.shape.iter().copied()).collect();
        let dtype = match entry.dtype.as_str() {
            "u8" => Dtype::U8,
            "u16" => Dtype::U16,
            "u32" => Dtype::U32,
            "i32" => Dtype::I32,
            _ => Dtype::F32,
        };
        let field = |what: &str| format!("modality `{}`: {what}", entry.name);
        let tensor = tensors.get(&field("tensor"), &entry.tensor, &[dtype], &shape)?.clone();
        let numel = kind.numel();
        let lengths = match (&entry.lengths, entry.shape.first()) {
            (Some(name), Some(&steps)) => {
                let bound = u32::try_from(steps).unwrap_or(u32::MAX).saturating_add(1);
                Some(tensors.get(&field("lengths"), name, &WHOLE, &[samples])?.whole(bound, "a length counts the valid steps of a sample")?)
            }
            _ => None,
        };
        let storage = match (&kind, dtype) {
            (Kind::Tokens { vocabulary, .. }, _) => {
                let all = words.as_ref().map_or(vocabulary.len(), Vec::len);
                let known = u32::try_from(vocabulary.len()).unwrap_or(u32::MAX);
                Storage::Tokens { lengths: token_lengths(&tensor, numel, all)?, words, known }
            }
            (_, Dtype::U8) => Storage::Bytes { table: table(entry, &kind, manifest)?, lengths },
            _ => {
                tensor.check_real(kind.bounds(), "repair or leave out the sample")?;
                Storage::Reals { lengths }
            }
        };
        Ok((kind, Self { tensor, numel, storage }))
    }

    /// Values of the rows, in their order; `normalise` is applied to each group of rows while it is in the processor's cache.
    pub(crate) fn read(&self, rows: &[usize], normalise: impl Fn(&mut [f32], Option<&[u32]>)) -> Block {
        let pick = |lengths: &Vec<u32>| rows.iter().map(|&row| lengths[row]).collect::<Vec<u32>>();
        let lengths = match &self.storage {
            Storage::Bytes { lengths, .. } | Storage::Reals { lengths } => lengths.as_ref().map(pick),
            Storage::Tokens { lengths, known, .. } => {
                let ids = self.ids(rows, |id| if id < *known { id } else { UNKNOWN });
                return Block::Tokens { ids, lengths: pick(lengths) };
            }
        };
        let mut values = Vec::with_capacity(rows.len() * self.numel);
        let group = (CACHED / self.numel.max(1)).max(1);
        for (at, rows) in rows.chunks(group).enumerate() {
            let start = values.len();
            match &self.storage {
                Storage::Bytes { table, .. } => self.runs(rows, |bytes| values.extend(bytes.iter().map(|&byte| table[usize::from(byte)]))),
                _ => self.runs(rows, |bytes| values.extend(reals(bytes))),
            }
            normalise(&mut values[start..], lengths.as_deref().and_then(|lengths| lengths.get(at * group..at * group + rows.len())));
        }
        Block::Continuous { values, lengths }
    }

    /// [`Column::read`] without normalisation, and with words that methods do not know.
    pub(crate) fn read_whole(&self, rows: &[usize]) -> Block {
        match &self.storage {
            Storage::Tokens { lengths, .. } => {
                Block::Tokens { ids: self.ids(rows, |id| id), lengths: rows.iter().map(|&row| lengths[row]).collect() }
            }
            _ => self.read(rows, |_, _| ()),
        }
    }

    /// All words of the vocabulary, where methods do not know all.
    pub(crate) fn words(&self) -> Option<&[String]> {
        if let Storage::Tokens { words, .. } = &self.storage { words.as_deref() } else { None }
    }

    fn ids(&self, rows: &[usize], seen: impl Fn(u32) -> u32) -> Vec<u32> {
        let mut ids = Vec::with_capacity(rows.len() * self.numel);
        // Verified on opening to be below the vocabulary's size, which fits.
        self.runs(rows, |bytes| ids.extend(whole(self.tensor.dtype, bytes).map(|id| seen(id as u32))));
        ids
    }

    /// Asks the system to load rows that are about to be read.
    pub(crate) fn will_need(&self, rows: &[usize]) {
        neighbours(rows).for_each(|(first, count)| self.parts(first, count, |first, count| self.tensor.will_need(first, count)));
    }

    /// Tells the system that rows will be read in any order.
    pub(crate) fn expect_jumps(&self) {
        self.tensor.expect_jumps();
    }

    /// The bytes of the rows, neighbours together.
    fn runs<'a>(&'a self, rows: &[usize], mut take: impl FnMut(&'a [u8])) {
        neighbours(rows).for_each(|(first, count)| self.parts(first, count, |first, count| take(self.tensor.rows(first, count))));
    }

    /// Neighbouring rows, shard by shard.
    fn parts(&self, mut first: usize, mut count: usize, mut each: impl FnMut(usize, usize)) {
        while count > 0 {
            let here = self.tensor.together(first).clamp(1, count);
            each(first, here);
            (first, count) = (first + here, count - here);
        }
    }
}

/// (first, count) of runs of rows that follow each other.
fn neighbours(rows: &[usize]) -> impl Iterator<Item = (usize, usize)> {
    rows.chunk_by(|before, after| before + 1 == *after).filter_map(|run| Some((*run.first()?, run.len())))
}

/// The kind that methods see, and all words of a vocabulary of which they do not know all.
fn kind(entry: &ModalityEntry, folder: &Folder<'_>) -> Result<(Kind, Option<Vec<String>>), DatasetError> {
    let size = |at: usize| entry.shape.get(at).copied().unwrap_or_default();
    let mut words = None;
    let kind = match entry.kind {
        KindEntry::Vector => Kind::Vector { dim: size(0) },
        KindEntry::Sequence => Kind::Sequence { steps: size(0), dim: size(1) },
        KindEntry::Image => Kind::Image { channels: size(0), height: size(1), width: size(2) },
        KindEntry::Tokens => {
            let name = entry.vocabulary.as_deref().unwrap_or_default();
            let vocabulary = folder.list(name)?;
            if !vocabulary.iter().take(2).eq(RESERVED_WORDS.iter()) {
                let found = format!("{:?}", vocabulary.iter().take(2).collect::<Vec<_>>());
                return Err(invalid(&folder.path(name), "lines 1 and 2", found, format!("{RESERVED_WORDS:?}"), "put these first"));
            }
            let Some(known) = entry.known else { return Ok((Kind::Tokens { steps: size(0), vocabulary }, None)) };
            let Some(seen) = vocabulary.get(..known) else {
                let found = format!("{known}, which modality `{}` calls known, of {} words", entry.name, vocabulary.len());
                return Err(invalid(&folder.path(name), "lines", found, "at least as many words", "correct `known` in dataset.toml"));
            };
            let seen = seen.to_vec();
            words = (known < vocabulary.len()).then_some(vocabulary);
            Kind::Tokens { steps: size(0), vocabulary: seen }
        }
    };
    Ok((kind, words))
}

/// The 256 values that a stored byte can stand for.
fn table(entry: &ModalityEntry, kind: &Kind, manifest: &Path) -> Result<Box<[f32; 256]>, DatasetError> {
    let (scale, offset) = (entry.scale.unwrap_or(1.0), entry.offset.unwrap_or(0.0));
    let table: [f32; 256] = std::array::from_fn(|byte| (byte as f64 * scale + offset) as f32);
    if let Some((low, high)) = kind.bounds()
        && !table.iter().all(|value| (low..=high).contains(value))
    {
        let found = format!("{} to {}", table[0], table[255]);
        let field = format!("modality `{}`: scale", entry.name);
        return Err(invalid(manifest, field, found, format!("bytes 0 to 255 inside {low} to {high}"), "use scale = 0.00392156862745098 (1/255)"));
    }
    Ok(Box::new(table))
}

/// Words of every sample: the ids before the first padding, behind which only padding may follow.
fn token_lengths(tensor: &Tensor, steps: usize, vocabulary: usize) -> Result<Vec<u32>, DatasetError> {
    let bound = u32::try_from(vocabulary).unwrap_or(u32::MAX);
    let mut lengths = Vec::new();
    let mut length = 0;
    for (at, id) in tensor.runs().flat_map(|bytes| whole(tensor.dtype, bytes)).enumerate() {
        let (id, word) = (tensor.below(at, id, bound, "a token id is a line of the vocabulary, counted from 0")?, at % steps);
        if id != PADDING {
            if length < word {
                return Err(tensor.invalid_at(at, "a word behind padding", "padding up to the end", "move the words to the front"));
            }
            length = word + 1;
        }
        if word + 1 == steps {
            lengths.push(length as u32);
            length = 0;
        }
    }
    Ok(lengths)
}
