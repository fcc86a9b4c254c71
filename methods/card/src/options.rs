//! Options of a method: typed values with defaults, ranges and choices.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Card;

/// Options by name, in name order.
pub type Options = BTreeMap<String, Value>;

/// The value of an option.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A switch.
    Flag(bool),
    /// A number.
    Number(f64),
    /// One of a list of names.
    Name(String),
}

impl FromStr for Value {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "true" => Self::Flag(true),
            "false" => Self::Flag(false),
            _ => text.parse().ok().filter(|number: &f64| number.is_finite()).map_or_else(|| Self::Name(text.into()), Self::Number),
        })
    }
}

impl fmt::Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => flag.fmt(out),
            Self::Number(number) => number.fmt(out),
            Self::Name(name) => name.fmt(out),
        }
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Value {
    fn from(name: &str) -> Self {
        Self::Name(name.into())
    }
}

/// One option: its name, default, and what values it takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OptionCard {
    /// As in `raml?lambda1=0.4`.
    pub name: String,
    /// The paper's value, or the reading that the card's contradictions explain.
    pub default: Value,
    /// Names it can take; empty for numbers, switches, and where any name is taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// Closed range of a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<(f64, f64)>,
    /// What it does, and who does what where paper and code disagree.
    pub doc: String,
}

impl OptionCard {
    /// A number in a closed range.
    pub fn number(name: &str, default: f64, low: f64, high: f64, doc: &str) -> Self {
        Self { name: name.into(), default: default.into(), choices: Vec::new(), range: Some((low, high)), doc: doc.into() }
    }

    /// One of `choices`; the first is the default.
    pub fn choice(name: &str, choices: &[&str], doc: &str) -> Self {
        let choices: Vec<String> = choices.iter().map(|&choice| choice.into()).collect();
        let default = choices.first().map_or_else(|| "".into(), |first| first.as_str().into());
        Self { name: name.into(), default, choices, range: None, doc: doc.into() }
    }

    /// Any name, e.g. that of a modality.
    pub fn name(name: &str, default: &str, doc: &str) -> Self {
        Self { name: name.into(), default: default.into(), choices: Vec::new(), range: None, doc: doc.into() }
    }

    /// A switch.
    pub fn flag(name: &str, default: bool, doc: &str) -> Self {
        Self { name: name.into(), default: default.into(), choices: Vec::new(), range: None, doc: doc.into() }
    }

    /// What values it takes, in words.
    pub fn takes(&self) -> String {
        match (&self.default, self.range) {
            (Value::Flag(_), _) => "true or false".into(),
            (Value::Number(_), Some((low, high))) => format!("a number from {low} to {high}"),
            (Value::Number(_), None) => "a number".into(),
            (Value::Name(_), _) if self.choices.is_empty() => "a name".into(),
            (Value::Name(_), _) => format!("one of {}", self.choices.join(", ")),
        }
    }

    fn accepts(&self, value: &Value) -> bool {
        match (&self.default, value) {
            (Value::Flag(_), Value::Flag(_)) => true,
            (Value::Number(_), Value::Number(number)) => self.range.is_none_or(|(low, high)| (low..=high).contains(number)),
            (Value::Name(_), Value::Name(name)) => self.choices.is_empty() || self.choices.contains(name),
            _ => false,
        }
    }
}

/// Why options could not be resolved.
#[derive(Debug, Error, PartialEq)]
pub enum OptionError {
    /// No such variant.
    #[error("method `{method}` has no variant `{variant}`; it has {}", or_none(known))]
    UnknownVariant {
        /// The method.
        method: String,
        /// The name asked for.
        variant: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// No such option.
    #[error("method `{method}` has no option `{option}`; it has {}", or_none(known))]
    UnknownOption {
        /// The method.
        method: String,
        /// The name asked for.
        option: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// A value of the wrong type or out of range.
    #[error("option `{option}` of method `{method}` is {value}, but takes {takes}")]
    BadValue {
        /// The method.
        method: String,
        /// The option.
        option: String,
        /// What was given.
        value: String,
        /// What it takes.
        takes: String,
    },
}

fn or_none(known: &[String]) -> String {
    if known.is_empty() { "none".into() } else { known.join(", ") }
}

pub(crate) fn apply(resolved: &mut Options, changes: &Options, card: &Card) -> Result<(), OptionError> {
    for (name, value) in changes {
        let option = card.options.iter().find(|option| option.name == *name).ok_or_else(|| OptionError::UnknownOption {
            method: card.id.clone(),
            option: name.clone(),
            known: card.options.iter().map(|option| option.name.clone()).collect(),
        })?;
        if !option.accepts(value) {
            return Err(OptionError::BadValue { method: card.id.clone(), option: name.clone(), value: value.to_string(), takes: option.takes() });
        }
        resolved.insert(name.clone(), value.clone());
    }
    Ok(())
}
