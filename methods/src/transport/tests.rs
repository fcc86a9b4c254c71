//! Invariants of entropic transport; the numbers are in the golden vectors.

use std::cell::Cell;

use bench_datasets::keyed::{Key, uniform};
use tch::{Device, Kind, Tensor};

use super::{Domain, Objective, Sinkhorn};

const DOMAINS: [Domain; 2] = [Domain::Scaling, Domain::Logarithmic];

fn sinkhorn(domain: Domain, sweeps: usize) -> Sinkhorn {
    Sinkhorn { regularisation: 0.3, sweeps, domain }
}

/// Uniform numbers in [0, 1): the same in each run, whatever other tests draw at the same time.
fn draw(shape: &[i64]) -> Tensor {
    thread_local!(static DRAWS: Cell<u64> = const { Cell::new(0) });
    let mut rng = Key::new("transport tests").with("draw", DRAWS.replace(DRAWS.get() + 1)).rng();
    let numbers: Vec<f64> = (0..shape.iter().product::<i64>()).map(|_| uniform(&mut rng)).collect();
    Tensor::from_slice(&numbers).view(shape)
}

fn marginals(axes: i64, length: i64) -> Tensor {
    let mass = draw(&[axes, length]) + 0.2;
    &mass / mass.sum_dim_intlist(1, true, None::<Kind>)
}

fn largest(difference: Tensor) -> f64 {
    difference.abs().max().double_value(&[])
}

fn marginal(plan: &Tensor, axis: i64) -> Tensor {
    let others: Vec<i64> = (0..plan.dim() as i64).filter(|other| *other != axis).collect();
    plan.sum_dim_intlist(others.as_slice(), false, None::<Kind>)
}

fn product(masses: &Tensor) -> Tensor {
    masses.get(0).view([-1, 1, 1]) * masses.get(1).view([1, -1, 1]) * masses.get(2).view([1, 1, -1])
}

#[test]
fn converged_plans_are_positive_and_have_the_marginals() {
    for domain in DOMAINS {
        for axes in [2, 3, 4] {
            let masses = marginals(axes, 3);
            let plan = sinkhorn(domain, 500).plan(&draw(&vec![3; axes as usize]), &masses);
            assert!(plan.min().double_value(&[]) > 0.0);
            for axis in 0..axes {
                assert!(largest(marginal(&plan, axis) - masses.get(axis)) < 1e-6, "{domain:?}, axis {axis} of {axes}");
            }
        }
    }
}

#[test]
fn the_last_marginal_fits_after_any_sweep() {
    for domain in DOMAINS {
        let masses = marginals(3, 4);
        let plan = sinkhorn(domain, 1).plan(&draw(&[4, 4, 4]), &masses);
        assert!(largest(marginal(&plan, 2) - masses.get(2)) < 1e-6);
        assert!(largest(marginal(&plan, 0) - masses.get(0)) > 1e-3, "one sweep does not converge");
    }
}

#[test]
fn a_constant_cost_gives_the_product_of_the_marginals_and_so_does_much_regularisation() {
    for domain in DOMAINS {
        let masses = marginals(3, 4);
        let constant = sinkhorn(domain, 50).plan(&Tensor::full([4, 4, 4], 0.7, (Kind::Double, Device::Cpu)), &masses);
        assert!(largest(constant - product(&masses)) < 1e-6);
        let smooth = Sinkhorn { regularisation: 1e6, ..sinkhorn(domain, 50) }.plan(&draw(&[4, 4, 4]), &masses);
        assert!(largest(smooth - product(&masses)) < 1e-6);
    }
}

#[test]
fn a_constant_on_top_of_the_cost_leaves_the_plan() {
    let (cost, masses) = (draw(&[4, 4, 4]), marginals(3, 4));
    let solver = sinkhorn(Domain::Logarithmic, 50);
    assert!(largest(solver.plan(&cost, &masses) - solver.plan(&(cost + 3.0), &masses)) < 1e-12);
}

#[test]
fn the_optimum_is_no_worse_than_the_product_plan() {
    let (cost, masses) = (draw(&[4, 4, 4]), marginals(3, 4));
    let objective = |plan: &Tensor| ((plan * &cost).sum(Kind::Double) + (plan * plan.log()).sum(Kind::Double) * 0.3).double_value(&[]);
    let plan = sinkhorn(Domain::Logarithmic, 500).plan(&cost, &masses);
    assert!(objective(&plan) < objective(&product(&masses)));
}

#[test]
fn permuted_components_give_the_permuted_plan() {
    let (cost, masses) = (draw(&[4, 4, 4]), marginals(3, 4));
    let order = Tensor::from_slice(&[2i64, 0, 3, 1]);
    for domain in DOMAINS {
        let plan = sinkhorn(domain, 7).plan(&cost, &masses).index_select(1, &order);
        let rows = [masses.get(0), masses.get(1).index_select(0, &order), masses.get(2)];
        let permuted = sinkhorn(domain, 7).plan(&cost.index_select(1, &order), &Tensor::stack(&rows, 0));
        assert!(largest(plan - permuted) < 1e-12);
    }
}

/// Both domains solve one problem; they differ by the released code's added 1e-8.
#[test]
fn the_domains_agree_where_nothing_is_floored() {
    let (cost, masses) = (draw(&[4, 4, 4]), marginals(3, 4));
    let [scaled, logarithmic] = DOMAINS.map(|domain| sinkhorn(domain, 50).plan(&cost, &masses));
    assert!(largest(scaled - logarithmic) < 1e-6);
}

// The sinkhorn vectors do not reach the kernel's floor: above a cost of 69 λ the cost has no gradient but the plan's own mass.
#[test]
fn a_floored_kernel_has_no_gradient() {
    let far = draw(&[3, 3]) + Tensor::from_slice(&[30.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]).view([3, 3]);
    let cost = far.set_requires_grad(true);
    let solver = sinkhorn(Domain::Scaling, 20);
    let masses = marginals(2, 3);
    solver.loss(Objective::Transport, &cost.unsqueeze(0), &masses.unsqueeze(0)).sum(Kind::Double).backward();
    let plan = solver.plan(&cost, &masses).double_value(&[0, 0]);
    assert!(plan > 0.0 && plan < 1e-25);
    assert!((cost.grad().double_value(&[0, 0])).abs() < 1e-25);
}

/// Against central differences of the loss itself, for the number of axes that no vector has.
#[test]
fn gradients_are_those_of_finite_differences_with_four_marginals() {
    let (cost, masses) = (draw(&[2, 2, 2, 2]), marginals(4, 2));
    for (domain, objective) in DOMAINS.into_iter().flat_map(|domain| [(domain, Objective::Entropic), (domain, Objective::Transport)]) {
        let solver = sinkhorn(domain, 5);
        let (cost, masses) = (cost.copy().set_requires_grad(true), masses.copy().set_requires_grad(true));
        solver.loss(objective, &cost.unsqueeze(0), &masses.unsqueeze(0)).sum(Kind::Double).backward();
        for leaf in [&cost, &masses] {
            for at in 0..leaf.numel() as i64 {
                let moved = |by: f64| {
                    let shift = Tensor::zeros([leaf.numel() as i64], (Kind::Double, Device::Cpu));
                    let _ = shift.narrow(0, at, 1).fill_(by);
                    let shifted = leaf.detach() + shift.view_as(leaf);
                    let arguments = if leaf.dim() == 4 { [shifted, masses.detach()] } else { [cost.detach(), shifted] };
                    solver.loss(objective, &arguments[0].unsqueeze(0), &arguments[1].unsqueeze(0)).double_value(&[0])
                };
                let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                let found = leaf.grad().view(-1).double_value(&[at]);
                assert!((found - difference).abs() < 1e-7, "{domain:?} {objective:?} {at}: {found}, not {difference}");
            }
        }
    }
}
