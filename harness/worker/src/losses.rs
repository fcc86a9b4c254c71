//! The losses of an epoch's steps, read from the device a block at a time.

use bench_methods::LossTerms;
use bench_store::protocol::DIVERGED;
use tch::{Device, Kind, Tensor};

use crate::failure::Failure;

/// Steps between two copies to the host: a GPU is not waited for at every step, and a loss that is not finite is still found early.
const BLOCK: usize = 32;

/// Each step's loss terms and objective, and what else the method logged.
#[derive(Debug)]
pub struct EpochLosses {
    /// Unweighted terms by name, one value for each step that had the term.
    pub terms: Vec<(String, Vec<f64>)>,
    /// The weighted sum of each step's terms.
    pub totals: Vec<f64>,
    /// What is only logged, by name: one value a step, NaN where the step did not have it.
    pub observed: Vec<(String, Vec<f64>)>,
    /// Names and weights (none of what is only logged) of the steps that wait to be read, and their values, step by step.
    layout: Vec<(String, Option<f64>)>,
    waiting: Vec<Tensor>,
    epoch: usize,
    steps: usize,
}

impl EpochLosses {
    /// Of an epoch (from 0) that will have so many steps.
    pub fn new(epoch: usize, steps: usize) -> Self {
        Self { terms: Vec::new(), totals: Vec::new(), observed: Vec::new(), layout: Vec::new(), waiting: Vec::new(), epoch, steps }
    }

    /// Takes the next step's terms.
    ///
    /// # Errors
    /// An objective that is not finite, of this or one of the steps before.
    pub fn add(&mut self, terms: &LossTerms) -> Result<(), Failure> {
        if !layout(terms).eq(self.layout.iter().map(|(name, weight)| (name.as_str(), *weight))) {
            self.read()?;
            self.layout = layout(terms).map(|(name, weight)| (name.to_string(), weight)).collect();
        }
        let values = terms.iter().map(|(_, _, value)| value).chain(terms.observed().map(|(_, value)| value));
        self.waiting.extend(values.map(Tensor::detach));
        if self.waiting.len() >= BLOCK * self.layout.len() { self.read() } else { Ok(()) }
    }

    /// All steps' losses.
    ///
    /// # Errors
    /// An objective that is not finite.
    pub fn finish(mut self) -> Result<Self, Failure> {
        self.read()?;
        Ok(self)
    }

    fn read(&mut self) -> Result<(), Failure> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let waiting: Vec<Tensor> = self.waiting.drain(..).map(|value| value.to_kind(Kind::Float)).collect();
        let block = Tensor::stack(&waiting, 0).to_device(Device::Cpu).to_kind(Kind::Double);
        let layout = std::mem::take(&mut self.layout);
        for values in Vec::<f64>::try_from(block).map_err(Failure::trial)?.chunks(layout.len()) {
            let named = || layout.iter().zip(values).map(|((name, weight), value)| (name.as_str(), *weight, *value));
            let total: f64 = named().filter_map(|(_, weight, value)| weight.map(|weight| value * weight)).sum();
            if !total.is_finite() {
                let place = format!("epoch {}, step {} of {}", self.epoch + 1, self.totals.len() + 1, self.steps);
                let terms: Vec<(&str, f64)> = named().filter_map(|(name, weight, value)| weight.map(|_| (name, value))).collect();
                return Err(Failure::trial(format!("{DIVERGED}{total} in {place}: {terms:?}")));
            }
            for (name, weight, value) in named() {
                if weight.is_some() {
                    column(&mut self.terms, name).push(value);
                } else {
                    let column = column(&mut self.observed, name);
                    column.resize(self.totals.len(), f64::NAN);
                    column.push(value);
                }
            }
            self.totals.push(total);
        }
        self.layout = layout;
        self.observed.iter_mut().for_each(|(_, column)| column.resize(self.totals.len(), f64::NAN));
        Ok(())
    }
}

/// Names and weights, none of what is only logged.
fn layout(terms: &LossTerms) -> impl Iterator<Item = (&str, Option<f64>)> {
    terms.iter().map(|(name, weight, _)| (name, Some(weight))).chain(terms.observed().map(|(name, _)| (name, None)))
}

/// The column of this name, made where there is none.
pub fn column<'a>(columns: &'a mut Vec<(String, Vec<f64>)>, name: &str) -> &'a mut Vec<f64> {
    let at = columns.iter().position(|(own, _)| own == name).unwrap_or_else(|| {
        columns.push((name.into(), Vec::new()));
        columns.len() - 1
    });
    &mut columns[at].1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(first: f32, second: f32) -> LossTerms {
        LossTerms::one("first", Tensor::from(first)).and("second", 0.5, Tensor::from(second))
    }

    #[test]
    fn totals_are_weighted_sums_in_the_order_of_the_steps() {
        let steps = BLOCK + 3;
        let mut losses = EpochLosses::new(0, steps);
        (0..steps).for_each(|step| losses.add(&terms(step as f32, 2.0)).unwrap());
        let losses = losses.finish().unwrap();
        assert_eq!(losses.totals, (0..steps).map(|step| step as f64 + 1.0).collect::<Vec<_>>());
        let expected = [("first".to_string(), (0..steps).map(|step| step as f64).collect()), ("second".to_string(), vec![2.0; steps])];
        assert_eq!(losses.terms, expected);
    }

    #[test]
    fn steps_may_have_other_terms_and_weights() {
        let mut losses = EpochLosses::new(0, 3);
        losses.add(&LossTerms::one("first", Tensor::from(1.0f32))).unwrap();
        losses.add(&terms(2.0, 4.0)).unwrap();
        losses.add(&LossTerms::default().and("second", 2.0, Tensor::from(3.0f32))).unwrap();
        let losses = losses.finish().unwrap();
        assert_eq!(losses.totals, [1.0, 4.0, 6.0]);
        assert_eq!(losses.terms, [("first".to_string(), vec![1.0, 2.0]), ("second".to_string(), vec![4.0, 3.0])]);
    }

    #[test]
    fn what_is_only_logged_enters_no_objective_and_may_be_nan() {
        let mut losses = EpochLosses::new(0, 3);
        losses.add(&terms(1.0, 2.0)).unwrap();
        losses.add(&terms(1.0, 2.0).observe("ratio", Tensor::from(f32::NAN))).unwrap();
        losses.add(&terms(1.0, 2.0).observe("ratio", Tensor::from(5.0f32))).unwrap();
        let losses = losses.finish().unwrap();
        assert_eq!(losses.totals, [2.0; 3]);
        let (name, values) = &losses.observed[0];
        assert_eq!((name.as_str(), values[2]), ("ratio", 5.0));
        assert!(values[0].is_nan() && values[1].is_nan());
    }

    #[test]
    fn the_first_step_that_is_not_finite_is_named_with_its_terms() {
        let mut losses = EpochLosses::new(2, 9);
        losses.add(&terms(1.0, 1.0)).unwrap();
        losses.add(&terms(1.0, f32::NAN)).unwrap();
        losses.add(&terms(f32::NAN, f32::NAN)).unwrap();
        let message = losses.finish().unwrap_err().message;
        assert_eq!(message, r#"the loss is NaN in epoch 3, step 2 of 9: [("first", 1.0), ("second", NaN)]"#);
    }
}
