//! `--seeds`: how many, or which.

use std::str::FromStr;

use serde::Deserialize;

/// The seeds that a number of seeds stands for: the protocol's five, then more for those who need power.
pub const LIST: [u64; 20] = [42, 123, 456, 789, 2024, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61];

/// A number of seeds, or the seeds themselves.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "toml::Value")]
pub enum Seeds {
    /// The first of [`LIST`].
    First(usize),
    /// These.
    List(Vec<u64>),
}

impl Seeds {
    /// The seeds, each once.
    pub fn resolve(&self) -> Vec<u64> {
        let seeds = match self {
            Self::First(count) => LIST.get(..*count).unwrap_or(&LIST),
            Self::List(seeds) => seeds,
        };
        let mut each = Vec::new();
        for seed in seeds {
            if !each.contains(seed) {
                each.push(*seed);
            }
        }
        each
    }

    fn first(count: u64) -> Result<Self, String> {
        match usize::try_from(count) {
            Ok(count @ 1..=20) => Ok(Self::First(count)),
            _ => {
                Err(format!("{count} is no number of seeds from 1 to {}; for one seed of your own write a comma behind it (`{count},`)", LIST.len()))
            }
        }
    }
}

impl FromStr for Seeds {
    type Err = String;

    /// `3` is the first three; `42,7` are these; `42,` is this one.
    fn from_str(text: &str) -> Result<Self, String> {
        let number = |part: &str| part.trim().parse::<u64>().map_err(|_| format!("`{}` is no seed; seeds are whole numbers from 0", part.trim()));
        if !text.contains(',') {
            return Self::first(number(text)?);
        }
        let list = text.strip_suffix(',').unwrap_or(text);
        Ok(Self::List(list.split(',').map(number).collect::<Result<_, _>>()?))
    }
}

impl TryFrom<toml::Value> for Seeds {
    type Error = String;

    fn try_from(value: toml::Value) -> Result<Self, String> {
        let number = |value: &toml::Value| value.as_integer().and_then(|seed| u64::try_from(seed).ok());
        let expected = || format!("`seeds` is {value}, but is a number of seeds (seeds = 3) or a list of them (seeds = [42, 7])");
        match &value {
            toml::Value::Integer(_) => Self::first(number(&value).ok_or_else(expected)?),
            toml::Value::Array(list) if !list.is_empty() => list.iter().map(number).collect::<Option<_>>().map(Self::List).ok_or_else(expected),
            _ => Err(expected()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_counts_and_a_comma_lists() {
        let seeds = |text: &str| text.parse::<Seeds>().unwrap().resolve();
        assert_eq!(seeds("3"), [42, 123, 456]);
        assert_eq!(seeds("20"), LIST);
        assert_eq!(seeds("42,7"), [42, 7]);
        assert_eq!(seeds("42, 7, 42"), [42, 7]);
        assert_eq!(seeds("5,"), [5]);
    }

    #[test]
    fn other_things_are_refused_with_the_way_out() {
        let error = |text: &str| text.parse::<Seeds>().unwrap_err();
        assert!(error("0").contains("from 1 to 20"));
        assert!(error("2024").contains("`2024,`"));
        assert!(error("a,b").contains("`a` is no seed"));
        assert!(error("-1,").contains("`-1` is no seed"));
        assert!(error(",").contains("is no seed"));
    }

    #[test]
    fn the_named_seeds_are_twenty_different_ones() {
        assert_eq!(Seeds::List(LIST.to_vec()).resolve().len(), LIST.len());
    }
}
