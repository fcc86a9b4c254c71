//! How a method is named: `raml`, `raml/no-sparsity`, `raml?lambda1=0.4&predictor=separate`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Options;

/// A method, optionally one of its variants, optionally with options changed by hand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MethodRef {
    /// Id in the registry.
    pub method: String,
    /// Variant, or the modality of a method that is one model a modality.
    pub variant: Option<String>,
    /// Options changed by hand.
    pub options: Options,
}

/// Why a method's name could not be read.
#[derive(Debug, Error, PartialEq)]
#[error("`{text}` names no method: {reason}; write METHOD, METHOD/VARIANT or METHOD?OPTION=VALUE&OPTION=VALUE")]
pub struct MethodRefError {
    text: String,
    reason: String,
}

impl FromStr for MethodRef {
    type Err = MethodRefError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = |reason: &str| MethodRefError { text: text.into(), reason: reason.into() };
        let (name, query) = text.split_once('?').map_or((text, None), |(name, query)| (name, Some(query)));
        let (method, variant) = name.split_once('/').map_or((name, None), |(method, variant)| (method, Some(variant)));
        let plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.+".contains(c));
        if !plain(method) || variant.is_some_and(|variant| !plain(variant)) {
            return Err(error("a name has letters, digits and -_.+ only"));
        }
        let mut options = Options::new();
        for pair in query.into_iter().flat_map(|query| query.split('&')) {
            let (name, value) = pair.split_once('=').filter(|(name, _)| plain(name)).ok_or_else(|| error("an option is NAME=VALUE"))?;
            let Ok(value) = value.parse();
            if options.insert(name.into(), value).is_some() {
                return Err(error(&format!("option `{name}` stands twice")));
            }
        }
        Ok(Self { method: method.into(), variant: variant.map(Into::into), options })
    }
}

impl fmt::Display for MethodRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.method)?;
        if let Some(variant) = &self.variant {
            write!(out, "/{variant}")?;
        }
        for (at, (name, value)) in self.options.iter().enumerate() {
            write!(out, "{}{name}={value}", if at == 0 { '?' } else { '&' })?;
        }
        Ok(())
    }
}

impl TryFrom<String> for MethodRef {
    type Error = MethodRefError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<MethodRef> for String {
    fn from(reference: MethodRef) -> Self {
        reference.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_prints_as_it_reads() {
        for text in ["raml", "raml/no-sparsity", "raml/x?lambda1=0.4&predictor=separate", "unimodal/audio"] {
            assert_eq!(text.parse::<MethodRef>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn malformed_references_are_refused() {
        for text in ["", "/x", "raml/", "raml?", "raml?a", "raml?a=1&a=2", "ra ml", "raml/a/b"] {
            assert!(text.parse::<MethodRef>().is_err(), "{text}");
        }
    }
}
