//! Measured numbers as text.

use crate::table::{Table, Value};

/// A difference with its sign: `+1.2`, `−0.3`. A rounded zero is `+0.0`.
pub(super) fn signed(difference: f64, decimals: usize) -> String {
    let digits = format!("{:.decimals$}", difference.abs());
    let zero = digits.chars().all(|c| c == '0' || c == '.');
    // U+2212, so that a minus is as wide as a plus.
    format!("{}{digits}", if difference < 0.0 && !zero { '−' } else { '+' })
}

/// `= 0.012`, `< 0.0001`: never a false zero.
pub(super) fn p_value(p: f64) -> String {
    match p {
        p if p.is_nan() => "unknown".into(),
        p if p < 1e-4 => "< 0.0001".into(),
        p if p < 0.001 => format!("= {p:.5}"),
        p if p < 0.1 => format!("= {p:.4}"),
        p => format!("= {p:.2}"),
    }
}

/// What is shown of a measured number.
pub(super) struct Shown<'a> {
    /// `58.82 ± 1.51`.
    pub number: String,
    /// `▲`, or nothing.
    pub mark: &'static str,
    /// `+1.2`, mean minus the printed number.
    pub difference: Option<String>,
    /// The dataset, where it stands in for the paper's.
    pub stand_in: Option<&'a str>,
}

impl<'a> From<&'a Value> for Shown<'a> {
    fn from(value: &'a Value) -> Self {
        Self {
            number: value.text(),
            mark: value.versus.as_ref().map_or("", |versus| versus.verdict.mark()),
            difference: value.difference.map(|difference| signed(difference, usize::from(value.decimals))),
            stand_in: value.stands_in.then_some(value.on.as_str()),
        }
    }
}

/// Everything behind a measured number that fits a few lines of plain text.
pub(super) fn provenance(table: &Table, value: &Value, data: &[&str]) -> String {
    let mut lines = vec![format!("{}on {}", if value.stands_in { "stand-in, " } else { "" }, value.on)];
    if !value.per_seed.is_empty() {
        let seeds: Vec<String> = value.per_seed.iter().map(|(seed, score)| format!("{seed}: {score:.*}", usize::from(value.decimals) + 1)).collect();
        lines.push(format!("by seed {}", seeds.join(", ")));
    }
    if let Some(versus) = &value.versus {
        let reference = table.reference.as_deref().unwrap_or("the reference");
        let samples = versus.p_samples.map_or_else(String::new, |p| format!(", with samples p {}", p_value(p)));
        lines.push(format!(
            "against {reference}: {}, seeds p {}{samples}",
            signed(versus.difference, usize::from(value.decimals)),
            p_value(versus.p)
        ));
    }
    if !value.trials.is_empty() {
        lines.push(format!("trials {}", value.trials.iter().map(|key| prefix(key)).collect::<Vec<_>>().join(" ")));
    }
    if !data.is_empty() {
        lines.push(format!("data {}", data.iter().map(|hash| prefix(hash)).collect::<Vec<_>>().join(" ")));
    }
    lines.join("\n")
}

/// The first twelve characters of a hash.
fn prefix(hash: &str) -> &str {
    hash.char_indices().nth(12).map_or(hash, |(end, _)| hash.get(..end).unwrap_or(hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_carry_a_sign_and_zero_has_a_plus() {
        assert_eq!([1.24, -0.26, -0.04].map(|difference| signed(difference, 1)), ["+1.2", "−0.3", "+0.0"]);
    }

    #[test]
    fn p_values_never_print_as_zero() {
        assert_eq!([0.5, 0.0123, 0.000_34, 0.0].map(p_value), ["= 0.50", "= 0.0123", "= 0.00034", "< 0.0001"]);
    }
}
