//! What a method takes in: kinds of modalities, and what becomes of a missing one.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Card, Value};

/// The kind of a modality, without its sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModalityKind {
    /// Features.
    Vector,
    /// A series of features.
    Sequence,
    /// Words of a vocabulary.
    Tokens,
    /// Pixels.
    Image,
}

impl ModalityKind {
    /// All, in the order in which they are told.
    pub const ALL: [Self; 4] = [Self::Vector, Self::Sequence, Self::Tokens, Self::Image];

    /// As in `dataset.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Vector => "vector",
            Self::Sequence => "sequence",
            Self::Tokens => "tokens",
            Self::Image => "image",
        }
    }
}

impl fmt::Display for ModalityKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl Card {
    /// What it makes of a missing modality: its own words, else the choices of its option `missing` with the default first, else the zero input.
    pub fn missing_modality(&self) -> String {
        if let Some(own) = &self.missing {
            return own.clone();
        }
        let zero = "zero input".to_owned();
        let Some(option) = self.options.iter().find(|option| option.name == "missing") else { return zero };
        let words = |choice: &str| match choice {
            "zero-input" => zero.clone(),
            "masked" => "left out of the fusion".into(),
            other => other.replace('-', " "),
        };
        let default = match &option.default {
            Value::Name(default) => default.as_str(),
            _ => return zero,
        };
        let others = option.choices.iter().map(String::as_str).filter(|choice| *choice != default);
        std::iter::once(default).chain(others).map(words).collect::<Vec<_>>().join(", or ")
    }

    /// The same card with [`Self::missing`] said, for those who read it as data.
    #[must_use]
    pub fn complete(self) -> Self {
        Self { missing: Some(self.missing_modality()), ..self }
    }

    /// Why this method takes no modality of such a kind, in words; `None` if it does.
    pub fn refuses_kind(&self, kind: &str) -> Option<String> {
        let known = self.capabilities.kinds.iter().any(|own| own.name() == kind);
        (!known).then(|| format!("takes no modality of kind {kind}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Capabilities, OptionCard};

    fn with(missing: Option<&str>, choices: &[&str]) -> Card {
        let options = if choices.is_empty() { Vec::new() } else { vec![OptionCard::choice("missing", choices, "")] };
        Card { options, missing: missing.map(String::from), ..Card::plain("a", "A", "", "") }
    }

    #[test]
    fn own_words_go_before_the_option_and_that_before_the_zero_input() {
        assert_eq!(with(None, &[]).missing_modality(), "zero input");
        assert_eq!(with(None, &["masked", "zero-input"]).missing_modality(), "left out of the fusion, or zero input");
        assert_eq!(with(None, &["zero-input", "masked"]).missing_modality(), "zero input, or left out of the fusion");
        assert_eq!(with(None, &["mean-vector"]).missing_modality(), "mean vector");
        assert_eq!(with(Some("no input is read"), &["masked"]).missing_modality(), "no input is read");
        assert_eq!(with(None, &["zero-input", "masked"]).complete().missing.as_deref(), Some("zero input, or left out of the fusion"));
    }

    #[test]
    fn a_kind_is_refused_only_where_the_card_leaves_it_out() {
        let plain = Card::plain("a", "A", "", "");
        assert!(ModalityKind::ALL.iter().all(|kind| plain.refuses_kind(kind.name()).is_none()));
        let capabilities = Capabilities { kinds: vec![ModalityKind::Vector], ..plain.capabilities.clone() };
        let vectors = Card { capabilities, ..plain };
        assert_eq!(vectors.refuses_kind("image").as_deref(), Some("takes no modality of kind image"));
        assert_eq!(vectors.refuses_kind("vector"), None);
    }
}
