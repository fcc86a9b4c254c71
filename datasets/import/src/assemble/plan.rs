//! Everything that is decided before a number is read.

use std::path::Path;

use bench_datasets::{Provenance, Split, Task, write::Values};

use super::{
    Notes, Told, clean,
    divide::{self, Divided, Divisions},
    numbers::Column,
    streams,
    target::{self, Labels},
    words::Texts,
};
use crate::{
    Content, Draft, ImportError, Options, Summary,
    summary::{ClassCount, GroupCount},
};

/// A dataset of which only the numbers are still in their files.
pub struct Plan {
    pub name: String,
    pub title: String,
    pub ids: Vec<String>,
    pub divided: Divided,
    pub labels: Labels,
    pub modalities: Vec<Modality>,
    pub provenance: Provenance,
    pub notes: Notes,
}

/// A modality of either kind.
pub enum Modality {
    Numbers(Box<Column>),
    Words(Box<Texts>),
}

impl Plan {
    /// Decides.
    pub fn of(draft: Draft, options: &Options) -> Result<Self, ImportError> {
        let Draft { name, title, ids, splits, folds, targets, groups, streams, repaired, assumed, provenance } = draft;
        let mut notes = Notes { repaired, assumed, left_out: Vec::new() };
        let name = options.name.clone().unwrap_or_else(|| clean::plain(&name));
        let title = clean::text(options.title.as_deref().unwrap_or(&title));
        let title = if title.is_empty() { name.clone() } else { title };
        if ids.is_empty() {
            return Err(ImportError::request("there is no sample in these files; check that they are the right ones"));
        }
        let ids = clean::ids(ids, &mut notes);
        let target = target::choose(targets, options, &ids, &mut notes)?;
        let streams = streams::choose(streams, options, &mut notes)?;
        let divided = divide::divide(Divisions { splits, folds, groups }, &ids, &target.target, options, &mut notes)?;
        let labels = target::labels(target, &ids, &divided.splits, options, &mut notes)?;
        let mut modalities = Vec::with_capacity(streams.len());
        for mut named in streams {
            let content = std::mem::replace(&mut named.content, Content::Words(Vec::new()));
            modalities.push(match content {
                Content::Numbers(numbers) => Modality::Numbers(Box::new(Column::of(&named, numbers, &ids)?)),
                Content::Words(texts) => Modality::Words(Box::new(Texts::of(&named, texts, &divided.splits, options, &mut notes)?)),
            });
        }
        Ok(Self { name, title, ids, divided, labels, modalities, provenance, notes })
    }

    /// Reads all numbers, and writes the dataset to the folder `root` where one is given.
    pub fn carry_out(mut self, root: Option<&Path>, progress: Told<'_>) -> Result<Summary, ImportError> {
        let (writer, tensors, shards) = self.numbers(root, progress)?;
        for modality in &mut self.modalities {
            if let Modality::Numbers(column) = modality {
                column.finish(&mut self.notes);
            }
        }
        let mut summary = self.summary(shards);
        if let Some(writer) = writer {
            summary.hash = Some(self.finish(writer, tensors, progress)?);
        }
        Ok(summary)
    }

    fn summary(&self, shards: usize) -> Summary {
        let Notes { repaired, assumed, left_out } = &self.notes;
        Summary {
            name: self.name.clone(),
            title: self.title.clone(),
            task: self.labels.task.clone(),
            samples: self.divided.counts(),
            classes: self.classes(),
            modalities: self.modalities.iter().map(|modality| modality.summary().clone()).collect(),
            groups: self.divided.groups.as_ref().map(|groups| GroupCount { name: groups.name.clone(), groups: groups.counts(&self.divided.splits) }),
            folds: self.divided.folds.iter().map(|(name, _)| name.clone()).collect(),
            repaired: repaired.clone(),
            assumed: assumed.clone(),
            left_out: left_out.clone(),
            bytes: self.bytes(),
            shards,
            hash: None,
        }
    }

    fn classes(&self) -> Vec<ClassCount> {
        let Task::Classification { classes } = &self.labels.task else { return Vec::new() };
        let mut counts: Vec<ClassCount> = classes.iter().map(|name| ClassCount { name: name.clone(), samples: [0; 3] }).collect();
        let mut count = |label: usize, split: Split| {
            if let Some(class) = counts.get_mut(label) {
                class.samples[split as usize] += 1;
            }
        };
        let splits = self.divided.splits.iter().copied();
        match &self.labels.values {
            Values::U8(labels) => labels.iter().zip(splits).for_each(|(&label, split)| count(usize::from(label), split)),
            Values::U16(labels) => labels.iter().zip(splits).for_each(|(&label, split)| count(usize::from(label), split)),
            Values::U32(labels) => labels.iter().zip(splits).for_each(|(&label, split)| count(label as usize, split)),
            Values::I32(_) | Values::F32(_) => {}
        }
        counts
    }

    /// Bytes of all modalities as stored.
    pub fn bytes(&self) -> u64 {
        let row: usize = self.modalities.iter().map(Modality::row_bytes).sum();
        row as u64 * self.ids.len() as u64
    }
}

impl Modality {
    pub fn summary(&self) -> &crate::summary::ModalitySummary {
        match self {
            Self::Numbers(column) => &column.summary,
            Self::Words(texts) => &texts.summary,
        }
    }

    fn row_bytes(&self) -> usize {
        match self {
            Self::Numbers(column) => column.row_bytes(),
            Self::Words(texts) => {
                texts.steps
                    * match texts.ids {
                        Values::U8(_) => 1,
                        Values::U16(_) => 2,
                        _ => 4,
                    }
            }
        }
    }
}
