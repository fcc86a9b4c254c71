//! Numbers of one modality, read and repaired a few megabytes at a time.

use std::ops::Range;

use bench_datasets::{
    Kind, Split,
    write::{KindEntry, ModalityEntry, Values},
};

use super::{Notes, streams::Named};
use crate::{
    ImportError, Numbers,
    summary::{Lengths, ModalitySummary, Repaired},
};

/// Numbers that are read at once: 4 MiB of 32-bit ones.
const STEP: usize = 1 << 20;

/// A modality of numbers.
pub struct Column {
    pub summary: ModalitySummary,
    pub lengths: Option<Vec<u32>>,
    kind: Kind,
    numbers: Numbers,
    /// Smallest and largest number of each feature in training; none for images.
    extremes: Vec<(f32, f32)>,
}

/// What is known of every sample.
#[derive(Clone, Copy)]
pub struct Samples<'a> {
    pub ids: &'a [String],
    pub splits: &'a [Split],
}

impl Column {
    /// Checks shape, number of rows and lengths.
    pub fn of(named: &Named, mut numbers: Numbers, ids: &[String]) -> Result<Self, ImportError> {
        let name = &named.name;
        let refuse = |found: String, expected: &str, remedy: &str| {
            Err(ImportError::request(format!("modality `{name}`: found {found}, expected {expected}; {remedy}")))
        };
        let numel = numbers.shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
        if numel.is_none_or(|numel| numel == 0 || numel > u32::MAX as usize) {
            return refuse(
                format!("the shape {:?}", numbers.shape),
                "fewer than 2^32 numbers a sample, and one at least",
                "leave it out with --map NAME=",
            );
        }
        let kind = match *numbers.shape {
            [dim] => Kind::Vector { dim },
            [steps, dim] => Kind::Sequence { steps, dim },
            [channels, height, width] => Kind::Image { channels, height, width },
            _ => return refuse(format!("the shape {:?} of a sample", numbers.shape), "[d], [T, d] or [c, h, w]", "leave it out with --map NAME="),
        };
        if numbers.rows.len() != ids.len() {
            let expected = format!("{} as there are ids", ids.len());
            return refuse(format!("{} samples", numbers.rows.len()), &expected, "check that the files belong together");
        }
        let lengths = numbers.lengths.take();
        if let (Some(lengths), Kind::Sequence { steps, .. }) = (&lengths, &kind) {
            if lengths.len() != ids.len() {
                let expected = format!("{} as there are ids", ids.len());
                return refuse(format!("{} lengths", lengths.len()), &expected, "check that the files belong together");
            }
            if let Some((length, id)) = lengths.iter().zip(ids).find(|(length, _)| **length as usize > *steps) {
                return refuse(
                    format!("the length {length} of sample `{id}`"),
                    &format!("at most {steps} steps"),
                    "check that the files belong together",
                );
            }
        }
        let lengths = lengths.filter(|_| matches!(kind, Kind::Sequence { .. }));
        let features = match kind {
            Kind::Vector { dim } | Kind::Sequence { dim, .. } => dim,
            _ => 0,
        };
        let mut summary = ModalitySummary::of(name, &named.theirs, &kind);
        summary.lengths = lengths.as_deref().and_then(Lengths::of);
        Ok(Self { summary, lengths, kind, numbers, extremes: vec![(f32::INFINITY, f32::NEG_INFINITY); features] })
    }

    /// Numbers of one sample.
    pub fn numel(&self) -> usize {
        self.kind.numel()
    }

    /// Bytes of one sample as stored.
    pub fn row_bytes(&self) -> usize {
        self.numel() * if self.numbers.bytes.is_some() { 1 } else { 4 }
    }

    /// No values of the type that is stored, with room for `count`.
    pub fn empty(&self, count: usize) -> Values {
        if self.numbers.bytes.is_some() { Values::U8(Vec::with_capacity(count)) } else { Values::F32(Vec::with_capacity(count)) }
    }

    /// Rows that are read at once.
    pub fn step(&self) -> usize {
        (STEP / self.numel()).max(1)
    }

    /// Reads rows, repairs and counts, and appends them to `into`.
    pub fn read(&mut self, rows: Range<usize>, samples: Samples<'_>, into: Option<&mut Values>) -> Result<(), ImportError> {
        let numel = self.numel();
        let mut values = self.numbers.rows.read(rows.clone())?;
        if values.len() != rows.len() * numel {
            return Err(ImportError::request(format!(
                "modality `{}`: found {} numbers in the samples `{}` and behind, expected {numel} for each of {}; check that the file is whole",
                self.summary.name,
                values.len(),
                samples.ids.get(rows.start).map_or("", String::as_str),
                rows.len()
            )));
        }
        for (row, values) in rows.zip(values.chunks_exact_mut(numel)) {
            self.repair(row, values, samples)?;
        }
        match into {
            Some(Values::F32(own)) => own.append(&mut values),
            // Checked to be whole numbers of a byte.
            Some(Values::U8(own)) => own.extend(values.iter().map(|&value| value as u8)),
            _ => {}
        }
        Ok(())
    }

    fn repair(&mut self, row: usize, values: &mut [f32], samples: Samples<'_>) -> Result<(), ImportError> {
        let dim = self.extremes.len().max(1);
        let valid =
            self.lengths.as_ref().and_then(|lengths| lengths.get(row)).map_or(values.len(), |&length| (length as usize * dim).min(values.len()));
        let (valid, padding) = values.split_at_mut(valid);
        padding.fill(0.0);
        let before = self.summary.repaired;
        let found = &mut self.summary.repaired;
        for value in valid.iter_mut().filter(|value| !value.is_finite()) {
            match *value {
                f32::INFINITY => found.positive += 1,
                f32::NEG_INFINITY => found.negative += 1,
                _ => found.nan += 1,
            }
            *value = 0.0;
        }
        found.samples += u64::from(*found != before);
        if samples.splits.get(row) == Some(&Split::Train) && !self.extremes.is_empty() {
            for step in valid.chunks_exact(dim) {
                for ((low, high), &value) in self.extremes.iter_mut().zip(step) {
                    (*low, *high) = (low.min(value), high.max(value));
                }
            }
        }
        self.check(row, valid, samples)
    }

    /// That bytes are bytes and pixels lie in [0, 1].
    fn check(&self, row: usize, values: &[f32], samples: Samples<'_>) -> Result<(), ImportError> {
        let (fits, expected): (fn(f32) -> bool, &str) = match (self.numbers.bytes, &self.kind) {
            (Some(_), _) => (|value| (0.0..=255.0).contains(&value) && value.fract() == 0.0, "whole numbers from 0 to 255"),
            (None, Kind::Image { .. }) => (|value| (0.0..=1.0).contains(&value), "pixels from 0 to 1"),
            _ => return Ok(()),
        };
        match values.iter().find(|value| !fits(**value)) {
            None => Ok(()),
            Some(value) => Err(ImportError::request(format!(
                "modality `{}`: found {value} in sample `{}`, expected {expected}; check that this is the right file and format",
                self.summary.name,
                samples.ids.get(row).map_or("", String::as_str)
            ))),
        }
    }

    /// Says what was repaired, once everything was read.
    pub fn finish(&mut self, notes: &mut Notes) {
        let Repaired { negative, positive, nan, samples } = self.summary.repaired;
        let name = &self.summary.name;
        let counts: Vec<String> = [(negative, "−inf"), (positive, "+inf"), (nan, "NaN")]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        if !counts.is_empty() {
            notes.repaired.push(format!("{name}: {} in {samples} samples were set to 0, as is usual in the field", counts.join(", ")));
        }
        let constant = self.extremes.iter().filter(|(low, high)| low == high).count();
        self.summary.constant = constant;
        if constant > 0 {
            notes.assumed.push(format!("{name}: {constant} of {} features are the same in all of training, and are kept", self.extremes.len()));
        }
    }

    /// The modality in the manifest.
    pub fn entry(&self) -> ModalityEntry {
        let name = &self.summary.name;
        ModalityEntry {
            name: name.clone(),
            kind: match self.kind {
                Kind::Sequence { .. } => KindEntry::Sequence,
                Kind::Image { .. } => KindEntry::Image,
                _ => KindEntry::Vector,
            },
            shape: self.kind.shape(),
            tensor: super::write::tensor_of(name),
            dtype: if self.numbers.bytes.is_some() { "u8" } else { "f32" }.into(),
            scale: self.numbers.bytes.map(|(scale, _)| scale),
            offset: self.numbers.bytes.map(|(_, offset)| offset),
            lengths: self.lengths.as_ref().map(|_| super::write::lengths_of(name)),
            vocabulary: None,
            known: None,
            raw: None,
        }
    }
}
