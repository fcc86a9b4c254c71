/*!
Robustness numbers of one trial. None of them depends on who else is in the table: no ranks, no min-max over a pool, no reference model.

Accuracy and mean absolute error are both means over samples, so every number here comes from one value a sample and condition: 1 or 0 for right or
wrong, or the absolute error.
*/

mod curve;
mod samples;

use std::collections::BTreeMap;

use crate::{
    condition::Condition,
    statistics::mean,
    summary::{Quantity, all_patterns},
};

pub use curve::{drop, normalised_area, relative_drop};
pub use samples::{Flips, flips, worst_case};

/// What a trial answered on every test sample under one condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Answers {
    /// `[n]`: 1 right, 0 wrong; or the absolute error in the target's unit.
    pub values: Vec<f64>,
    /// `[n]`: the class of highest score; empty for regression.
    pub predicted: Vec<u32>,
}

/// A robustness number of a trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// One of [`NAMES`].
    pub name: &'static str,
    /// What it is taken over: a group, a curve, a condition, or a number of modalities.
    pub scope: String,
    /// In the primary metric's units, or a share.
    pub value: f64,
}

/// Every measure with what it is.
pub const NAMES: [(&str, &str); 14] = [
    ("drop", "clean value minus the mean over a group (for errors: that mean minus the clean value)"),
    ("relative_drop", "the drop divided by the clean value"),
    ("area", "area under the degradation curve over its true levels, clean at 0, divided by their range"),
    ("relative_area", "that area divided by the clean value: the share that is kept"),
    ("missing_macro", "mean over all patterns of available modalities, the full one included"),
    ("missing_partial", "the same without the full pattern"),
    ("missing_by_number", "mean over the patterns with that many modalities available"),
    ("missing_worst", "the worst pattern of this trial"),
    ("worst_case", "mean over samples of the worst answer under clean and every condition of the group"),
    ("robust_accuracy", "share of samples right on clean and at every tested ε′ ≤ ε of the same attack"),
    ("flips", "share of samples whose predicted class differs from clean"),
    ("flips_to_wrong", "share of samples right on clean and wrong here"),
    ("flips_to_right", "share of samples wrong on clean and right here"),
    ("multimodal_gain", "clean value minus that of the unimodal control with the best validation score"),
];

/// The quantities that are means over what does harm.
const HARMS: [Quantity; 4] = [Quantity::Noise, Quantity::Words, Quantity::MissingMacro, Quantity::Attack];

/// All that can be said of a trial from its answers: `answers[c]` under `conditions[c]`, `None` where it has none.
pub struct TrialAnswers<'a> {
    /// The conditions of the dataset.
    pub conditions: &'a [Condition],
    /// One for each condition; all of the same number of samples.
    pub answers: Vec<Option<Answers>>,
    /// Whether a larger value is a better one.
    pub higher_is_better: bool,
}

impl TrialAnswers<'_> {
    /// Every measure, in a fixed order.
    pub fn measures(&self) -> Vec<Measure> {
        let mut found = Vec::new();
        self.drops(&mut found);
        self.areas(&mut found);
        self.patterns(&mut found);
        self.worst_cases(&mut found);
        if self.higher_is_better {
            self.robust_accuracies(&mut found);
            self.flips(&mut found);
        }
        found.retain(|measure| measure.value.is_finite());
        found
    }

    /// For each primary quantity whose conditions were all answered: its value for every sample, `[n]`.
    pub fn per_sample(&self) -> BTreeMap<Quantity, Vec<f64>> {
        let of = |quantity| Some((quantity, samples::mean(&self.all(&self.of_quantity(quantity))?)?));
        Quantity::primary().filter_map(of).collect()
    }

    fn clean(&self) -> Option<&Answers> {
        self.at(self.conditions.iter().position(|condition| condition.group == "clean")?)
    }

    fn at(&self, condition: usize) -> Option<&Answers> {
        self.answers.get(condition)?.as_ref().filter(|answers| !answers.values.is_empty())
    }

    /// The answers under all of these conditions; `None` without any, or where one is missing.
    fn all(&self, conditions: &[usize]) -> Option<Vec<&Answers>> {
        let answers = conditions.iter().map(|&condition| self.at(condition)).collect::<Option<Vec<_>>>()?;
        Some(answers).filter(|answers| !answers.is_empty())
    }

    fn group(&self, group: &str) -> Vec<usize> {
        (0..self.conditions.len()).filter(|&at| self.conditions[at].group == group).collect()
    }

    /// All patterns with the full one, or nothing where one was not run.
    fn missing_patterns(&self) -> Vec<usize> {
        let modalities = self.conditions.first().map_or(0, |condition| condition.available.len());
        all_patterns(self.group("clean"), self.group("missing"), modalities).unwrap_or_default()
    }

    fn of_quantity(&self, quantity: Quantity) -> Vec<usize> {
        if quantity == Quantity::MissingMacro { self.missing_patterns() } else { self.group(quantity.group()) }
    }

    /// The conditions of a quantity without the full pattern, which is no loss.
    fn harmful(&self, quantity: Quantity) -> Vec<usize> {
        self.of_quantity(quantity).into_iter().filter(|&at| self.conditions[at].group != "clean").collect()
    }

    fn mean_over(&self, conditions: &[usize]) -> Option<f64> {
        let means: Vec<f64> = self.all(conditions)?.iter().map(|answers| mean(&answers.values)).collect();
        Some(mean(&means))
    }

    fn drops(&self, found: &mut Vec<Measure>) {
        let Some(clean) = self.clean().map(|clean| mean(&clean.values)) else { return };
        for quantity in HARMS {
            let conditions = self.harmful(quantity);
            let Some(value) = self.mean_over(&conditions) else { continue };
            found.push(measure("drop", quantity.group(), drop(clean, value, self.higher_is_better)));
            found.push(measure("relative_drop", quantity.group(), relative_drop(clean, value, self.higher_is_better)));
        }
    }

    fn areas(&self, found: &mut Vec<Measure>) {
        let Some(clean) = self.clean().map(|clean| mean(&clean.values)) else { return };
        let mut curves: BTreeMap<&str, Vec<(f64, Option<f64>)>> = BTreeMap::new();
        for (at, condition) in self.conditions.iter().enumerate().filter(|(_, condition)| condition.group != "mixed") {
            if let Some(point) = &condition.point {
                let value = self.at(at).map(|answers| mean(&answers.values));
                curves.entry(&point.curve).or_default().push((point.level, value));
            }
        }
        for (curve, points) in curves {
            let Some(mut points) = points.into_iter().map(|(level, value)| Some((level, value?))).collect::<Option<Vec<_>>>() else { continue };
            points.push((0.0, clean));
            points.sort_by(|left, right| left.0.total_cmp(&right.0));
            if let Some(area) = normalised_area(&points) {
                found.push(measure("area", curve, area));
                found.push(measure("relative_area", curve, area / clean));
            }
        }
    }

    fn patterns(&self, found: &mut Vec<Measure>) {
        let patterns = self.missing_patterns();
        let Some(macro_mean) = self.mean_over(&patterns) else { return };
        found.push(measure("missing_macro", "missing", macro_mean));
        found.extend(self.mean_over(&self.harmful(Quantity::MissingMacro)).map(|value| measure("missing_partial", "missing", value)));
        let number = |at: usize| self.conditions[at].available.iter().filter(|&&there| there).count();
        let modalities = self.conditions[patterns[0]].available.len();
        for available in 1..=modalities {
            let of_number: Vec<usize> = patterns.iter().copied().filter(|&at| number(at) == available).collect();
            found.extend(self.mean_over(&of_number).map(|value| measure("missing_by_number", &format!("{available} of {modalities}"), value)));
        }
        let sign = if self.higher_is_better { 1.0 } else { -1.0 };
        let value = |at: usize| self.at(at).map_or(f64::NAN, |answers| mean(&answers.values));
        let worst = patterns.into_iter().min_by(|&left, &right| (sign * value(left)).total_cmp(&(sign * value(right))));
        found.extend(worst.map(|at| measure("missing_worst", &self.conditions[at].name, value(at))));
    }

    fn worst_cases(&self, found: &mut Vec<Measure>) {
        let Some(clean) = self.clean() else { return };
        let mut everything = vec![clean];
        let mut complete = true;
        for quantity in HARMS {
            let conditions = self.harmful(quantity);
            if conditions.is_empty() {
                continue;
            }
            let Some(answers) = self.all(&conditions) else {
                complete = false;
                continue;
            };
            let with_clean: Vec<&Answers> = std::iter::once(clean).chain(answers.iter().copied()).collect();
            found.extend(worst_case(&with_clean, self.higher_is_better).map(|value| measure("worst_case", quantity.group(), value)));
            everything.extend(answers);
        }
        if complete && everything.len() > 1 {
            found.extend(worst_case(&everything, self.higher_is_better).map(|value| measure("worst_case", "all", value)));
        }
    }

    fn robust_accuracies(&self, found: &mut Vec<Measure>) {
        let Some(clean) = self.clean() else { return };
        for condition in self.conditions.iter().filter(|condition| condition.group == "attack" && !condition.attack.is_empty()) {
            let weaker = |other: &Condition| {
                other.attack.len() == condition.attack.len()
                    && other.attack.iter().zip(&condition.attack).all(|(other, own)| other.0 == own.0 && other.1 <= own.1)
            };
            let tested: Vec<usize> =
                (0..self.conditions.len()).filter(|&at| self.conditions[at].group == "attack" && weaker(&self.conditions[at])).collect();
            if let Some(answers) = self.all(&tested) {
                let with_clean: Vec<&Answers> = std::iter::once(clean).chain(answers).collect();
                found.extend(worst_case(&with_clean, true).map(|value| measure("robust_accuracy", &condition.name, value)));
            }
        }
    }

    fn flips(&self, found: &mut Vec<Measure>) {
        let Some(clean) = self.clean() else { return };
        for (at, condition) in self.conditions.iter().enumerate().filter(|(_, condition)| condition.group != "clean") {
            let Some(Flips { any, to_wrong, to_right }) = self.at(at).and_then(|answers| flips(clean, answers)) else { continue };
            found.extend(
                [("flips", any), ("flips_to_wrong", to_wrong), ("flips_to_right", to_right)]
                    .map(|(name, value)| measure(name, &condition.name, value)),
            );
        }
    }
}

fn measure(name: &'static str, scope: &str, value: f64) -> Measure {
    Measure { name, scope: scope.into(), value }
}

#[cfg(test)]
mod tests;
