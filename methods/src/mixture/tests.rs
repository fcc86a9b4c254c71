//! Invariants of mixtures and of the cost between their components; the numbers are in the golden vectors.

use super::*;

fn draw(shape: &[i64]) -> Tensor {
    Tensor::randn(shape, (Kind::Double, Device::Cpu))
}

fn largest(difference: Tensor) -> f64 {
    difference.abs().max().double_value(&[])
}

#[test]
fn responsibilities_sum_to_one_and_the_likelihood_does_not_fall() {
    let fit = fit(&draw(&[2, 40, 3]), None, 4, 8, true);
    let sums = fit.responsibilities.sum_dim_intlist(-1, false, None::<Kind>);
    assert!(largest(&sums - sums.ones_like()) < 1e-12);
    let trace = fit.trace.unwrap();
    let rise = trace.narrow(0, 1, 8) - trace.narrow(0, 0, 8);
    assert!(rise.min().double_value(&[]) > -1e-9, "{rise}");
}

#[test]
fn one_component_has_the_samples_moments() {
    let samples = draw(&[1, 20, 3]);
    let fit = fit(&samples, None, 1, 5, false);
    assert_eq!(largest(fit.responsibilities - 1.0), 0.0);
    assert!(largest(fit.mixture.mean.squeeze_dim(1) - samples.mean_dim(1, false, None::<Kind>)) < 1e-12);
    let variance = samples.var_dim([1i64].as_slice(), false, false);
    assert!(largest(fit.mixture.variance.squeeze_dim(1) - variance) < 1e-12);
}

#[test]
fn samples_that_do_not_count_change_nothing() {
    let samples = draw(&[1, 11, 3]);
    let rows = [0i64, 1, 2, 4, 5, 6, 8, 9, 10];
    let scattered = Tensor::from_slice(&[1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0]).unsqueeze(0);
    let kept = samples.index_select(1, &Tensor::from_slice(&rows));
    let (whole, part) = (fit(&kept, None, 4, 5, false), fit(&samples, Some(&scattered), 4, 5, false));
    assert!(largest(whole.mixture.mean - part.mixture.mean) < 1e-10);
    assert!(largest(whole.mixture.variance - part.mixture.variance) < 1e-10);
    assert!(largest(whole.mixture.share - part.mixture.share) < 1e-10);
    assert!(largest(part.responsibilities.select(1, 3)) == 0.0);
}

#[test]
fn fewer_counted_samples_than_components_repeat() {
    let samples = draw(&[1, 6, 3]);
    let counted = Tensor::from_slice(&[0.0, 1.0, 0.0, 1.0, 0.0, 0.0]).unsqueeze(0);
    let kept = samples.index_select(1, &Tensor::from_slice(&[1i64, 3]));
    let (whole, part) = (fit(&kept, None, 5, 5, false), fit(&samples, Some(&counted), 5, 5, false));
    assert!(largest(whole.mixture.mean - part.mixture.mean) < 1e-10);
}

#[test]
fn no_samples_at_all_stay_finite() {
    let samples = draw(&[1, 4, 3]).set_requires_grad(true);
    let fit = fit(&samples, Some(&Tensor::zeros([1, 4], (Kind::Double, Device::Cpu))), 2, 5, false);
    (fit.mixture.mean.sum(Kind::Double) + fit.mixture.variance.sum(Kind::Double) + fit.responsibilities.sum(Kind::Double)).backward();
    assert!(bool::try_from(samples.grad().isfinite().all()).unwrap());
}

// No vector reaches the variance's floor: equal samples have variance 1e-4, no gradient through it, and equal responsibilities.
#[test]
fn equal_samples_have_the_least_variance() {
    let samples = Tensor::ones([1, 6, 2], (Kind::Double, Device::Cpu)).set_requires_grad(true);
    let fit = fit(&samples, None, 3, 5, false);
    assert!(largest(&fit.mixture.variance - 1e-4) < 1e-15);
    assert!(largest(&fit.responsibilities - 1.0 / 3.0) < 1e-12);
    fit.mixture.variance.sum(Kind::Double).backward();
    assert_eq!(largest(samples.grad()), 0.0);
}

#[test]
fn fitting_does_not_depend_on_the_origin() {
    let samples = draw(&[1, 15, 3]);
    let (near, far) = (fit(&samples, None, 3, 5, false), fit(&(&samples + 100.0), None, 3, 5, false));
    assert!(largest(near.mixture.mean + 100.0 - far.mixture.mean) < 1e-9);
    assert!(largest(near.mixture.variance - far.mixture.variance) < 1e-9);
}

#[test]
fn distances_are_the_weighted_squares() {
    let (samples, means) = (draw(&[2, 5, 3]), draw(&[2, 4, 3]));
    let precision = draw(&[2, 4, 3]).exp();
    let direct = ((samples.unsqueeze(2) - means.unsqueeze(1)).square() * precision.unsqueeze(1)).sum_dim_intlist(-1, false, None::<Kind>);
    assert!(largest(Powers::about(&samples, &draw(&[2, 1, 3])).distances(&means, &precision) - direct) < 1e-11);
}

#[test]
fn the_cost_is_symmetric_not_negative_and_nearly_zero_to_itself() {
    let (mean, variance) = (draw(&[3, 4]), draw(&[3, 4]).exp());
    let (other_mean, other_variance) = (draw(&[2, 4]), draw(&[2, 4]).exp());
    let forth = bures((&mean, &variance), (&other_mean, &other_variance), 0.0);
    let back = bures((&other_mean, &other_variance), (&mean, &variance), 0.0);
    assert!(largest(&forth - back.transpose(0, 1)) < 1e-14 && forth.min().double_value(&[]) >= 0.0);
    // −2 Σ (√(v² + 1e-8) − v), worked out.
    let itself = transport_cost((&mean, &variance), (&mean, &variance), Reduction::Sum).diagonal(0, 0, 1);
    let expected = ((variance.square() + 1e-8).sqrt() - &variance).sum_dim_intlist(-1, false, None::<Kind>) * -2.0;
    assert!(largest(itself - expected) < 1e-15);
}

#[test]
fn the_full_cost_of_diagonal_covariances_is_the_diagonal_one() {
    let (mean, other) = (draw(&[4]), draw(&[4]));
    let (variance, second) = (draw(&[4]).exp(), draw(&[4]).exp());
    let full = transport_cost_full((&mean, &variance.diag(0)), (&other, &second.diag(0)));
    let of = |tensor: &Tensor| tensor.unsqueeze(0);
    let diagonal = bures((&of(&mean), &of(&variance)), (&of(&other), &of(&second)), 0.0);
    assert!(largest(diagonal.view(-1) - full) < 1e-12);
}
