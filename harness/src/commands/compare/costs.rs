//! What the models of both sides cost: parameters of every trial, and what `bench profile --keep` counted where both folders hold it.

use bench_compare::Cost;
use bench_store::{TrainedTrial, profile::Profile};

use super::{pairing::Match, side::Side};
use crate::costs;

/// The kept profiles of a side.
pub struct Costs(costs::Costs);

impl Costs {
    /// Reads `costs/` of a side's folder.
    ///
    /// # Errors
    /// A file that is damaged or of another version.
    pub fn of(side: &Side) -> anyhow::Result<Self> {
        Ok(Self(costs::Costs::read(&side.opened.folder)?))
    }
}

/// A trial with the kept profiles of its folder.
type Of<'a> = (&'a TrainedTrial, &'a Costs);

/// The costs that both sides know, and what cannot be compared.
pub fn costs(dataset: &str, matched: &Match, base: Of<'_>, head: Of<'_>) -> (Vec<Cost>, Vec<String>) {
    let mut found = Found { dataset, matched, costs: Vec::new(), notes: Vec::new() };
    found.add(("trainable parameters", "parameters"), base.0.outcome.parameters, head.0.outcome.parameters);
    match (base.1.0.profile(&base.0.spec), head.1.0.profile(&head.0.spec)) {
        (Some(own), Some(other)) if own.batch == other.batch => {
            for ((what, base), (_, head)) in counted(own).into_iter().zip(counted(other)) {
                match (base, head) {
                    (Ok(base), Ok(head)) => found.add(what, base, head),
                    (Err(reason), _) | (_, Err(reason)) if reason != NOT_TRAINED => found.note(&format!("{} are not compared: {reason}", what.0)),
                    _ => {}
                }
            }
        }
        (Some(_), Some(_)) => found.note("the profiles are of batches of different sizes and are not compared"),
        (Some(_), None) => found.note("FLOPs and memory are not compared, because the head has no kept profile"),
        (None, Some(_)) => found.note("FLOPs and memory are not compared, because the base has no kept profile"),
        (None, None) => {}
    }
    (found.costs, found.notes)
}

/// What is found of a match.
struct Found<'a> {
    dataset: &'a str,
    matched: &'a Match,
    costs: Vec<Cost>,
    notes: Vec<String>,
}

impl Found<'_> {
    /// A cost of both; where neither has any, there is nothing to compare.
    fn add(&mut self, what: What, base: u64, head: u64) {
        if base == 0 {
            if head > 0 {
                self.note(&format!("{} are 0 in the base and {head} in the head, which is no ratio", what.0));
            }
            return;
        }
        self.costs.push(Cost {
            dataset: self.dataset.into(),
            base: self.matched.base_name.clone(),
            head: self.matched.head_name.clone(),
            what: what.0.into(),
            unit: what.1.into(),
            values: Some((base as f64, head as f64)),
            ratio: head as f64 / base as f64,
            interval: None,
        });
    }

    fn note(&mut self, text: &str) {
        self.notes.push(format!("{} on {}: {text}.", self.matched.name(), self.dataset));
    }
}

const NOT_TRAINED: &str = "nothing is trained by steps";

/// A cost's name and unit.
type What = (&'static str, &'static str);

/// What a profile counted, always in this order, or why it is not known. FLOPs are those of a batch, as profiled.
fn counted(profile: &Profile) -> [(What, Result<u64, String>); 4] {
    let flops = |work: &[&bench_store::profile::Work]| match work.iter().find_map(|work| work.unknown.first()) {
        Some((name, calls)) => Err(format!("{calls} calls of {name} cannot be counted")),
        None => Ok(work.iter().map(|work| work.total()).sum()),
    };
    let step = profile.training.as_ref().ok_or_else(|| NOT_TRAINED.to_string());
    [
        (("FLOPs of a prediction", "FLOPs"), flops(&[&profile.inference])),
        (("FLOPs of a training step", "FLOPs"), step.clone().and_then(|step| flops(&[&step.forward, &step.backward, &step.optimiser]))),
        (("memory of weights", "bytes"), Ok(profile.memory.parameters)),
        (("peak memory of a training step", "bytes"), step.map(|_| profile.memory.step_peak)),
    ]
}

#[cfg(test)]
mod tests {
    use bench_store::profile::{Family, FamilyWork, Memory, TrainingWork, Work};

    use super::*;

    fn work(flops: u64) -> Work {
        Work { flops: vec![FamilyWork { family: Family::Matmul, flops, calls: 1 }], ..Work::default() }
    }

    /// By hand: a step of 10 forward, 20 backward and 3 of the optimiser is 33.
    #[test]
    fn a_step_is_all_of_its_phases_and_an_unknown_operation_makes_no_sum() {
        let training = TrainingWork { forward: work(10), backward: work(20), optimiser: work(3) };
        let memory = Memory { parameters: 400, step_peak: 900, ..Memory::default() };
        let mut profile = Profile { batch: 64, inference: work(10), training: Some(training), memory, ..Profile::default() };
        let values = |profile: &Profile| counted(profile).map(|(_, value)| value.ok());
        assert_eq!(values(&profile), [Some(10), Some(33), Some(400), Some(900)]);
        profile.inference.unknown.push(("fft".into(), 2));
        assert_eq!(values(&profile), [None, Some(33), Some(400), Some(900)]);
        profile.training = None;
        assert_eq!(values(&profile), [None, None, Some(400), None]);
    }
}
