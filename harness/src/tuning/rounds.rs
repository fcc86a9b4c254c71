//! Which settings go on, and which one is kept.

use std::collections::BTreeMap;

use bench_card::Setting;
use bench_reports::statistics::{mean, median};

use super::{FINALISTS, SEEDS};

/// What settings are tried of: a method on a dataset, or one modality's model of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// Canonical reference.
    pub dataset: String,
    /// Method id.
    pub method: String,
    /// The modality of a method that is one model a modality.
    pub modality: Option<String>,
}

/// A setting with what validation said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// What it changes.
    pub setting: Setting,
    /// By seed: the validation score in the metric's own unit, or why training failed.
    pub scores: BTreeMap<u64, Result<f64, String>>,
}

/// All settings tried of a subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    /// In the order drawn.
    pub candidates: Vec<Candidate>,
    /// Whether a greater score is better.
    pub higher_is_better: bool,
}

impl Candidate {
    /// Not yet tried.
    pub fn new(setting: Setting) -> Self {
        Self { setting, scores: BTreeMap::new() }
    }

    /// The median over all tuning seeds; `None` where one was not tried, or where most of them failed.
    pub fn median(&self, higher_is_better: bool) -> Option<f64> {
        let worst = if higher_is_better { f64::NEG_INFINITY } else { f64::INFINITY };
        let scores: Option<Vec<f64>> = SEEDS.iter().map(|seed| self.scores.get(seed).map(|score| score.clone().unwrap_or(worst))).collect();
        Some(median(&scores?)).filter(|median| median.is_finite())
    }

    /// The score of a seed.
    pub fn score(&self, seed: u64) -> Option<f64> {
        self.scores.get(&seed)?.clone().ok()
    }
}

impl Study {
    fn better(&self, one: f64, other: f64) -> bool {
        if self.higher_is_better { one > other } else { one < other }
    }

    /// Places of the settings that are trained with all seeds, ascending: the defaults and the best others by the first seed, the earlier of equals. What failed
    /// does not go on, except the defaults, which everything is measured against.
    pub fn finalists(&self) -> Vec<usize> {
        let score = |at: usize| self.candidates.get(at).and_then(|candidate| candidate.score(SEEDS[0]));
        let mut ranked: Vec<(usize, f64)> = (1..self.candidates.len()).filter_map(|at| Some((at, score(at)?))).collect();
        // Stable: the earlier of equals stays first.
        ranked.sort_by(|(_, one), (_, other)| if self.higher_is_better { other.total_cmp(one) } else { one.total_cmp(other) });
        let mut places: Vec<usize> = ranked.into_iter().map(|(at, _)| at).take(FINALISTS - 1).collect();
        places.push(0);
        places.sort_unstable();
        places
    }

    /// The place of the setting that is kept: the best median over all tuning seeds, among equals the best mean, then the earliest, so that the defaults stay unless
    /// something is better. `None` where no setting was trained with all seeds.
    pub fn chosen(&self) -> Option<usize> {
        let mut best: Option<(usize, f64, f64)> = None;
        for (at, candidate) in self.candidates.iter().enumerate() {
            let Some(median) = candidate.median(self.higher_is_better) else { continue };
            let scores: Vec<f64> = SEEDS.iter().filter_map(|&seed| candidate.score(seed)).collect();
            let mean = mean(&scores);
            if best.is_none_or(|(_, m, other)| self.better(median, m) || (median == m && self.better(mean, other))) {
                best = Some((at, median, mean));
            }
        }
        best.map(|(at, ..)| at)
    }

    /// The median score of all settings with the first seed, failed ones as the worst: what a setting drawn blindly comes to. `None` where most failed.
    pub fn drawn_median(&self) -> Option<f64> {
        let worst = if self.higher_is_better { f64::NEG_INFINITY } else { f64::INFINITY };
        let scores: Vec<f64> = self.candidates.iter().map(|candidate| candidate.score(SEEDS[0]).unwrap_or(worst)).collect();
        Some(median(&scores)).filter(|median| median.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn study(scores: &[[Option<f64>; 3]], higher_is_better: bool) -> Study {
        let candidate = |row: &[Option<f64>; 3]| Candidate {
            setting: Setting::default(),
            scores: SEEDS.iter().zip(row).filter_map(|(&seed, score)| Some((seed, Ok((*score)?)))).collect(),
        };
        Study { candidates: scores.iter().map(candidate).collect(), higher_is_better }
    }

    #[test]
    fn the_best_by_the_first_seed_go_on_with_the_defaults() {
        let first = [0.1, 0.5, 0.9, 0.5, 0.7, 0.5, 0.3].map(|score| [Some(score), None, None]);
        assert_eq!(study(&first, true).finalists(), [0, 1, 2, 3, 4]);
        // The lowest of an error, the earlier of equals first.
        assert_eq!(study(&first, false).finalists(), [0, 1, 3, 5, 6]);
        let mut failed = study(&first, true);
        failed.candidates[2].scores.insert(SEEDS[0], Err("the loss is not finite".into()));
        failed.candidates[0].scores.insert(SEEDS[0], Err("the loss is not finite".into()));
        assert_eq!(failed.finalists(), [0, 1, 3, 4, 5]);
    }

    /// By hand: medians 0.5, 0.6, 0.6; means of the last two 0.6 and 0.7.
    #[test]
    fn the_median_decides_then_the_mean_then_the_earlier() {
        let rows = [[Some(0.5); 3], [Some(0.6), Some(0.6), Some(0.6)], [Some(0.6), Some(0.6), Some(0.9)], [Some(0.99), None, None]];
        assert_eq!(study(&rows, true).chosen(), Some(2));
        assert_eq!(study(&rows, false).chosen(), Some(0));
        assert_eq!(study(&[[Some(0.5); 3], [Some(0.5); 3]], true).chosen(), Some(0));
        assert_eq!(study(&[[Some(0.5), None, None]], true).chosen(), None);
    }

    #[test]
    fn a_failed_seed_counts_as_the_worst() {
        let mut one = study(&[[Some(0.5), Some(0.4), None], [Some(0.3); 3]], true);
        one.candidates[0].scores.insert(SEEDS[2], Err("no".into()));
        assert_eq!((one.candidates[0].median(true), one.chosen()), (Some(0.4), Some(0)));
        one.candidates[0].scores.insert(SEEDS[1], Err("no".into()));
        assert_eq!((one.candidates[0].median(true), one.chosen()), (None, Some(1)));
        assert_eq!(one.drawn_median(), Some(0.4));
    }
}
