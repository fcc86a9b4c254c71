//! Low-data variants: `?train=N` keeps a keyed draw of the training split.

use crate::{Dataset, DatasetError, Labels, Split, keyed::Key};

/// Reduces the training split to `count` samples.
///
/// The draw is nested (200 samples are among the 500) and, for classification, stratified: a sample's place is its random rank within its
/// class over the class's size, so every class fills up at the same pace and `count` samples hold each class in proportion, to within one.
pub(crate) fn reduce(dataset: &mut Dataset, count: usize) -> Result<(), DatasetError> {
    let rows = &mut dataset.splits[Split::Train as usize];
    if count == 0 || count > rows.len() {
        let (reference, available) = (dataset.reference.clone(), rows.len());
        return Err(DatasetError::TrainSize { reference: Box::new(reference), dataset: dataset.name.clone(), asked: count, available });
    }
    let key = Key::new("low-data").with("dataset", &dataset.base_hash);
    let class_of = |row: usize| match &dataset.labels {
        Labels::Classes(classes) => classes[row],
        Labels::Values(_) => 0,
    };
    let mut drawn: Vec<(u32, f64, usize)> =
        rows.iter().map(|&row| (class_of(row), key.clone().with("sample", &dataset.ids[row]).uniform(), row)).collect();
    // Ids break ties of the 53-bit draws: `rows` is in id order and the sort is stable.
    drawn.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut placed: Vec<(f64, f64, usize)> = Vec::with_capacity(drawn.len());
    for class in drawn.chunk_by(|a, b| a.0 == b.0) {
        let size = class.len() as f64;
        placed.extend(class.iter().enumerate().map(|(rank, &(_, draw, row))| ((rank as f64 + 0.5) / size, draw, row)));
    }
    placed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut kept: Vec<usize> = placed.into_iter().take(count).map(|(_, _, row)| row).collect();
    kept.sort_by(|&a, &b| dataset.ids[a].cmp(&dataset.ids[b]));
    *rows = kept;
    dataset.hash = Key::new("dataset variant").with("base", &dataset.hash).with("train", count).hex();
    Ok(())
}
