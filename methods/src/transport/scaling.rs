//! Sinkhorn by scaling vectors, with the released code's two safeguards.

use super::{
    Problem, Sinkhorn, Solved,
    grid::{Grid, add, dot},
};

/// Floor of the kernel; it acts where the cost exceeds 69 λ, and the cost has no gradient there.
const LEAST_KERNEL: f64 = 1e-30;
/// Added to every denominator.
const EPSILON: f64 = 1e-8;

pub(super) struct Scaled {
    regularisation: f64,
    kernel: Vec<f64>,
    floored: Vec<bool>,
    plan: Vec<f64>,
    /// Scalings after the last update, one list an axis.
    scalings: Vec<Vec<f64>>,
    /// Updates in their order.
    updates: Vec<Update>,
}

/// `u ← ν / (S + ε)`.
struct Update {
    replaced: Vec<f64>,
    denominator: Vec<f64>,
}

pub(super) fn solve(settings: &Sinkhorn, problem: &Problem) -> Scaled {
    let grid = problem.grid;
    let raw: Vec<f64> = problem.cost.iter().map(|cost| (-cost / settings.regularisation).exp()).collect();
    let floored: Vec<bool> = raw.iter().map(|value| *value < LEAST_KERNEL).collect();
    let kernel: Vec<f64> = raw.iter().map(|value| value.max(LEAST_KERNEL)).collect();
    let mut scalings = vec![vec![1.0; grid.length]; grid.axes];
    let mut updates = Vec::with_capacity(settings.sweeps * grid.axes);
    for axis in (0..settings.sweeps).flat_map(|_| 0..grid.axes) {
        let after = grid.products(&scalings[axis + 1..]);
        let front = grid.front(&kernel, &grid.products(&scalings[..axis]));
        let denominator: Vec<f64> = front.chunks_exact(after.len()).map(|row| dot(row, &after) + EPSILON).collect();
        let fitted = problem.marginal(axis).iter().zip(&denominator).map(|(mass, denominator)| mass / denominator).collect();
        let replaced = std::mem::replace(&mut scalings[axis], fitted);
        updates.push(Update { replaced, denominator });
    }
    let plan = kernel.iter().zip(grid.products(&scalings)).map(|(kernel, product)| kernel * product).collect();
    Scaled { regularisation: settings.regularisation, kernel, floored, plan, scalings, updates }
}

impl Solved for Scaled {
    fn plan(&self) -> &[f64] {
        &self.plan
    }

    fn reverse(&self, grid: &Grid, of_plan: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let grid = *grid;
        let mut scalings = self.scalings.clone();
        let mut of_scalings = vec![vec![0.0; grid.length]; grid.axes];
        let mut of_marginals = vec![0.0; grid.axes * grid.length];
        let mut of_kernel: Vec<f64> = of_plan.iter().zip(grid.products(&scalings)).map(|(slope, product)| slope * product).collect();
        let of_products: Vec<f64> = of_plan.iter().zip(&self.kernel).map(|(slope, kernel)| slope * kernel).collect();
        grid.reverse_products(&scalings, &of_products, &mut of_scalings);
        for (at, update) in self.updates.iter().enumerate().rev() {
            let axis = at % grid.axes;
            let of_fitted = std::mem::replace(&mut of_scalings[axis], vec![0.0; grid.length]);
            let fitted = std::mem::replace(&mut scalings[axis], update.replaced.clone());
            // u = ν / D: ∂u/∂ν = 1/D, ∂u/∂D = −u/D.
            let of_sum: Vec<f64> =
                of_fitted.iter().zip(&fitted).zip(&update.denominator).map(|((slope, value), denominator)| -slope * value / denominator).collect();
            let own = &mut of_marginals[axis * grid.length..][..grid.length];
            own.iter_mut().zip(&of_fitted).zip(&update.denominator).for_each(|((sum, slope), denominator)| *sum += slope / denominator);
            // S_i = Σ_p before_p Σ_q kernel_piq after_q.
            let (before, after) = (grid.products(&scalings[..axis]), grid.products(&scalings[axis + 1..]));
            let spread: Vec<f64> = of_sum.iter().flat_map(|slope| after.iter().map(move |weight| slope * weight)).collect();
            let mut of_before = vec![0.0; before.len()];
            for ((block, rows), (slope, weight)) in
                of_kernel.chunks_exact_mut(spread.len()).zip(self.kernel.chunks_exact(spread.len())).zip(of_before.iter_mut().zip(&before))
            {
                add(block, *weight, &spread);
                *slope = dot(rows, &spread);
            }
            let front = grid.front(&self.kernel, &before);
            let mut of_after = vec![0.0; after.len()];
            front.chunks_exact(after.len()).zip(&of_sum).for_each(|(row, slope)| add(&mut of_after, *slope, row));
            let (first, rest) = of_scalings.split_at_mut(axis);
            grid.reverse_products(&scalings[..axis], &of_before, first);
            grid.reverse_products(&scalings[axis + 1..], &of_after, &mut rest[1..]);
        }
        let of_cost = of_kernel.iter().zip(&self.kernel).zip(&self.floored);
        let of_cost = of_cost.map(|((slope, kernel), floored)| if *floored { 0.0 } else { -slope * kernel / self.regularisation }).collect();
        (of_cost, of_marginals)
    }
}
