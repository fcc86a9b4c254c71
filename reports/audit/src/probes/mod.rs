//! Numeric checks of propositions that papers state in formulas: each runs the formula on seeded draws, or on the smallest case that can contradict it.

mod contraction;
mod features;
mod transport;
mod weights;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// A check.
pub struct Probe {
    /// What expressions call it.
    pub name: &'static str,
    /// The proposition or quantity, with its place in the paper.
    pub proposition: &'static str,
    /// Runs it: 1 where the proposition held in every trial, 0 where one contradicts it, or the quantity. An error says what the arguments should be.
    pub run: fn(&[f64]) -> Result<f64, String>,
}

/// Checks of propositions, for `probe(name, ...)`.
pub const PROBES: &[Probe] = &[
    contraction::PAIRWISE,
    contraction::HOMOLOGOUS,
    contraction::BOUND,
    weights::SUPREMA,
    weights::UNIFORM,
    transport::BARYCENTER,
    transport::INDEPENDENT,
    transport::DEVIATION,
    weights::SUM_TO_ONE,
    weights::SIGMA_SCALE,
    features::BURES,
    features::DECOUPLING,
    features::SKEWNESS,
];

/// Quantities, for `val(name, ...)`.
pub const VALUES: &[Probe] = &[contraction::RATIO];

/// Every probe draws from its own stream, so that none depends on which others ran.
fn draws(stream: u64) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(20_240_501);
    random.set_stream(stream);
    random
}

fn normal(random: &mut ChaCha8Rng, count: usize) -> Vec<f64> {
    StandardNormal.sample_iter(random).take(count).collect()
}

fn yes(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

fn no_arguments(arguments: &[f64]) -> Result<(), String> {
    if arguments.is_empty() { Ok(()) } else { Err(format!("takes no further argument, not {}", arguments.len())) }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Equal but for rounding.
fn equal(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(name: &str, arguments: &[f64]) -> f64 {
        (PROBES.iter().find(|probe| probe.name == name).unwrap().run)(arguments).unwrap()
    }

    #[test]
    fn identities_of_the_variance() {
        // sum_{s<t} |c_s-c_t|^2 = M sum_s |c_s-mean|^2 is the parallel axis theorem; Eq. 4 divides it by M(M-1)/2, Eq. 19 by M.
        assert_eq!(probe("pairwise_variance_identity", &[]), 1.0);
        assert_eq!(probe("lh_equals_variance", &[]), 0.0);
        for (modalities, ratio) in [(2.0, 4.0), (3.0, 3.0), (5.0, 2.5)] {
            assert!(((VALUES[0].run)(&[modalities]).unwrap() - ratio).abs() < 1e-9);
        }
    }

    #[test]
    fn the_contraction_bound_ends_where_the_quadratic_says() {
        // For T = 1: (1-2x)^2 (1+x) = 1 at 4x^2 - 3 = 0, x = 0.866; more steps only shrink the left side while |1-2x| <= 1.
        assert_eq!(probe("contraction_bound", &[0.86, 20.0]), 1.0);
        assert_eq!(probe("contraction_bound", &[0.87, 20.0]), 0.0);
        assert_eq!(probe("contraction_bound", &[1.5, 3.0]), 0.0);
        assert!((PROBES[2].run)(&[0.5]).is_err());
        assert!((PROBES[2].run)(&[f64::NAN, 2.0]).is_err());
    }

    #[test]
    fn weights_of_modalities() {
        assert_eq!(probe("sup_ordering", &[]), 1.0);
        assert_eq!(probe("softmax_uniform", &[0.0]), 1.0);
        assert_eq!(probe("softmax_uniform", &[1.0]), 0.0);
        assert_eq!(probe("inverse_variance_weights_sum_to_one", &[]), 1.0);
        assert_eq!(probe("LD_depends_on_sigma_scale", &[]), 0.0);
    }

    #[test]
    fn transport_and_features() {
        // By hand: the mixture costs 4/3 and the point mass at 0 costs 1; two fair coins have W1 = 0 and E|z-e| = 1/2.
        assert_eq!(probe("mixture_is_barycenter", &[]), 0.0);
        assert_eq!(probe("independent_coupling_below_w1", &[]), 0.0);
        assert_eq!(probe("eq40_fused_deviation", &[]), 0.0);
        assert_eq!(probe("bures_trace_identity", &[]), 1.0);
        assert_eq!(probe("decoupling_loss_minimum_is_orthogonal", &[]), 0.0);
        assert_eq!(probe("gaussian_has_free_skewness", &[]), 0.0);
    }
}
