//! The losses of an epoch's steps, read from the device a block at a time.

use bench_methods::LossTerms;
use tch::{Device, Kind, Tensor};

use crate::failure::Failure;

/// Steps between two copies to the host: a GPU is not waited for at every step, and a loss that is not finite is still found early.
const BLOCK: usize = 32;

/// Each step's loss terms and objective.
#[derive(Debug)]
pub struct EpochLosses {
    /// Unweighted terms by name, one value for each step that had the term.
    pub terms: Vec<(&'static str, Vec<f64>)>,
    /// The weighted sum of each step's terms.
    pub totals: Vec<f64>,
    /// Names and weights of the steps that wait to be read, and their values, step by step.
    layout: Vec<(&'static str, f64)>,
    waiting: Vec<Tensor>,
    epoch: usize,
    steps: usize,
}

impl EpochLosses {
    /// Of an epoch (from 0) that will have so many steps.
    pub fn new(epoch: usize, steps: usize) -> Self {
        Self { terms: Vec::new(), totals: Vec::new(), layout: Vec::new(), waiting: Vec::new(), epoch, steps }
    }

    /// Takes the next step's terms.
    ///
    /// # Errors
    /// An objective that is not finite, of this or one of the steps before.
    pub fn add(&mut self, terms: &LossTerms) -> Result<(), Failure> {
        let layout = || terms.iter().map(|(name, weight, _)| (name, weight));
        if !layout().eq(self.layout.iter().copied()) {
            self.read()?;
            self.layout = layout().collect();
        }
        self.waiting.extend(terms.iter().map(|(_, _, value)| value.detach()));
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
        let block = Tensor::stack(&self.waiting, 0).to_device(Device::Cpu).to_kind(Kind::Double);
        self.waiting.clear();
        for values in Vec::<f64>::try_from(block).map_err(Failure::trial)?.chunks(self.layout.len()) {
            let total: f64 = values.iter().zip(&self.layout).map(|(value, (_, weight))| value * weight).sum();
            let named = self.layout.iter().map(|(name, _)| *name).zip(values.iter().copied());
            if !total.is_finite() {
                let place = format!("epoch {}, step {} of {}", self.epoch + 1, self.totals.len() + 1, self.steps);
                return Err(Failure::trial(format!("the loss is {total} in {place}: {:?}", named.collect::<Vec<_>>())));
            }
            self.totals.push(total);
            for (name, value) in named {
                match self.terms.iter_mut().find(|(own, _)| *own == name) {
                    Some((_, column)) => column.push(value),
                    None => self.terms.push((name, vec![value])),
                }
            }
        }
        Ok(())
    }
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
        assert_eq!(losses.terms, [("first", (0..steps).map(|step| step as f64).collect()), ("second", vec![2.0; steps])]);
    }

    #[test]
    fn steps_may_have_other_terms_and_weights() {
        let mut losses = EpochLosses::new(0, 3);
        losses.add(&LossTerms::one("first", Tensor::from(1.0f32))).unwrap();
        losses.add(&terms(2.0, 4.0)).unwrap();
        losses.add(&LossTerms::default().and("second", 2.0, Tensor::from(3.0f32))).unwrap();
        let losses = losses.finish().unwrap();
        assert_eq!(losses.totals, [1.0, 4.0, 6.0]);
        assert_eq!(losses.terms, [("first", vec![1.0, 2.0]), ("second", vec![4.0, 3.0])]);
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
