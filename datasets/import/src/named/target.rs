//! What is to be predicted, as classes or as a number.

use crate::{
    ImportError, Target, labels,
    spec::{Classes, Names, TargetEntry, TargetKind},
    store::Store,
};

use super::column::Column;

/// Targets of all samples; what is concluded from how they are stored is said.
///
/// # Errors
/// Where they are not what the entry says, or not finite.
pub(super) fn target(entry: &TargetEntry, column: &Column<'_>, store: &Store, assumed: &mut Vec<String>) -> Result<Target, ImportError> {
    let text = column.is_text();
    if let Some(at) = entry.column {
        return chosen(entry, column, at);
    }
    let (codes, wide) = match (entry.kind, text) {
        (_, true) | (Some(TargetKind::Value), _) => (None, false),
        _ => one_hot(column)?.map_or((None, false), |codes| (Some(codes), true)),
    };
    let kind = entry.kind.unwrap_or_else(|| {
        if wide {
            assumed.push(format!("target `{}` has one 1 a row: it is taken as classes", entry.name));
        } else if !text {
            let (found, taken) = if column.is_real() { ("floating point", "a number to predict") } else { ("whole numbers", "classes") };
            assumed.push(format!("target `{}` is {found}: it is taken as {taken}", entry.name));
        }
        if text || wide || !column.is_real() { TargetKind::Classes } else { TargetKind::Value }
    });
    if kind == TargetKind::Value {
        return values(entry, column, column.reals()?);
    }
    let names = match &entry.classes {
        None => None,
        Some(Classes::Names(names)) => Some(names.clone()),
        Some(Classes::Array(name)) => Some(store.field(&Names::One(name.clone()))?.texts()?),
    };
    if text {
        let found: Vec<String> = column.texts()?.iter().map(|label| label.trim().to_owned()).collect();
        return names.map_or_else(|| Ok(labels::named(&found)), |names| labels::among(&column.what, &found, &names));
    }
    let codes = codes.map_or_else(|| column.wholes(), Ok)?;
    Ok(match names {
        Some(names) => labels::placed(&column.what, &codes, &names, entry.first.unwrap_or(0))?,
        None => labels::coded(&codes),
    })
}

/// One of several numbers a sample.
fn chosen(entry: &TargetEntry, column: &Column<'_>, at: usize) -> Result<Target, ImportError> {
    if entry.kind == Some(TargetKind::Classes) {
        let (codes, width) = column.matrix()?;
        let own: Vec<i64> = codes.chunks(width.max(1)).filter_map(|row| row.get(at).copied()).collect();
        if at >= width {
            return Err(column.unexpected(&format!("more than {at} numbers a sample"), "count `column` from 0"));
        }
        return match &entry.classes {
            Some(Classes::Names(names)) => labels::placed(&column.what, &own, names, entry.first.unwrap_or(0)),
            _ => Ok(labels::coded(&own)),
        };
    }
    let (reals, width) = column.real_matrix()?;
    if at >= width {
        return Err(column.unexpected(&format!("more than {at} numbers a sample"), "count `column` from 0"));
    }
    values(entry, column, reals.chunks(width.max(1)).filter_map(|row| row.get(at).copied()).collect())
}

fn values(entry: &TargetEntry, column: &Column<'_>, reals: Vec<f64>) -> Result<Target, ImportError> {
    let value = |(at, value): (usize, f64)| {
        let value = value as f32;
        if value.is_finite() {
            return Ok(value);
        }
        Err(ImportError::request(format!(
            "{}, sample {at} (from 0): found {value}, expected a finite number; mend it, or drop the sample",
            column.what
        )))
    };
    let values = reals.into_iter().enumerate().map(value).collect::<Result<_, _>>()?;
    Ok(Target::Values { values, low: entry.low, high: entry.high })
}

/// Places of the ones in rows of which each has one 1 and zeros; `None` where a row is one number.
fn one_hot(column: &Column<'_>) -> Result<Option<Vec<i64>>, ImportError> {
    if column.width()? == 1 {
        return Ok(None);
    }
    let unfit =
        || column.unexpected("one label a sample, or rows of zeros with a single 1", "name the right array, or one of its columns by `column`");
    let Ok((codes, width)) = column.matrix() else { return Err(unfit()) };
    let place = |row: &[i64]| {
        let one = row.iter().position(|&code| code == 1)?;
        (row.iter().filter(|&&code| code != 0).count() == 1).then_some(one as i64)
    };
    let places: Option<Vec<i64>> = codes.chunks(width.max(1)).map(place).collect();
    places.map(Some).ok_or_else(unfit)
}
