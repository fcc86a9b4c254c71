//! A modality's values: words, series, or rows of one shape.

use crate::{
    Content, ImportError, Numbers,
    draft::Ragged,
    rows::{ChannelsFirst, Ranged},
    spec::{KindEntry, ModalityEntry, Names},
    store::Store,
    words::words,
};

use super::column::Column;

/// A modality's values.
///
/// # Errors
/// Where they are not what its entry says.
pub(super) fn content(
    entry: &ModalityEntry,
    column: &Column<'_>,
    lengths: Option<&Column<'_>>,
    store: &Store,
    repaired: &mut Vec<String>,
) -> Result<Content, ImportError> {
    let unfit = |found: String, expected: String, remedy: &str| {
        ImportError::request(format!("modality `{}`: found {found}, expected {expected}; {remedy}", entry.name))
    };
    if let Some(vocabulary) = &entry.vocabulary {
        return coded(column, &store.field(&Names::One(vocabulary.clone()))?.texts()?);
    }
    if entry.kind == Some(KindEntry::Words) || (entry.kind.is_none() && column.is_text()) {
        return Ok(Content::Words(column.texts()?.iter().map(|text| words(text)).collect()));
    }
    if let Some(series) = column.series()? {
        if lengths.is_some() || !matches!(entry.kind, None | Some(KindEntry::Sequence)) {
            let found = format!("a list of {} arrays", series.len());
            return Err(unfit(found, "series, whose own lengths count".into(), "leave out `lengths`, and `kind` or set it to sequence"));
        }
        let rows = Ragged::new(series)?;
        let (shape, lengths) = (vec![rows.steps, rows.dim], Some(rows.lengths()));
        return Ok(Content::Numbers(Numbers { shape, lengths, rows: Box::new(rows), bytes: None }));
    }
    let (mut rows, stored, bytes) = column.rows(repaired)?;
    let numel = |shape: &[usize]| shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
    let given = entry.shape.clone().unwrap_or_else(|| stored.clone());
    if numel(&given) != numel(&stored) {
        return Err(unfit(format!("rows of shape {stored:?}"), format!("as many numbers as `shape` {given:?} has"), "correct `shape`"));
    }
    let kind = entry.kind.unwrap_or(match given.len() {
        0 | 1 => KindEntry::Vector,
        2 => KindEntry::Sequence,
        _ => KindEntry::Image,
    });
    let shape = match (kind, &*given) {
        (KindEntry::Vector | KindEntry::Words, _) => vec![numel(&given).unwrap_or(0)],
        (KindEntry::Sequence, &[steps]) => vec![steps, 1],
        (KindEntry::Sequence, &[steps, dim]) => vec![steps, dim],
        (KindEntry::Image, &[height, width]) => vec![1, height, width],
        (KindEntry::Image, &[height, width, channels @ (1 | 3)]) if entry.channels_last => {
            rows = Box::new(ChannelsFirst { from: rows, channels });
            vec![channels, height, width]
        }
        (KindEntry::Image, &[channels @ (1 | 3), height, width]) if !entry.channels_last => vec![channels, height, width],
        _ => {
            let expected = match kind {
                KindEntry::Sequence => "[steps, features]",
                _ => "[1 or 3 channels, height, width] or [height, width], or with `channels_last = true` [height, width, 1 or 3 channels]",
            };
            return Err(unfit(format!("rows of shape {given:?}"), expected.into(), "set `kind`, or `shape` to another shape of as many numbers"));
        }
    };
    let lengths = match (lengths, &*shape) {
        (None, _) => None,
        (Some(column), &[steps, _]) => Some(valid(column, steps)?),
        (Some(_), _) => return Err(unfit("lengths".into(), "none: only sequences have them".into(), "leave out `lengths`")),
    };
    let image = kind == KindEntry::Image;
    let scale = match (image, bytes, entry.range) {
        (true, true, None | Some((0.0, 255.0))) => Some((1.0 / 255.0, 0.0)),
        (false, true, None) => Some((1.0, 0.0)),
        (false, _, Some(_)) => return Err(unfit("a range".into(), "none: only images have one".into(), "leave out `range`")),
        _ => None,
    };
    if image && scale.is_none() {
        let (low, high) = entry.range.unwrap_or((0.0, 1.0));
        rows = Box::new(Ranged { from: rows, low, high, name: entry.name.clone() });
    }
    Ok(Content::Numbers(Numbers { shape, lengths, rows, bytes: scale }))
}

/// Valid steps of each sample.
fn valid(column: &Column<'_>, steps: usize) -> Result<Vec<u32>, ImportError> {
    let length = |(at, length): (usize, i64)| match u32::try_from(length) {
        Ok(valid) if valid as usize <= steps => Ok(valid),
        _ => Err(ImportError::request(format!(
            "{}, sample {at} (from 0): found {length}, expected 0 to {steps} steps; name the array of lengths that belongs to the series",
            column.what
        ))),
    };
    column.wholes()?.into_iter().enumerate().map(length).collect()
}

/// Words from their places in a vocabulary; place 0 is padding and ends a text.
fn coded(column: &Column<'_>, vocabulary: &[String]) -> Result<Content, ImportError> {
    let (codes, steps) = column.matrix()?;
    let word = |&code: &i64| {
        usize::try_from(code).ok().and_then(|place| vocabulary.get(place)).cloned().ok_or_else(|| {
            let expected = format!("0 to {} as the vocabulary has words", vocabulary.len().saturating_sub(1));
            ImportError::request(format!("{}: found the word {code}, expected {expected}; name the right vocabulary", column.what))
        })
    };
    let text = |row: &[i64]| row.iter().take_while(|&&code| code != 0).map(word).collect::<Result<Vec<_>, _>>();
    Ok(Content::Words(codes.chunks(steps.max(1)).map(text).collect::<Result<_, _>>()?))
}
