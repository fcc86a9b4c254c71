/*!
What tuning may change of a method, and a setting drawn from it.

A space is declared beside its method, so that nobody who tunes can widen it for one method alone. Beside options it holds two factors of the recipe that every
trained method has: on the learning rates and on the weight decays of all optimisers.
*/

use serde::{Deserialize, Serialize};

use crate::{Card, Optimiser, OptionError, Options, Recipe, Value, options};

/// The factor on all learning rates of a recipe.
pub const LEARNING_RATE: &str = "learning-rate";
/// The factor on all weight decays of a recipe.
pub const WEIGHT_DECAY: &str = "weight-decay";

/// Significant digits of a drawn number: more would suggest that they matter.
const DIGITS: i32 = 3;

/// One hyper-parameter with the values that tuning draws from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dimension {
    /// An option of the method, [`LEARNING_RATE`] or [`WEIGHT_DECAY`].
    pub name: String,
    /// Values.
    pub range: Range,
}

/// Values that a draw takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Range {
    /// Uniform between two numbers.
    Linear(f64, f64),
    /// Uniform in the logarithm between two numbers above 0.
    Log(f64, f64),
    /// Each alike.
    OneOf(Vec<Value>),
}

/// A setting: what it changes of a method's defaults.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Setting {
    /// Whether the paper's own training is taken instead of the harness's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub paper_training: bool,
    /// Factor on all learning rates.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub learning_rate: f64,
    /// Factor on all weight decays.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub weight_decay: f64,
    /// Options that are set.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub options: Options,
}

fn one() -> f64 {
    1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_one(factor: &f64) -> bool {
    *factor == 1.0
}

impl Default for Setting {
    /// The method's defaults, trained as the harness does.
    fn default() -> Self {
        Self { paper_training: false, learning_rate: 1.0, weight_decay: 1.0, options: Options::new() }
    }
}

impl Dimension {
    /// A number, uniform in its logarithm.
    pub fn log(name: &str, low: f64, high: f64) -> Self {
        Self { name: name.into(), range: Range::Log(low, high) }
    }

    /// A number, uniform.
    pub fn linear(name: &str, low: f64, high: f64) -> Self {
        Self { name: name.into(), range: Range::Linear(low, high) }
    }

    /// One of some numbers.
    pub fn one_of(name: &str, values: &[f64]) -> Self {
        Self { name: name.into(), range: Range::OneOf(values.iter().map(|&value| value.into()).collect()) }
    }

    /// What every trained method has: both factors from a tenth to ten.
    pub fn of_training() -> Vec<Self> {
        vec![Self::log(LEARNING_RATE, 0.1, 10.0), Self::log(WEIGHT_DECAY, 0.1, 10.0)]
    }

    /// The value at `uniform` in [0, 1), numbers rounded to three digits but never out of the range.
    pub fn at(&self, uniform: f64) -> Value {
        match &self.range {
            Range::Linear(low, high) => rounded(low + (high - low) * uniform).clamp(*low, *high).into(),
            Range::Log(low, high) => rounded((low.ln() + (high.ln() - low.ln()) * uniform).exp()).clamp(*low, *high).into(),
            Range::OneOf(values) => {
                let at = (uniform * values.len() as f64) as usize;
                values.get(at).or(values.last()).cloned().unwrap_or(Value::Flag(false))
            }
        }
    }

    /// Its values in words.
    pub fn describe(&self) -> String {
        match &self.range {
            Range::Linear(low, high) => format!("{low} to {high}"),
            Range::Log(low, high) => format!("{low} to {high}, uniform in the logarithm"),
            Range::OneOf(values) => values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        }
    }
}

fn rounded(number: f64) -> f64 {
    if number == 0.0 || !number.is_finite() {
        return number;
    }
    // By way of text, which is the shortest decimal: 0.3 and not 0.30000000000000004.
    format!("{number:.*e}", DIGITS as usize - 1).parse().unwrap_or(number)
}

impl Setting {
    /// The setting with a dimension at a value; a factor that is no number leaves it as it is.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        match (name, &value) {
            (LEARNING_RATE, Value::Number(factor)) => self.learning_rate = *factor,
            (WEIGHT_DECAY, Value::Number(factor)) => self.weight_decay = *factor,
            _ => drop(self.options.insert(name.into(), value)),
        }
        self
    }

    /// What it changes, e.g. `learning-rate ×2.1, lambda1=0.4`; `defaults` where nothing.
    pub fn describe(&self) -> String {
        let mut parts = Vec::new();
        if self.paper_training {
            parts.push("paper's training".to_owned());
        }
        let factors = [(LEARNING_RATE, self.learning_rate), (WEIGHT_DECAY, self.weight_decay)];
        parts.extend(factors.iter().filter(|(_, factor)| *factor != 1.0).map(|(name, factor)| format!("{name} ×{factor}")));
        parts.extend(self.options.iter().map(|(name, value)| format!("{name}={value}")));
        if parts.is_empty() { "defaults".into() } else { parts.join(", ") }
    }

    /// The recipe of a card with this setting.
    pub fn recipe(&self, card: &Card) -> Recipe {
        let base = if self.paper_training { card.paper_recipe.as_ref().unwrap_or(&card.recipe) } else { &card.recipe };
        base.scaled(self.learning_rate, self.weight_decay)
    }

    /// Whether its options are the card's and its factors are finite numbers above 0.
    ///
    /// # Errors
    /// An unknown option or a value out of range.
    pub fn check(&self, card: &Card) -> Result<(), OptionError> {
        for (option, factor) in [(LEARNING_RATE, self.learning_rate), (WEIGHT_DECAY, self.weight_decay)] {
            if !(factor.is_finite() && factor > 0.0) {
                let (method, option, value) = (card.id.clone(), option.into(), factor.to_string());
                return Err(OptionError::BadValue { method, option, value, takes: "a factor above 0".into() });
            }
        }
        options::apply(&mut Options::new(), &self.options, card)
    }
}

impl Recipe {
    /// The same with all learning rates and weight decays times these factors.
    #[must_use]
    pub fn scaled(&self, learning_rate: f64, weight_decay: f64) -> Self {
        let mut recipe = self.clone();
        for (_, optimiser) in &mut recipe.optimisers {
            let (lr, decay) = match optimiser {
                Optimiser::Adam { lr, weight_decay, .. } | Optimiser::AdamW { lr, weight_decay, .. } | Optimiser::Sgd { lr, weight_decay, .. } => {
                    (lr, weight_decay)
                }
            };
            *lr *= learning_rate;
            *decay *= weight_decay;
        }
        recipe
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::card;

    /// By hand: the middle of 0.1 to 10 in the logarithm is 1, a quarter 10^-0.5 = 0.316.
    #[test]
    fn a_draw_is_the_quantile_rounded_to_three_digits() {
        let log = Dimension::log("x", 0.1, 10.0);
        assert_eq!([log.at(0.0), log.at(0.5), log.at(0.25)], [0.1.into(), 1.0.into(), 0.316.into()]);
        assert_eq!(Dimension::linear("x", 0.0, 2.0).at(0.123_456), 0.247.into());
        let choice = Dimension::one_of("x", &[1.0, 2.0, 5.0]);
        assert_eq!([choice.at(0.0), choice.at(0.34), choice.at(0.999)], [1.0.into(), 2.0.into(), 5.0.into()]);
        // 0.0999 would round to itself, 9.999 to 10: never out of the range.
        assert_eq!(Dimension::linear("x", 0.0, 9.996).at(0.999_999), 9.996.into());
    }

    #[test]
    fn factors_go_into_the_recipe_and_the_rest_into_options() {
        let setting = Setting::default().with(LEARNING_RATE, 2.0.into()).with(WEIGHT_DECAY, 0.5.into()).with("lambda1", 0.4.into());
        assert_eq!(setting.describe(), "learning-rate ×2, weight-decay ×0.5, lambda1=0.4");
        let recipe = setting.recipe(&card());
        assert_eq!(recipe.optimiser("x"), Some(&Optimiser::adam(2e-3, 2.5e-4)));
        assert_eq!((setting.options.len(), Setting::default().describe()), (1, "defaults".into()));
        assert_eq!(Setting::default().recipe(&card()), card().recipe);
    }

    #[test]
    fn the_papers_training_is_the_base_where_it_is_asked_for() {
        let mut card = card();
        card.paper_recipe = Some(Recipe { batch: 8, ..Recipe::default() });
        let setting = Setting { paper_training: true, ..Setting::default() };
        assert_eq!((setting.recipe(&card).batch, Setting::default().recipe(&card).batch), (8, 128));
    }

    #[test]
    fn wrong_options_and_factors_are_refused() {
        assert!(Setting::default().with("lambda1", 0.4.into()).check(&card()).is_ok());
        assert!(Setting::default().with("gamma", 0.4.into()).check(&card()).is_err());
        assert!(Setting::default().with("lambda1", 400.0.into()).check(&card()).is_err());
        assert!(
            [0.0, -1.0, f64::NAN, f64::INFINITY].iter().all(|&rate| Setting { learning_rate: rate, ..Setting::default() }.check(&card()).is_err())
        );
    }

    #[test]
    fn a_setting_survives_json_and_defaults_are_not_written() {
        let setting = Setting::default().with(LEARNING_RATE, 2.0.into());
        let text = serde_json::to_string(&setting).unwrap();
        assert_eq!(text, r#"{"learning-rate":2.0}"#);
        assert_eq!(serde_json::from_str::<Setting>(&text).unwrap(), setting);
    }
}
