//! What a closure costs.

use bench_store::profile::{Family, Work};
use bench_worker::cost::{self, Phases};
use tch::{Device, Kind, Tensor};

/// Counted work, by phase.
pub struct Counted(pub Phases);

/// Runs and counts.
pub fn count(work: impl FnOnce()) -> Counted {
    let run = || {
        work();
        Ok(())
    };
    let ((), phases) = cost::counted(run, |_| {}).unwrap();
    Counted(phases)
}

/// Normal numbers.
pub fn draw(shape: &[i64]) -> Tensor {
    Tensor::randn(shape, (Kind::Float, Device::Cpu))
}

/// Normal numbers that want a gradient.
pub fn leaf(shape: &[i64]) -> Tensor {
    draw(shape).set_requires_grad(true)
}

/// The backward pass of the sum.
pub fn backward(output: &Tensor) {
    output.sum(Kind::Float).backward();
}

/// MACs of a family.
pub fn macs(work: &Work, family: Family) -> u64 {
    let flops: u64 = work.flops.iter().filter(|found| found.family == family).map(|found| found.flops).sum();
    assert_eq!(flops % 2, 0, "{family:?}");
    flops / 2
}

impl Counted {
    /// All phases.
    pub fn phases(&self) -> [&Work; 3] {
        [&self.0.forward, &self.0.backward, &self.0.optimiser]
    }

    /// MACs of a family outside backward passes.
    pub fn forward_macs(&self, family: Family) -> u64 {
        macs(&self.0.forward, family)
    }

    /// MACs of a family in backward passes.
    pub fn backward_macs(&self, family: Family) -> u64 {
        macs(&self.0.backward, family)
    }

    /// No other family did anything, and nothing is unknown.
    pub fn has_only(&self, families: &[Family]) {
        for work in self.phases() {
            assert!(work.unknown.is_empty(), "{:?}", work.unknown);
            assert!(work.flops.iter().all(|found| families.contains(&found.family)), "{:?}", work.flops);
        }
    }

    /// Elements of element-wise work outside backward passes.
    pub fn elements(&self) -> u64 {
        self.0.forward.elementwise
    }
}
