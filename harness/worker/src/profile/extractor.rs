//! A frozen feature extractor.

use bench_methods::{
    Batch,
    extractors::{self, Extractor},
};
use tch::Device;

use super::model::{Model, Numbers, Pattern, Samples};
use crate::failure::{Failure, catch};

/// An extractor with the size of its samples.
pub(super) struct Frozen {
    extractor: Box<dyn Extractor>,
    size: f64,
}

impl Frozen {
    /// Builds the extractor `name` for samples of `size` (tokens, frames, seconds).
    pub fn build(name: &str, size: f64, device: Device) -> Result<Self, Failure> {
        extractors::check(name, size).map_err(Failure::usage)?;
        Ok(Self { extractor: extractors::find(name, device).map_err(Failure::usage)?, size })
    }
}

impl Model for Frozen {
    fn patterns(&self) -> Vec<Pattern> {
        vec![Pattern { name: "clean".into(), available: Vec::new() }]
    }

    fn samples(&self, count: usize, _pattern: &Pattern) -> Result<Samples, Failure> {
        self.extractor.input(count, self.size).map(Samples::Raw).map_err(Failure::usage)
    }

    fn labelled(&self, _count: usize) -> Option<Batch> {
        None
    }

    fn predict(&self, samples: &Samples) -> Result<(), Failure> {
        let Samples::Raw(input) = samples else { return Err(Failure::trial("an extractor reads raw samples")) };
        catch(|| {
            tch::no_grad(|| drop(self.extractor.extract(input)));
            Ok(())
        })
    }

    fn step(&mut self, _batch: &Batch) -> Result<(), Failure> {
        Ok(())
    }

    fn zero_gradients(&mut self) {}

    fn numbers(&self) -> Numbers {
        Numbers::Frozen(self.extractor.parameters())
    }
}
