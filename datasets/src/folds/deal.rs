//! Dealing samples into parts of even size and even classes: by keyed draws, whole groups together.

use std::collections::BTreeMap;

use crate::{Dataset, Groups, Labels, keyed::Key};

/// The part of every row, from 0 to below `folds`; none is empty.
///
/// Without groups: within each class by random rank, one after another, so that parts differ by at most one sample in each class and in all. With groups: the
/// largest first (equal ones in random order), each to the part that then is most even.
pub(super) fn parts(dataset: &Dataset, folds: usize) -> Result<Vec<usize>, String> {
    let key = Key::new("k-fold").with("dataset", &dataset.base_hash).with("folds", folds);
    let class_of = match &dataset.labels {
        Labels::Classes(classes) => classes.clone(),
        Labels::Values(values) => vec![0; values.len()],
    };
    let (units, names) = match &dataset.groups {
        None => (dataset.ids.len(), "samples".to_owned()),
        Some(groups) => (occupied(groups).len(), format!("groups ({})", groups.name)),
    };
    if units < folds {
        return Err(format!("it has {units} {names}, too few for {folds} folds; ask for {units} folds or fewer"));
    }
    Ok(match &dataset.groups {
        None => samples(&dataset.ids, &class_of, folds, &key),
        Some(groups) => whole_groups(groups, &class_of, folds, &key),
    })
}

/// Numbers of the groups that have samples.
fn occupied(groups: &Groups) -> Vec<u32> {
    let mut present = groups.of_sample.clone();
    present.sort_unstable();
    present.dedup();
    present
}

fn samples(ids: &[String], class_of: &[u32], folds: usize, key: &Key) -> Vec<usize> {
    let mut drawn: Vec<(u32, f64, usize)> =
        class_of.iter().zip(ids).enumerate().map(|(row, (&class, id))| (class, key.clone().with("sample", id).uniform(), row)).collect();
    // Equal draws of 53 bits are told apart by their ids.
    drawn.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then_with(|| ids[a.2].cmp(&ids[b.2])));
    let mut parts = vec![0; ids.len()];
    for (place, (_, _, row)) in drawn.into_iter().enumerate() {
        parts[row] = place % folds;
    }
    parts
}

/// What a group or a part holds: samples in all, and by class. Memory is bounded by the samples, however many groups and classes there are.
#[derive(Clone, Default)]
struct Holding {
    samples: usize,
    classes: BTreeMap<u32, usize>,
}

impl Holding {
    fn add(&mut self, class: u32, samples: usize) {
        self.samples += samples;
        *self.classes.entry(class).or_default() += samples;
    }

    fn of(&self, class: u32) -> usize {
        self.classes.get(&class).copied().unwrap_or_default()
    }

    /// By how much the sum of squared shares of the parts grows where a group joins this one, up to what is the same for all parts: half of the weight is on
    /// the samples, half on the classes. An empty part has 0, any other more, so no part stays empty while there are groups.
    fn unevenness(&self, group: &Self, all: &Self) -> f64 {
        let share = |own: usize, other: usize, total: usize| own as f64 * other as f64 / (total as f64 * total as f64);
        let classes: f64 = group.classes.iter().map(|(&class, &samples)| share(self.of(class), samples, all.of(class))).sum();
        share(self.samples, group.samples, all.samples) + classes / all.classes.len() as f64
    }
}

fn whole_groups(groups: &Groups, class_of: &[u32], folds: usize, key: &Key) -> Vec<usize> {
    let mut held = vec![Holding::default(); groups.names.len()];
    let mut all = Holding::default();
    for (&group, &class) in groups.of_sample.iter().zip(class_of) {
        held[group as usize].add(class, 1);
        all.add(class, 1);
    }
    let mut order: Vec<(usize, f64, u32)> = occupied(groups)
        .into_iter()
        .map(|group| (held[group as usize].samples, key.clone().with("group", &groups.names[group as usize]).uniform(), group))
        .collect();
    order.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
    let mut parts = vec![Holding::default(); folds];
    let mut part_of = vec![0; groups.names.len()];
    for (_, _, group) in order {
        let own = &held[group as usize];
        let costs = parts.iter().map(|part| part.unevenness(own, &all));
        // The first of equally good ones.
        let Some((at, _)) = costs.enumerate().min_by(|a, b| a.1.total_cmp(&b.1)) else { continue };
        own.classes.iter().for_each(|(&class, &samples)| parts[at].add(class, samples));
        part_of[group as usize] = at;
    }
    groups.of_sample.iter().map(|&group| part_of[group as usize]).collect()
}
