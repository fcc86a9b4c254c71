//! `--extractor NAME:SIZE`.

use std::{fmt, str::FromStr};

use bench_card::{EXTRACTORS, ExtractorCard};

use crate::names;

/// A frozen feature extractor on samples of one size.
#[derive(Debug, Clone, PartialEq)]
pub struct Extractor {
    /// As the worker knows it.
    pub name: &'static str,
    /// Tokens, frames or seconds of one sample.
    pub size: f64,
    unit: &'static str,
}

impl FromStr for Extractor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, size) = text.split_once(':').ok_or_else(|| "write NAME:SIZE, for instance bert-base:128".to_string())?;
        let Some(card) = EXTRACTORS.iter().find(|known| known.name == name) else {
            return Err(format!("there is no extractor `{name}`; {}", names::hint(name, EXTRACTORS.iter().map(|known| known.name))));
        };
        let ExtractorCard { name, unit, least, most } = *card;
        let size = size.parse::<f64>().ok().filter(|size| card.reads(*size));
        let kind = if card.is_whole() { "a whole number of" } else { "a number of" };
        let size = size.ok_or_else(|| format!("the size of {name} is {kind} {unit}, at least {least} and at most {most}"))?;
        Ok(Self { name, size, unit })
    }
}

impl fmt::Display for Extractor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = if self.size == 1.0 { self.unit.trim_end_matches('s') } else { self.unit };
        write!(out, "{}, {} {unit}", self.name, self.size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_a_size_are_needed_and_checked() {
        assert_eq!("wav2vec2-base:4.5".parse::<Extractor>().unwrap().to_string(), "wav2vec2-base, 4.5 seconds");
        assert_eq!("resnet-50:1".parse::<Extractor>().unwrap().to_string(), "resnet-50, 1 frame");
        let error = |text: &str| text.parse::<Extractor>().unwrap_err();
        assert!(error("bert-base").contains("NAME:SIZE"));
        assert!(error("bert:128").contains("there is no extractor `bert`"));
        for size in ["0", "-1", "NaN", "inf", "513", "1.5", ""] {
            assert!(error(&format!("bert-base:{size}")).contains("at most 512"), "{size}");
        }
    }
}
