//! Numbers that are to be predicted, and the classes that the field makes of them.

use bench_readers::View;

use crate::{Draft, ImportError, Target, Targets};

/// Where the field draws the line between two classes of sentiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// `y < 0` against `y >= 0`: "Has0" of MMSA, MISA and MAG.
    NonNegative,
    /// `y <= 0` against `y > 0`: MulT, MultiBench, and MMSA on SIMS.
    Positive,
}

/// One finite number for each of `samples`: `[N]`, `[N, 1]`, `[N, 1, 1]`, or a list of such.
///
/// # Errors
/// Where there is something else.
pub fn scalars(view: &View<'_>, samples: usize) -> Result<Vec<f32>, ImportError> {
    let array = view.array()?;
    if array.rows() != samples || array.numel() != Some(samples) {
        let expected = format!("one number for each of {samples} samples");
        return Err(view.invalid(view.describe(), expected, "check that this is the right file and format").into());
    }
    let numbers = array.reals(view.path(), 0..array.rows())?;
    numbers.into_iter().enumerate().map(|(at, number)| finite(view, &format!("{}[{at}]", view.path()), number)).collect()
}

/// A number as 32 bits.
///
/// # Errors
/// Where it is not finite: a target cannot be repaired. `place` says where it stands.
pub fn finite(view: &View<'_>, place: &str, number: f64) -> Result<f32, ImportError> {
    let single = number as f32;
    if single.is_finite() {
        return Ok(single);
    }
    let remedy = "remove the sample: a target cannot be repaired";
    Err(bench_readers::ReadError::invalid(view.source().file(), place, number, "a finite number", remedy).into())
}

/// Adds `sentiment` and `polarity`.
pub fn add_sentiment(draft: &mut Draft, values: &[f32], line: Line) {
    let (low, high) = range(values);
    if let (Some(low), Some(high)) = (low, high) {
        draft.assumed.push(format!("sentiment lies in [{low}, {high}]: the field's range in which all of the file's values lie"));
    }
    draft.targets.push(Targets { name: "sentiment".into(), target: Target::Values { values: values.to_vec(), low, high } });
    draft.targets.push(polarity(values, line));
}

/// The field's range that holds these values: [-1, 1] (SIMS), [-3, 3] (MOSI, MOSEI), or none.
pub fn range(values: &[f32]) -> (Option<f32>, Option<f32>) {
    let largest = values.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let bound = [1.0, 3.0].into_iter().find(|&bound| largest <= bound);
    (bound.map(|bound: f32| -bound), bound)
}

/// Two classes of sentiment, named by what they hold.
fn polarity(values: &[f32], line: Line) -> Targets {
    let (names, upper): ([&str; 2], fn(f32) -> bool) = match line {
        Line::NonNegative => (["negative", "non-negative"], |value| value >= 0.0),
        Line::Positive => (["non-positive", "positive"], |value| value > 0.0),
    };
    let labels = values.iter().map(|&value| u32::from(upper(value))).collect();
    Targets { name: "polarity".into(), target: Target::Classes { labels, names: names.map(String::from).to_vec() } }
}

/// A target of two classes, `no` and `yes`.
pub fn yes_no(name: impl Into<String>, labels: impl IntoIterator<Item = bool>) -> Targets {
    let labels = labels.into_iter().map(u32::from).collect();
    Targets { name: name.into(), target: Target::Classes { labels, names: vec!["no".into(), "yes".into()] } }
}

/// Adds what the field's files of one number a sample hold: humour or sarcasm as 0 and 1 (or -1 and 1), else sentiment.
pub fn add_affect(draft: &mut Draft, values: &[f32], line: Line) {
    let within = |a: f32, b: f32| values.iter().all(|&value| value == a || value == b);
    if values.is_empty() || !(within(0.0, 1.0) || within(-1.0, 1.0)) {
        return add_sentiment(draft, values, line);
    }
    let name = match super::files::known(&draft.name) {
        Some("humor" | "urfunny" | "ur_funny") => "humor",
        Some("sarcasm" | "mustard") => "sarcasm",
        _ => "label",
    };
    draft.targets.push(yes_no(name, values.iter().map(|&value| value > 0.0)));
    draft.assumed.push(format!("two values occur as labels, the larger is taken as yes: `{name}` is a class"));
}

/// Classes by their numbers: called by `names` where there are as many, else by their digits.
///
/// # Errors
/// Where a number is below 0.
pub fn classes(view: &View<'_>, numbers: &[i64], names: &[&str]) -> Result<Target, ImportError> {
    if let Some(below) = numbers.iter().find(|&&number| number < 0) {
        return Err(view.invalid(format!("class {below}"), "classes from 0 on", "check that this is the right file and format").into());
    }
    if numbers.iter().any(|&number| number >= names.len() as i64) {
        return Ok(crate::labels::coded(numbers));
    }
    let labels = numbers.iter().map(|&number| number as u32).collect();
    Ok(Target::Classes { labels, names: names.iter().map(|&name| name.to_owned()).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_told_apart_by_the_line() {
        let labels = |line| match polarity(&[-0.2, 0.0, 0.4], line).target {
            Target::Classes { labels, .. } => labels,
            Target::Values { .. } => vec![],
        };
        assert_eq!(labels(Line::NonNegative), [0, 1, 1]);
        assert_eq!(labels(Line::Positive), [0, 0, 1]);
    }

    #[test]
    fn the_range_is_the_fields() {
        assert_eq!(range(&[-0.6, 1.0]), (Some(-1.0), Some(1.0)));
        assert_eq!(range(&[-0.6, 2.8]), (Some(-3.0), Some(3.0)));
        assert_eq!(range(&[7.0]), (None, None));
    }
}
