//! Shard by shard from the files to the folder.

use std::{collections::BTreeMap, path::Path};

use bench_datasets::write::{Array, Content, FORMAT, GroupsEntry, Manifest, Values, Writer};

use super::{
    Progress, Told, clean,
    numbers::Samples,
    plan::{Modality, Plan},
    target::{self, whole},
};
use crate::ImportError;

/// Bytes of a shard; a dataset that is smaller has none.
const SHARD: usize = 64 << 20;

/// Name of the tensor of a modality. A modality may be called `label`.
pub fn tensor_of(modality: &str) -> String {
    format!("modality.{modality}")
}

/// Name of the tensor of a modality's lengths.
pub fn lengths_of(modality: &str) -> String {
    format!("lengths.{modality}")
}

type Tensors = BTreeMap<String, Array>;

impl Plan {
    /// Reads all numbers, in shards where they are many. Gives what is to be written with the rest, and the number of shards.
    pub fn numbers(&mut self, root: Option<&Path>, progress: Told<'_>) -> Result<(Option<Writer>, Tensors, usize), ImportError> {
        let mut writer = root.map(Writer::new).transpose()?;
        let samples = Samples { ids: &self.ids, splits: &self.divided.splits };
        let count = samples.ids.len();
        let mut columns: Vec<_> = self
            .modalities
            .iter_mut()
            .filter_map(|modality| match modality {
                Modality::Numbers(column) => Some(column),
                Modality::Words(_) => None,
            })
            .collect();
        let row: usize = columns.iter().map(|column| column.row_bytes()).sum();
        let total = row as u64 * count as u64;
        let sharded = total > SHARD as u64;
        let rows = if sharded { (SHARD / row.max(1)).max(1) } else { count };
        let (mut done, mut tensors, mut shards) = (0, Tensors::new(), 0);
        for start in (0..count).step_by(rows) {
            let end = (start + rows).min(count);
            for column in &mut columns {
                // A single row may be larger than a shard, and a file may lie about it: room for more is made when it was read.
                let mut values = writer.as_ref().map(|_| column.empty(((end - start) * column.numel()).min(SHARD)));
                for from in (start..end).step_by(column.step()) {
                    let to = (from + column.step()).min(end);
                    column.read(from..to, samples, values.as_mut())?;
                    done += ((to - from) * column.row_bytes()) as u64;
                    if progress(Progress { done, total }).is_break() {
                        return Err(ImportError::Interrupted);
                    }
                }
                if let Some(values) = values {
                    let shape = [end - start].into_iter().chain(column.summary.shape.iter().copied()).collect();
                    tensors.insert(tensor_of(&column.summary.name), Array { shape, values });
                }
            }
            if sharded {
                shards += 1;
                if let Some(writer) = &mut writer {
                    writer.shard(&std::mem::take(&mut tensors))?;
                }
            }
        }
        Ok((writer, tensors, shards))
    }

    /// Writes everything else and verifies the folder; gives the dataset's hash.
    pub fn finish(self, writer: Writer, mut tensors: Tensors, progress: Told<'_>) -> Result<String, ImportError> {
        let total = self.bytes();
        let Self { name, title, ids, divided, labels, modalities, mut provenance, notes } = self;
        let count = ids.len();
        let mut add = |name: &str, values: Values, row: &[usize]| {
            tensors.insert(name.to_owned(), Array { shape: [&[count], row].concat(), values });
        };
        provenance
            .notes
            .extend(notes.repaired.into_iter().chain(notes.assumed).chain(notes.left_out.into_iter().map(|what| format!("Left out: {what}"))));
        clean::provenance(&mut provenance);
        let mut lists = BTreeMap::from([("ids.txt".to_owned(), ids)]);
        add(target::TENSOR, labels.values, &[]);
        add("split", Values::U8(divided.splits.iter().map(|&split| split as u8).collect()), &[]);
        let groups = divided.groups.map(|groups| {
            add("group", whole(groups.of_sample, groups.names.len()), &[]);
            lists.insert("groups.txt".to_owned(), groups.names);
            GroupsEntry { name: groups.name, tensor: "group".into(), names: "groups.txt".into() }
        });
        let mut entries = Vec::with_capacity(modalities.len());
        for modality in modalities {
            match modality {
                Modality::Numbers(column) => {
                    entries.push(column.entry());
                    if let Some(lengths) = column.lengths {
                        let bound = lengths.iter().copied().max().unwrap_or(0) as usize + 1;
                        add(&lengths_of(&column.summary.name), whole(lengths, bound), &[]);
                    }
                }
                Modality::Words(texts) => {
                    entries.push(texts.entry());
                    lists.insert(texts.list(), texts.vocabulary);
                    add(&tensor_of(&texts.summary.name), texts.ids, &[texts.steps]);
                }
            }
        }
        let manifest = Manifest {
            format: FORMAT,
            name,
            title,
            ids: "ids.txt".into(),
            splits: "split".into(),
            shards: Vec::new(),
            task: labels.entry,
            groups,
            folds: None,
            derived_from: None,
            modalities: entries,
            provenance,
            files: BTreeMap::new(),
        };
        let dataset = writer.finish(&Content { manifest, tensors, lists, texts: BTreeMap::new() })?;
        // What was asked while the folder was verified.
        if progress(Progress { done: total, total }).is_break() {
            return Err(ImportError::Interrupted);
        }
        Ok(dataset.hash().to_owned())
    }
}
