//! `text`, `audio` and `vision` of files that pad with zeros and hold no lengths: MulT and MultiBench.

use bench_readers::View;

use super::{
    labels,
    splits::{self, Part, Series},
};
use crate::{
    Content, Draft, ImportError, Stream,
    padding::{Extent, Shifted, Side, Valid},
};

/// Modalities, as in the files.
const MODALITIES: [&str; 3] = ["text", "audio", "vision"];

/// One modality and where its series begin and end; no extents for vectors.
struct Scanned {
    name: &'static str,
    series: Series,
    extents: Vec<Extent>,
}

/// Adds the modalities; with `drop` without the samples whose text is nothing but zeros. Gives the rows that are left.
///
/// Where all modalities have as many steps they are aligned to words, and are shifted together, by the text's padding.
///
/// # Errors
/// Where an array is missing in a split, has another shape than it should, or cannot be read.
pub fn add_series(draft: &mut Draft, parts: &[Part<'_>], drop: bool) -> Result<Vec<usize>, ImportError> {
    let mut found = Vec::new();
    for name in MODALITIES {
        if let Some(series) = splits::series(parts, name)? {
            found.push(Scanned { name, series, extents: Vec::new() });
        }
    }
    let Some(first) = found.first() else {
        let train = parts.first().map(|part| part.view.unexpected("one of the keys `text`, `audio`, `vision`"));
        return Err(train.map_or_else(|| ImportError::request("the file has no split"), ImportError::from));
    };
    let is_series = |one: &Scanned| one.series.shape.len() == 2;
    let aligned = found.len() > 1 && first.name == "text" && found.iter().all(|one| is_series(one) && one.series.steps() == first.series.steps());
    for one in found.iter_mut().filter(|one| is_series(one) && (!aligned || one.name == "text")) {
        for (place, array) in &one.series.arrays {
            one.extents.extend(Extent::scan(place, array, one.series.steps(), one.series.dim())?);
        }
    }

    let text: Vec<Extent> = found.iter().find(|one| one.name == "text").map(|one| one.extents.clone()).unwrap_or_default();
    let text_steps = found.iter().find(|one| one.name == "text").map_or(0, |one| one.series.steps());
    let silent = |row: usize| text.get(row).is_some_and(|extent| extent.is_empty(text_steps));
    let total: usize = parts.iter().map(|part| part.samples).sum();
    let kept: Vec<usize> = (0..total).filter(|&row| !drop || !silent(row)).collect();
    if kept.len() < total {
        draft.repaired.push(format!("{} samples whose text is nothing but zeros were left out, as the format's own loader does", total - kept.len()));
    }

    if aligned && let Some(side) = Side::of(&text, text_steps) {
        draft.assumed.push("all modalities have as many steps: they are aligned to words, and padded where the text is".into());
        say_shift(draft, "all modalities", side);
    }
    for one in found {
        let (rows, steps, dim) = (one.series.stacked(), one.series.steps(), one.series.dim());
        let numbers = if !is_series(&one) {
            Shifted::vectors(rows, kept.iter().copied(), dim)
        } else {
            let extents = if aligned { &text } else { &one.extents };
            let side = Side::of(extents, steps);
            if let Some(side) = side.filter(|_| !aligned) {
                say_shift(draft, one.name, side);
            }
            let whole = Extent { front: 0, back: 0 };
            let valid = |&row: &usize| {
                // Where the text is missing, it cannot tell where the others begin.
                let borrowed = aligned && one.name != "text" && silent(row);
                let extent = extents.get(row).copied().filter(|_| !borrowed).unwrap_or(whole);
                extent.valid(row, steps, side.unwrap_or(Side::Back))
            };
            let samples: Vec<Valid> = kept.iter().map(valid).collect();
            Shifted::numbers(rows, samples, steps, dim)
        };
        draft.streams.push(Stream { name: one.name.into(), content: Content::Numbers(numbers) });
    }
    Ok(kept)
}

fn say_shift(draft: &mut Draft, what: &str, side: Side) {
    match side {
        Side::Front => draft.repaired.push(format!("{what}: zeros in front of series, taken as padding, were moved behind them")),
        Side::Back => draft.assumed.push(format!("{what}: zeros behind series are taken as padding")),
    }
}

/// Numbers of the key `labels`, split after split.
///
/// # Errors
/// Where they are no single finite number a sample.
pub fn values(parts: &[Part<'_>]) -> Result<Vec<f32>, ImportError> {
    let mut values = Vec::new();
    for part in parts {
        values.extend(labels::scalars(&part.view.key("labels")?, part.samples)?);
    }
    Ok(values)
}

/// Whether the keys are those of these files; gives the training split.
pub fn is_padded<'a>(root: &View<'a>) -> Option<View<'a>> {
    let train = root.find("train").ok()??;
    let has = |key| train.find(key).ok().flatten().is_some();
    (has("labels") && MODALITIES.into_iter().any(has)).then_some(train)
}

/// The chosen of these, in order.
pub fn choose<T: Clone>(all: &[T], kept: &[usize]) -> Vec<T> {
    kept.iter().filter_map(|&row| all.get(row).cloned()).collect()
}
