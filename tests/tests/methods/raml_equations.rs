//! Identities of RAML's equations, beside those tested where the equations stand.

use bench_methods::{
    patterns,
    raml::equations::{Deviation, adaptive_scores, fuse, fused_variance, predictive_suprema, sample, sparsity_each, unimodal_loss, weights},
};
use tch::{Device, Kind, Tensor};

use crate::cases::distance;

const SHAPE: [i64; 3] = [3, 4, 5];

/// Numbers spread over [−2, 2], another set for every salt.
fn numbers(salt: f64) -> Tensor {
    let count = SHAPE.iter().product::<i64>();
    (Tensor::arange(count, (Kind::Double, Device::Cpu)) * (1.7 + salt)).sin().view(SHAPE) * 2.0
}

fn availability(pattern: &[bool]) -> Tensor {
    Tensor::from_slice(pattern).unsqueeze(1).expand([SHAPE[0], SHAPE[1]], false)
}

fn fused(mu: &Tensor, log_sigma: &Tensor, available: &Tensor) -> Tensor {
    fuse(&weights(&adaptive_scores(log_sigma), available), mu)
}

fn holds(condition: Tensor) -> bool {
    bool::try_from(condition.all()).unwrap()
}

#[test]
fn weights_are_shares_of_the_available_modalities() {
    for pattern in patterns::all(3) {
        let omega = weights(&adaptive_scores(&numbers(0.0)), &availability(&pattern));
        let sums = omega.sum_dim_intlist(0, false, None::<Kind>);
        assert!(distance(&sums, &sums.ones_like()) < 1e-12, "{pattern:?}");
        assert!(holds(omega.ge(0.0)) && holds(omega.le(1.0)), "{pattern:?}");
        for (at, _) in pattern.iter().enumerate().filter(|(_, available)| !**available) {
            assert_eq!(omega.get(at as i64).abs().max().double_value(&[]), 0.0, "{pattern:?}");
        }
    }
}

// Multiplied one Gaussian after another, which is not how Eq. 4 is computed.
#[test]
fn fusion_is_the_product_of_the_available_gaussians() {
    let (mu, log_sigma) = (numbers(0.0), numbers(0.3));
    let variances = (&log_sigma * 2.0).exp();
    for pattern in patterns::all(3) {
        let available = availability(&pattern);
        let mut there = (0..3).filter(|&at| pattern[at as usize]);
        let first = there.next().unwrap();
        let (mean, variance) = there.fold((mu.get(first), variances.get(first)), |(mean, variance), at| {
            let gain = &variance / (&variance + variances.get(at));
            (&mean + &gain * (mu.get(at) - &mean), &variance * (1.0 - &gain))
        });
        assert!(distance(&fused(&mu, &log_sigma, &available), &mean) < 1e-12, "{pattern:?}");
        let harmonic = fused_variance(&log_sigma, &available);
        assert!(distance(&harmonic, &variance) < 1e-12, "{pattern:?}");
        for at in (0..3).filter(|&at| pattern[at as usize]) {
            assert!(holds(harmonic.le_tensor(&(variances.get(at) * (1.0 + 1e-12)))), "{pattern:?}: the fusion is less certain than modality {at}");
        }
    }
}

#[test]
fn equal_deviations_fuse_to_the_plain_average() {
    let mu = numbers(0.0);
    let average = (mu.get(0) + mu.get(2)) / 2.0;
    assert!(distance(&fused(&mu, &(mu.zeros_like() + 0.4), &availability(&[true, false, true])), &average) < 1e-12);
}

#[test]
fn the_order_of_modalities_does_not_matter() {
    let order = Tensor::from_slice(&[2i64, 0, 1]);
    let (mu, log_sigma, available) = (numbers(0.0), numbers(0.3), availability(&[true, true, false]));
    let permuted = |tensor: &Tensor| tensor.index_select(0, &order);
    let straight = fused(&mu, &log_sigma, &available);
    assert!(distance(&straight, &fused(&permuted(&mu), &permuted(&log_sigma), &permuted(&available))) < 1e-12);
    let sparsity = permuted(&sparsity_each(&mu, &log_sigma, None));
    assert!(distance(&sparsity, &sparsity_each(&permuted(&mu), &permuted(&log_sigma), None)) < 1e-12);
}

#[test]
fn a_modality_that_knows_nothing_leaves_the_fusion_unchanged() {
    let (mu, log_sigma) = (numbers(0.0), numbers(0.3));
    let ignorant = Tensor::cat(&[log_sigma.narrow(0, 0, 2), log_sigma.narrow(0, 2, 1) + 400.0], 0);
    let without = fused(&mu, &log_sigma, &availability(&[true, true, false]));
    assert!(distance(&fused(&mu, &ignorant, &availability(&[true, true, true])), &without) < 1e-12);
}

// Euler's theorem for the invariance to a common scale: Σ_m σ_m ∂L_D/∂σ_m = Σ_m ∂L_D/∂ln σ_m = 0.
#[test]
fn sparsity_only_moves_relative_precision() {
    let log_sigma = numbers(0.3).set_requires_grad(true);
    sparsity_each(&numbers(0.0), &log_sigma, None).sum(Kind::Double).backward();
    let gradient = log_sigma.grad();
    assert!(gradient.abs().max().double_value(&[]) > 1e-3, "it does move something");
    assert!(gradient.sum_dim_intlist(0, false, None::<Kind>).abs().max().double_value(&[]) < 1e-12);
}

#[test]
fn a_draw_without_noise_is_the_mean() {
    let mu = numbers(0.0);
    assert_eq!(distance(&sample(&mu, &numbers(0.3), &mu.zeros_like()), &mu), 0.0);
    assert!(distance(&sample(&mu, &numbers(0.3), &mu.ones_like()), &(&mu + numbers(0.3).exp())) < 1e-12);
}

// Cross-entropies by hand: ln 2 of even logits, ln(1 + e^−1) where the true class leads by one, ln(1 + e) where it trails. The golden case gives the same
// for the mean over all pairs of sample and modality; here that would be half the sum of four over four.
#[test]
fn incomplete_samples_are_averaged_modality_by_modality() {
    let logits = Tensor::from_slice(&[0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 5.0, -5.0, -5.0, 5.0]).view([2, 3, 2]);
    let classes = Tensor::from_slice(&[0i64, 1, 0]);
    let availability = Tensor::from_slice(&[true, true, true, true, false, false]).view([2, 3]);
    let (even, leads, trails) = (2f64.ln(), (1.0 + (-1f64).exp()).ln(), (1.0 + 1f64.exp()).ln());
    let expected = (2.0 * even + leads) / 3.0 + trails;
    for availability in [availability.shallow_clone(), availability.to_kind(Kind::Double)] {
        let found = unimodal_loss(&logits, &classes, Some(&availability)).double_value(&[]);
        assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
    }
    let over_pairs = 2.0 * (2.0 * even + leads + trails) / 4.0;
    assert!((expected - over_pairs).abs() > 0.1, "the case can tell the two apart");
}

// σ = exp(clamp(raw, −10, 10) / 2), and no gradient beyond the ends; the golden case stays within them.
#[test]
fn a_raw_log_variance_beyond_ten_counts_as_ten() {
    let raw = Tensor::from_slice(&[-30.0, -10.5, 2.0, 10.5, 30.0]).set_requires_grad(true);
    let sigma = Deviation::LogVariance.log_sigma(&raw).exp();
    let expected = [-5.0, -5.0, 1.0, 5.0, 5.0].map(f64::exp);
    assert!(distance(&sigma.detach(), &Tensor::from_slice(&expected)) < 1e-10);
    sigma.log().sum(Kind::Double).backward();
    assert_eq!(Vec::<f64>::try_from(raw.grad()).unwrap(), [0.0, 0.0, 0.5, 0.0, 0.0]);
}

// Eqs. 7 and 8: one weight a modality, or one an element, on the simplex. A linear predictor's best is at a corner, which no softmax quite reaches.
#[test]
fn no_weights_beat_the_suprema_and_weights_near_a_corner_come_close() {
    let mu = numbers(0.0);
    let theta = mu.get(0).get(0) + 0.3;
    let [_, coarse, fine] = predictive_suprema(&mu, &theta);
    let everyone = availability(&[true; 3]);
    let probability = |scores: &Tensor| (fuse(&weights(scores, &everyone), &mu) * &theta).sum_dim_intlist(-1, false, None::<Kind>).sigmoid();
    let contributions = &mu * &theta;
    let by_modality = contributions.sum_dim_intlist(-1, true, None::<Kind>);
    for salt in 1..20 {
        let any = numbers(f64::from(salt)) * 3.0;
        let one_a_modality = any.narrow(2, 0, 1).expand_as(&mu);
        assert!(holds(probability(&any).le_tensor(&fine)), "{salt}");
        assert!(holds(probability(&one_a_modality).le_tensor(&coarse)), "{salt}");
    }
    assert!(distance(&probability(&(by_modality.expand_as(&mu) * 1e4)), &coarse) < 1e-9);
    assert!(distance(&probability(&(contributions * 1e6)), &fine) < 1e-9);
}
