//! What is predicted, as the dataset's task.

use std::collections::HashSet;

use bench_datasets::{
    Split, Task,
    write::{TaskEntry, Values},
};

use super::{Notes, clean};
use crate::{ImportError, Options, Target, Targets};

/// Name of the tensor of labels.
pub const TENSOR: &str = "label";

/// The task with the target of every sample.
#[derive(Debug)]
pub struct Labels {
    pub task: Task,
    pub entry: TaskEntry,
    pub values: Values,
}

/// The target that was asked for, or the first.
pub fn choose(targets: Vec<Targets>, options: &Options, ids: &[String], notes: &mut Notes) -> Result<Targets, ImportError> {
    let names: Vec<String> = targets.iter().map(|target| format!("`{}`", target.name)).collect();
    let place = match &options.target {
        None => 0,
        Some(asked) => targets
            .iter()
            .position(|target| target.name == *asked)
            .ok_or_else(|| ImportError::request(format!("there is no target `{asked}` in these files; there are: {}", names.join(", "))))?,
    };
    let Some(chosen) = targets.into_iter().nth(place) else {
        return Err(ImportError::request("these files hold nothing that could be predicted; name labels, for instance with --spec"));
    };
    for (at, name) in names.iter().enumerate().filter(|&(at, _)| at != place) {
        let _ = at;
        notes.left_out.push(format!("target {name}; --target has it"));
    }
    let count = match &chosen.target {
        Target::Classes { labels, .. } => labels.len(),
        Target::Values { values, .. } => values.len(),
    };
    if count != ids.len() {
        return Err(ImportError::request(format!(
            "target `{}`: found {count} labels, expected {} as there are ids; check that the files belong together",
            chosen.name,
            ids.len()
        )));
    }
    Ok(chosen)
}

/// The task of these targets, checked sample by sample.
pub fn labels(targets: Targets, ids: &[String], splits: &[Split], options: &Options, notes: &mut Notes) -> Result<Labels, ImportError> {
    match targets.target {
        Target::Classes { labels, names } => {
            if options.range.is_some() {
                return Err(ImportError::request(format!("target `{}` has classes, which have no range; leave the range out", targets.name)));
            }
            classes(&targets.name, labels, names, ids, splits, notes)
        }
        Target::Values { values, low, high } => {
            let mut range = (low, high);
            if let Some((low, high)) = options.range {
                notes.assumed.push(format!("target `{}` lies in [{low}, {high}], as asked", targets.name));
                range = (Some(low), Some(high));
            }
            regression(&targets.name, values, range, ids, splits, notes)
        }
    }
}

fn classes(target: &str, labels: Vec<u32>, names: Vec<String>, ids: &[String], splits: &[Split], notes: &mut Notes) -> Result<Labels, ImportError> {
    let names: Vec<String> = names.iter().map(|name| clean::text(name)).collect();
    let names: Vec<String> = names.into_iter().enumerate().map(|(at, name)| if name.is_empty() { at.to_string() } else { name }).collect();
    let distinct: HashSet<&String> = names.iter().collect();
    if names.len() < 2 || distinct.len() != names.len() {
        let found = names.iter().take(20).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        return Err(ImportError::request(format!(
            "target `{target}`: found the classes {found}, expected two or more with different names; choose another target"
        )));
    }
    let mut counts = vec![[0_usize; 3]; names.len()];
    for ((&label, &split), id) in labels.iter().zip(splits).zip(ids) {
        let Some(count) = counts.get_mut(label as usize) else {
            return Err(ImportError::request(format!(
                "target `{target}`: found class {label} for sample `{id}`, expected 0 to {}; check that this is the right file and format",
                names.len() - 1
            )));
        };
        count[split as usize] += 1;
    }
    for (name, [train, validation, test]) in names.iter().zip(&counts) {
        match (train, validation + test) {
            (0, 0) => notes.assumed.push(format!("class `{name}` has no sample, and is a class all the same")),
            (0, others) => notes
                .assumed
                .push(format!("class `{name}` has no training sample, so no method can learn it; {others} of validation and test are of it")),
            _ => {}
        }
    }
    let values = whole(labels, names.len());
    let entry = TaskEntry::Classification { tensor: TENSOR.into(), classes: names.clone() };
    Ok(Labels { task: Task::Classification { classes: names }, entry, values })
}

fn regression(
    target: &str,
    values: Vec<f32>,
    range: (Option<f32>, Option<f32>),
    ids: &[String],
    splits: &[Split],
    notes: &mut Notes,
) -> Result<Labels, ImportError> {
    if let Some((value, id)) = values.iter().zip(ids).find(|(value, _)| !value.is_finite()) {
        return Err(ImportError::request(format!(
            "target `{target}`: found {value} for sample `{id}`, expected a finite number; choose another target"
        )));
    }
    let training = || values.iter().zip(splits).filter(|(_, split)| **split == Split::Train).map(|(value, _)| *value);
    let low = range.0.unwrap_or_else(|| training().fold(f32::INFINITY, f32::min));
    let high = range.1.unwrap_or_else(|| training().fold(f32::NEG_INFINITY, f32::max));
    if range.0.is_none() || range.1.is_none() {
        notes.assumed.push(format!("target `{target}` lies in [{low}, {high}], the range that occurs in training; --range LOW,HIGH sets another"));
    }
    if low.partial_cmp(&high) != Some(std::cmp::Ordering::Less) {
        return Err(ImportError::request(format!(
            "target `{target}`: found the range {low} to {high}, expected one with a width; give --range LOW,HIGH"
        )));
    }
    let outside = || values.iter().zip(ids).filter(|(value, _)| !(low..=high).contains(value));
    if let Some((value, id)) = outside().next() {
        let count = outside().count();
        return Err(ImportError::request(format!(
            "target `{target}`: found {value} for sample `{id}` (one of {count}), expected {low} to {high}; give the whole range with --range LOW,HIGH"
        )));
    }
    let name = clean::text(target);
    let entry = TaskEntry::Regression { tensor: TENSOR.into(), target: name.clone(), low, high };
    Ok(Labels { task: Task::Regression { target: name, low, high }, entry, values: Values::F32(values) })
}

/// Whole numbers below `bound` in the narrowest type that holds them.
pub fn whole(numbers: Vec<u32>, bound: usize) -> Values {
    if bound <= 1 << 8 {
        Values::U8(numbers.into_iter().map(|number| number as u8).collect())
    } else if bound <= 1 << 16 {
        Values::U16(numbers.into_iter().map(|number| number as u16).collect())
    } else {
        Values::U32(numbers)
    }
}
