//! Sinkhorn on the logarithms of the scalings: `a_i = log ν_i − logsumexp(−C/λ + Σ_{other axes} a)`.

use super::{Problem, Sinkhorn, Solved, grid::Grid};

pub(super) struct Logarithmic {
    regularisation: f64,
    /// −C/λ.
    scores: Vec<f64>,
    marginals: Vec<f64>,
    plan: Vec<f64>,
    /// Potentials after the last update, one list an axis.
    potentials: Vec<Vec<f64>>,
    /// What each update replaced, in order.
    replaced: Vec<Vec<f64>>,
}

pub(super) fn solve(settings: &Sinkhorn, problem: &Problem) -> Logarithmic {
    let grid = problem.grid;
    let scores: Vec<f64> = problem.cost.iter().map(|cost| -cost / settings.regularisation).collect();
    let mut potentials = vec![vec![0.0; grid.length]; grid.axes];
    let mut replaced = Vec::with_capacity(settings.sweeps * grid.axes);
    for axis in (0..settings.sweeps).flat_map(|_| 0..grid.axes) {
        let exponents = exponents(grid, &scores, &potentials, Some(axis));
        let sums = log_sums(grid, &exponents, axis);
        let fitted = problem.marginal(axis).iter().zip(&sums).map(|(mass, sum)| mass.ln() - sum).collect();
        replaced.push(std::mem::replace(&mut potentials[axis], fitted));
    }
    let plan = exponents(grid, &scores, &potentials, None).into_iter().map(f64::exp).collect();
    Logarithmic { regularisation: settings.regularisation, scores, marginals: problem.marginals.clone(), plan, potentials, replaced }
}

/// Scores plus the potentials of all axes but `left_out`.
fn exponents(grid: Grid, scores: &[f64], potentials: &[Vec<f64>], left_out: Option<usize>) -> Vec<f64> {
    let added = |cell: usize| (0..grid.axes).filter(|axis| Some(*axis) != left_out).map(|axis| potentials[axis][grid.index(cell, axis)]).sum::<f64>();
    scores.iter().enumerate().map(|(cell, score)| score + added(cell)).collect()
}

/// `log Σ exp` over all axes but one.
fn log_sums(grid: Grid, exponents: &[f64], axis: usize) -> Vec<f64> {
    let mut largest = vec![f64::NEG_INFINITY; grid.length];
    let mut sums = vec![0.0; grid.length];
    for (cell, exponent) in exponents.iter().enumerate() {
        let at = grid.index(cell, axis);
        largest[at] = exponent.max(largest[at]);
    }
    for (cell, exponent) in exponents.iter().enumerate() {
        let at = grid.index(cell, axis);
        sums[at] += (exponent - largest[at]).exp();
    }
    sums.iter().zip(&largest).map(|(sum, largest): (&f64, &f64)| sum.ln() + largest).collect()
}

impl Solved for Logarithmic {
    fn plan(&self) -> &[f64] {
        &self.plan
    }

    fn reverse(&self, grid: &Grid, of_plan: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let grid = *grid;
        let mut potentials = self.potentials.clone();
        let mut of_potentials = vec![vec![0.0; grid.length]; grid.axes];
        let mut of_marginals = vec![0.0; grid.axes * grid.length];
        let mut of_scores: Vec<f64> = of_plan.iter().zip(&self.plan).map(|(slope, mass)| slope * mass).collect();
        for (cell, slope) in of_scores.iter().enumerate() {
            of_potentials.iter_mut().enumerate().for_each(|(axis, sums)| sums[grid.index(cell, axis)] += slope);
        }
        for (at, replaced) in self.replaced.iter().enumerate().rev() {
            let axis = at % grid.axes;
            let of_fitted = std::mem::replace(&mut of_potentials[axis], vec![0.0; grid.length]);
            potentials[axis].clone_from(replaced);
            for (index, slope) in of_fitted.iter().enumerate() {
                let place = axis * grid.length + index;
                of_marginals[place] += slope / self.marginals[place];
            }
            let exponents = exponents(grid, &self.scores, &potentials, Some(axis));
            let sums = log_sums(grid, &exponents, axis);
            for (cell, exponent) in exponents.iter().enumerate() {
                let index = grid.index(cell, axis);
                let slope = -of_fitted[index] * (exponent - sums[index]).exp();
                of_scores[cell] += slope;
                for other in (0..grid.axes).filter(|other| *other != axis) {
                    of_potentials[other][grid.index(cell, other)] += slope;
                }
            }
        }
        (of_scores.into_iter().map(|slope| -slope / self.regularisation).collect(), of_marginals)
    }
}
