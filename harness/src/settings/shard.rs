//! `--shard`: which part of a run is done here.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Most shards of a run.
const MOST: usize = 10_000;

/// One of several equal parts of a run's trials, `2/4`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shard {
    /// From 1 to `of`.
    index: usize,
    /// How many there are, from 1 to 10,000.
    of: usize,
}

impl Shard {
    /// Which it is, from 1.
    pub fn index(self) -> usize {
        self.index
    }

    /// How many there are.
    pub fn of(self) -> usize {
        self.of
    }

    /// The number, from 1, of the shard that has the trial at `place` of the plan: neighbours are alike in cost, so they go to different shards.
    pub fn number_of(self, place: usize) -> usize {
        place % self.of + 1
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // `parse` would take a plus sign.
        let number = |part: &str| part.chars().all(|letter| letter.is_ascii_digit()).then(|| part.parse::<usize>().ok()).flatten();
        let parts = text.split_once('/').and_then(|(index, of)| Some((number(index)?, number(of)?)));
        match parts {
            Some((index, of)) if (1..=MOST).contains(&of) && (1..=of).contains(&index) => Ok(Self { index, of }),
            _ => Err(format!("`{text}` is no shard; write I/N, the I-th of N equal parts, with I from 1 to N and N from 1 to {MOST} (`2/4`)")),
        }
    }
}

impl TryFrom<String> for Shard {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.index, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_print_as_they_read_and_others_are_refused() {
        for text in ["1/1", "2/4", "10000/10000"] {
            assert_eq!(text.parse::<Shard>().unwrap().to_string(), text);
        }
        for text in ["", "2", "/", "0/4", "5/4", "1/0", "1/10001", "-1/4", "+1/4", "1/4/4", " 1/4", "a/b", "1/99999999999999999999999"] {
            let problem = text.parse::<Shard>().unwrap_err();
            assert!(problem.starts_with(&format!("`{text}` is no shard; write I/N")), "{problem}");
        }
    }

    #[test]
    fn every_place_is_in_one_shard_and_shards_differ_by_one_trial_at_most() {
        for (places, of) in [(12, 4), (13, 4), (3, 5), (0, 2)] {
            let shards: Vec<Shard> = (1..=of).map(|index| format!("{index}/{of}").parse().unwrap()).collect();
            let sizes = shards.iter().map(|shard| (0..places).filter(|&place| shard.number_of(place) == shard.index()).count());
            let sizes: Vec<usize> = sizes.collect();
            assert_eq!(sizes.iter().sum::<usize>(), places);
            assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1, "{sizes:?}");
        }
    }
}
