//! Splits and groups: those of the files, and draws where they have none.

use std::collections::HashMap;

use bench_datasets::Split;

use super::{Notes, clean, draw};
use crate::{Groups, ImportError, Options, Target, options::NO_GROUP};

/// The split of each sample, and the groups that no split cuts.
#[derive(Debug)]
pub struct Divided {
    pub splits: Vec<Split>,
    pub groups: Option<Grouping>,
}

/// Samples that belong together.
#[derive(Debug)]
pub struct Grouping {
    pub name: String,
    /// In the order in which they occur first.
    pub names: Vec<String>,
    /// Place in `names`.
    pub of_sample: Vec<u32>,
}

impl Divided {
    /// Samples by split.
    pub fn counts(&self) -> [usize; 3] {
        Split::ALL.map(|split| self.splits.iter().filter(|&&own| own == split).count())
    }
}

impl Grouping {
    fn of(groups: &Groups, ids: &[String]) -> Result<Self, ImportError> {
        if groups.of_sample.len() != ids.len() {
            return Err(ImportError::request(format!(
                "groups by {}: found {} of them, expected {} as there are ids; check that the files belong together",
                groups.name,
                groups.of_sample.len(),
                ids.len()
            )));
        }
        let (mut names, mut known) = (Vec::new(), HashMap::new());
        let of_sample = groups.of_sample.iter().map(|group| {
            let mut group = clean::text(group);
            if group.is_empty() {
                group.push_str("unknown");
            }
            *known.entry(group).or_insert_with_key(|group| {
                names.push(group.clone());
                names.len() as u32 - 1
            })
        });
        let of_sample = of_sample.collect();
        Ok(Self { name: clean::plain(&groups.name), names, of_sample })
    }

    /// A group in two splits, with a sample in each.
    fn crossing(&self, splits: &[Split]) -> Option<(&str, usize, usize)> {
        let mut first: Vec<Option<usize>> = vec![None; self.names.len()];
        for (row, (&group, split)) in self.of_sample.iter().zip(splits).enumerate() {
            let place = first.get_mut(group as usize)?;
            let before = *place.get_or_insert(row);
            if splits.get(before) != Some(split) {
                return Some((self.names.get(group as usize)?, before, row));
            }
        }
        None
    }

    /// Rows of each group that has any among these.
    fn members(&self, rows: &[usize]) -> Vec<(&str, Vec<usize>)> {
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); self.names.len()];
        for &row in rows {
            if let Some(own) = self.of_sample.get(row).and_then(|&group| members.get_mut(group as usize)) {
                own.push(row);
            }
        }
        self.names.iter().map(String::as_str).zip(members).filter(|(_, rows)| !rows.is_empty()).collect()
    }

    /// Groups by split.
    pub fn counts(&self, splits: &[Split]) -> [usize; 3] {
        Split::ALL.map(|split| {
            let mut seen = vec![false; self.names.len()];
            for (&group, _) in self.of_sample.iter().zip(splits).filter(|(_, own)| **own == split) {
                if let Some(seen) = seen.get_mut(group as usize) {
                    *seen = true;
                }
            }
            seen.into_iter().filter(|&seen| seen).count()
        })
    }
}

/// Chooses the grouping, and draws the splits that the files do not have out of training.
pub fn divide(
    ids: &[String],
    splits: Vec<Split>,
    groups: Vec<Groups>,
    target: &Target,
    options: &Options,
    notes: &mut Notes,
) -> Result<Divided, ImportError> {
    let mut splits = if splits.is_empty() { vec![Split::Train; ids.len()] } else { splits };
    if splits.len() != ids.len() {
        return Err(ImportError::request(format!(
            "splits: found {} of them, expected {} as there are ids; check that the files belong together",
            splits.len(),
            ids.len()
        )));
    }
    let training: Vec<usize> = (0..ids.len()).filter(|&row| splits[row] == Split::Train).collect();
    let missing: Vec<(Split, f64)> =
        [(Split::Test, options.test), (Split::Validation, options.validation)].into_iter().filter(|(split, _)| !splits.contains(split)).collect();
    if training.len() <= missing.len() {
        return Err(ImportError::request(format!(
            "splits: found {} training samples, expected more than {}, as training must be left when the other splits are drawn; give more samples",
            training.len(),
            missing.len()
        )));
    }
    let grouping = choose(ids, &splits, groups, &training, missing.len(), options, notes)?;
    let pool = training.len();
    for (at, &(split, share)) in missing.iter().enumerate() {
        let left: Vec<usize> = training.iter().copied().filter(|&row| splits[row] == Split::Train).collect();
        let spare = missing.len() - at;
        let count = ((pool as f64 * share).round() as usize).clamp(1, left.len() - spare);
        let drawn = match &grouping {
            Some(grouping) => {
                let members = grouping.members(&left);
                let sizes: Vec<(&str, usize)> = members.iter().map(|(name, rows)| (*name, rows.len())).collect();
                draw::groups(&sizes, count, spare, split.name()).into_iter().flat_map(|at| members[at].1.clone()).collect()
            }
            None => {
                let class = |row: usize| match target {
                    Target::Classes { labels, .. } => labels.get(row).copied().unwrap_or_default(),
                    Target::Values { .. } => 0,
                };
                draw::samples(&left, count, split.name(), |row| ids[row].clone(), class)
            }
        };
        drawn.iter().for_each(|&row| splits[row] = split);
        let how = match (&grouping, target) {
            (Some(grouping), _) => format!("in whole groups ({})", grouping.name),
            (None, Target::Classes { .. }) => "each class in proportion".into(),
            (None, Target::Values { .. }) => "sample by sample".into(),
        };
        notes.assumed.push(format!("the files have no {} split: {} of {pool} training samples were drawn for it, {how}", split.name(), drawn.len()));
    }
    Ok(Divided { splits, groups: grouping })
}

/// The grouping that was asked for, or the first that crosses no split and leaves enough groups for the splits that are drawn.
fn choose(
    ids: &[String],
    splits: &[Split],
    groups: Vec<Groups>,
    training: &[usize],
    missing: usize,
    options: &Options,
    notes: &mut Notes,
) -> Result<Option<Grouping>, ImportError> {
    let names: Vec<String> = groups.iter().map(|groups| format!("`{}`", groups.name)).collect();
    if let Some(asked) = options.group.as_deref().filter(|asked| *asked != NO_GROUP && !groups.iter().any(|groups| groups.name == *asked)) {
        let there_are = if names.is_empty() { "there is none".to_owned() } else { format!("there are: {}", names.join(", ")) };
        return Err(ImportError::request(format!("there is no grouping `{asked}` in these files; {there_are}")));
    }
    let mut chosen = None;
    for own in groups {
        let grouping = Grouping::of(&own, ids)?;
        let asked = options.group.as_ref().is_some_and(|asked| *asked == own.name);
        let unfit = if let Some((group, one, other)) = grouping.crossing(splits) {
            Some(format!("`{group}` is in two splits, with the samples `{}` and `{}`", ids[one], ids[other]))
        } else if missing > 0 && grouping.members(training).len() <= missing {
            let found = grouping.members(training).len();
            Some(format!("{found} in training are too few to draw splits of whole groups"))
        } else {
            None
        };
        match (unfit, asked) {
            (Some(reason), true) => {
                return Err(ImportError::request(format!("groups by {}: {reason}; choose another grouping, or --group none", own.name)));
            }
            (Some(reason), false) => notes.left_out.push(format!("groups by {}: {reason}", own.name)),
            (None, true) => chosen = Some(grouping),
            (None, false) if options.group.is_none() && chosen.is_none() => chosen = Some(grouping),
            (None, false) => notes.left_out.push(format!("groups by {0}; --group {0} has them", own.name)),
        }
    }
    Ok(chosen)
}
