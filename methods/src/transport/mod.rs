/*!
Entropic optimal transport between two or more discrete distributions (Cuturi 2013; Benamou et al. 2015 for many marginals).

`T* = argmin_T ⟨T, C⟩ + λ Σ T log T` over plans with given marginals ν_1 … ν_M, by Sinkhorn sweeps: marginal after marginal is made to fit, each in one
update a sweep. The loops run on the host over plain numbers in double precision, and their derivative is the reverse sweep of exactly these updates:
what automatic differentiation of the unrolled loop gives, at a hundredth of its time, because the tensors are tiny and the updates many.
*/

mod grid;
mod logarithmic;
mod scaling;

use tch::{Kind, Tensor};

use grid::Grid;

/// How the sweeps are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// Scaling vectors on the kernel `max(exp(−C/λ), 1e-30)`, 1e-8 added to each denominator (DecAlign's released code).
    Scaling,
    /// Logarithms of the scalings: nothing is floored and nothing added.
    Logarithmic,
}

/// What the loss counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Objective {
    /// `⟨T, C⟩ + λ Σ T (log max(T, 1e-8) − 1)`.
    Entropic,
    /// `⟨T, C⟩`.
    Transport,
}

/// Regularisation and effort.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sinkhorn {
    /// λ > 0, in the cost's unit.
    pub regularisation: f64,
    /// Sweeps, each over all marginals in their order.
    pub sweeps: usize,
    /// How they are computed.
    pub domain: Domain,
}

/// Smallest mass under the logarithm of [`Objective::Entropic`].
const LEAST_MASS: f64 = 1e-8;

/// Passes over all cells that an update makes, a multiplication and an addition a cell each: sums over the axes in front and behind.
const SOLVING: u64 = 2;
/// The same of its reverse: the kernel's and both sides' derivatives, and the sums once more.
const REVERSING: u64 = 4;

/// A plan with what its derivative needs.
trait Solved {
    /// T, in the cost's layout.
    fn plan(&self) -> &[f64];
    /// Derivatives with respect to cost and marginals (M × K) of a function whose derivative with respect to T is `of_plan`.
    fn reverse(&self, grid: &Grid, of_plan: &[f64]) -> (Vec<f64>, Vec<f64>);
}

impl Sinkhorn {
    /// The plan after the sweeps: cost `[K; M]` (M axes of length K), marginals `[M, K]`, positive → `[K; M]`. Carries no gradient.
    pub fn plan(&self, cost: &Tensor, marginals: &Tensor) -> Tensor {
        let size = marginals.size();
        let problem = Problem::new([size[0], size[1]], numbers(cost), numbers(marginals));
        self.report(cost.numel(), size[0], SOLVING);
        like(self.solve(&problem).plan(), cost)
    }

    /// The losses of P problems: costs `[P, K; M]`, marginals `[P, M, K]` → `[P]`, with the gradient of the unrolled sweeps with respect to both. They have
    /// no second derivative.
    pub fn loss(&self, objective: Objective, cost: &Tensor, marginals: &Tensor) -> Tensor {
        let size = marginals.size();
        let (costs, masses) = (numbers(cost), numbers(marginals));
        self.report(cost.numel(), size[1], SOLVING + REVERSING);
        let mut values = Vec::new();
        let (mut of_costs, mut of_masses) = (Vec::with_capacity(costs.len()), Vec::with_capacity(masses.len()));
        let problems = size[0].max(1) as usize;
        for (cost, masses) in costs.chunks_exact(costs.len() / problems).zip(masses.chunks_exact(masses.len() / problems)) {
            let problem = Problem::new([size[1], size[2]], cost.to_vec(), masses.to_vec());
            let solved = self.solve(&problem);
            let (value, of_plan) = self.objective(objective, cost, solved.plan());
            let (of_cost, of_marginals) = solved.reverse(&problem.grid, &of_plan);
            values.push(value);
            of_costs.extend(of_cost.iter().zip(solved.plan()).map(|(derivative, mass)| derivative + mass));
            of_masses.extend(of_marginals);
        }
        // The values as constants and, on top, what is zero but has the derivative.
        let slope = |tensor: &Tensor, derivative: &[f64]| {
            let rise = (tensor - tensor.detach()) * like(derivative, tensor);
            rise.flatten(1, -1).sum_dim_intlist(1, false, None::<Kind>)
        };
        let values = Tensor::from_slice(&values).to_kind(cost.kind()).to_device(cost.device());
        slope(cost, &of_costs) + slope(marginals, &of_masses) + values
    }

    fn solve(&self, problem: &Problem) -> Box<dyn Solved> {
        match self.domain {
            Domain::Scaling => Box::new(scaling::solve(self, problem)),
            Domain::Logarithmic => Box::new(logarithmic::solve(self, problem)),
        }
    }

    /// Tells the counter of operations, which sees none of this, of `passes` over all cells an update.
    fn report(&self, cells: usize, axes: i64, passes: u64) {
        bench_native::report_work(c"sinkhorn", 2 * passes * cells as u64 * axes.unsigned_abs() * self.sweeps as u64);
    }

    /// Value, and derivative with respect to the plan.
    fn objective(&self, objective: Objective, cost: &[f64], plan: &[f64]) -> (f64, Vec<f64>) {
        let transport = plan.iter().zip(cost).map(|(mass, cost)| mass * cost).sum::<f64>();
        if objective == Objective::Transport {
            return (transport, cost.to_vec());
        }
        let logarithms = || plan.iter().map(|mass| mass.max(LEAST_MASS).ln());
        let entropy = plan.iter().zip(logarithms()).map(|(mass, logarithm)| mass * (logarithm - 1.0)).sum::<f64>();
        let derivative = plan.iter().zip(cost).zip(logarithms()).map(|((mass, cost), logarithm)| {
            let rise = if *mass >= LEAST_MASS { 1.0 } else { 0.0 };
            cost + self.regularisation * (logarithm - 1.0 + rise)
        });
        (transport + self.regularisation * entropy, derivative.collect())
    }
}

/// Numbers of one transport problem.
struct Problem {
    grid: Grid,
    cost: Vec<f64>,
    /// M × K.
    marginals: Vec<f64>,
}

/// Keeps the logarithm of a marginal finite.
const LEAST_MARGINAL: f64 = 1e-30;

impl Problem {
    fn new(shape: [i64; 2], cost: Vec<f64>, mut marginals: Vec<f64>) -> Self {
        let [axes, length] = shape.map(|number| number.max(0) as usize);
        marginals.iter_mut().for_each(|mass| *mass = mass.max(LEAST_MARGINAL));
        Self { grid: Grid { axes, length }, cost, marginals }
    }

    fn marginal(&self, axis: usize) -> &[f64] {
        &self.marginals[axis * self.grid.length..][..self.grid.length]
    }
}

fn numbers(tensor: &Tensor) -> Vec<f64> {
    let flat = tensor.detach().to_device(tch::Device::Cpu).to_kind(Kind::Double).contiguous().view(-1);
    let mut numbers = vec![0.0; flat.numel()];
    flat.copy_data(&mut numbers, flat.numel());
    numbers
}

fn like(numbers: &[f64], tensor: &Tensor) -> Tensor {
    Tensor::from_slice(numbers).view_as(tensor).to_kind(tensor.kind()).to_device(tensor.device())
}

#[cfg(test)]
mod tests;
