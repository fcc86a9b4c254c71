/*!
What was spent on choosing a row's hyper-parameters. Two rows are ranked against each other only where it was the same: of equal methods the one with more
draws wins on validation, and often on the test split.
*/

use std::fmt;

/// What a trial says that chose its checkpoint where there was nothing to choose: it is not trained.
const UNTRAINED: &str = "none";

/// How many settings were tried before the one that a row was trained with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Budget {
    /// Nothing was searched by this program: presets `harness` and `paper`.
    Untuned,
    /// The best on validation of so many random settings, at least 1: preset `tuned(N)`.
    Tuned(u64),
    /// A preset that says nothing of its budget, as it is written. It is the same as itself alone.
    Other(String),
}

impl Budget {
    /// Of a trial of this preset whose checkpoint was chosen on `selected_on`; `None` where it is not trained, and so has no hyper-parameters.
    pub fn of_trial(preset: &str, selected_on: &str) -> Option<Self> {
        (selected_on != UNTRAINED).then(|| Self::of(preset))
    }

    /// Of a preset as records, rows and trials carry it.
    ///
    /// ```
    /// use bench_reports::budget::Budget;
    /// assert_eq!(Budget::of("paper"), Budget::of("harness"));
    /// assert_eq!(Budget::of("tuned(20)").to_string(), "tuned, 20 settings");
    /// ```
    pub fn of(preset: &str) -> Self {
        if matches!(preset, "harness" | "paper") {
            return Self::Untuned;
        }
        let number = preset.strip_prefix("tuned(").and_then(|rest| rest.strip_suffix(')'));
        // As it is written and in no other way: two texts never name one budget.
        let settings = number.and_then(|text| text.parse::<u64>().ok().filter(|settings| *settings > 0 && settings.to_string() == text));
        settings.map_or_else(|| Self::Other(preset.into()), Self::Tuned)
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Untuned => out.write_str("untuned"),
            Self::Tuned(1) => out.write_str("tuned, 1 setting"),
            Self::Tuned(settings) => write!(out, "tuned, {settings} settings"),
            Self::Other(preset) => write!(out, "unknown (preset {preset})"),
        }
    }
}

/// Why a row is not ranked against another; `None` where it is: the budgets are the same, or one has none, because it is not trained.
pub fn refusal(own: Option<&Budget>, other: Option<&Budget>) -> Option<String> {
    let (own, other) = own.zip(other).filter(|(own, other)| own != other)?;
    Some(format!("other tuning budget: {own} against {other}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preset_says_how_much_was_searched() {
        assert_eq!((Budget::of("harness"), Budget::of("paper")), (Budget::Untuned, Budget::Untuned));
        assert_eq!((Budget::of("tuned(1)"), Budget::of("tuned(20)")), (Budget::Tuned(1), Budget::Tuned(20)));
        assert_eq!(Budget::of("tuned(18446744073709551615)"), Budget::Tuned(u64::MAX));
        assert_eq!(
            [Budget::Untuned, Budget::Tuned(1), Budget::Tuned(20)].map(|budget| budget.to_string()),
            ["untuned", "tuned, 1 setting", "tuned, 20 settings"]
        );
    }

    /// Nothing but a plain number above zero is a number of settings; what is not understood stays as it is, and equals no number.
    #[test]
    fn hostile_text_is_no_budget_of_a_known_size() {
        let hostile = [
            "",
            "tuned",
            "tuned()",
            "tuned(-1)",
            "tuned(+1)",
            "tuned(0)",
            "tuned(020)",
            "tuned( 20)",
            "tuned(20) ",
            "tuned(20))",
            "tuned(20",
            "Tuned(20)",
            "tuned(2e1)",
            "tuned(99999999999999999999)",
            "tuned(18446744073709551616)",
            "tuned(٢٠)",
            "tuned(20)tuned(20)",
            "Paper",
            "paper ",
        ];
        for text in hostile {
            assert_eq!(Budget::of(text), Budget::Other(text.into()));
            assert!(
                refusal(Some(&Budget::of(text)), Some(&Budget::Untuned)).is_some()
                    && refusal(Some(&Budget::of(text)), Some(&Budget::of(text))).is_none()
            );
        }
    }

    #[test]
    fn only_different_budgets_are_refused() {
        let (none, twenty, forty) = (Budget::Untuned, Budget::Tuned(20), Budget::Tuned(40));
        assert_eq!(refusal(Some(&twenty), Some(&none)).as_deref(), Some("other tuning budget: tuned, 20 settings against untuned"));
        assert_eq!(refusal(Some(&twenty), Some(&forty)).as_deref(), Some("other tuning budget: tuned, 20 settings against tuned, 40 settings"));
        assert_eq!(
            (refusal(Some(&twenty), Some(&twenty)), refusal(None, Some(&twenty)), refusal(Some(&none), None), refusal(None, None)),
            (None, None, None, None)
        );
    }
}
