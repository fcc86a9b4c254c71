//! DEF+AAF's Wasserstein claims: Proposition 2 (Eq. 20) and the proof of the generalisation bound (Eqs. 40, 42). One counterexample refutes each.

use super::{Probe, no_arguments, yes};

/// Rounding allowed in a comparison.
const SLACK: f64 = 1e-12;

/// Eq. 20 with one critic on pooled modalities: its optimum is the mixture of the modality distributions.
pub(super) const BARYCENTER: Probe = Probe {
    name: "mixture_is_barycenter",
    proposition: "the mixture of the modality distributions minimises the sum of W1 distances to them (DEF+AAF, Eq. 20), on point masses at 0, 0 and 1",
    run: |arguments| {
        no_arguments(arguments)?;
        let modalities = [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]];
        let cost = |p: &[f64; 2]| modalities.iter().map(|q| w1(p, q)).sum::<f64>();
        let mixture = cost(&[2.0 / 3.0, 1.0 / 3.0]);
        let others = (0..=60).map(|part| f64::from(part) / 60.0).map(|p| cost(&[p, 1.0 - p]));
        Ok(yes(others.fold(f64::INFINITY, f64::min) >= mixture - SLACK))
    },
};

/// Eq. 42: under independence, not under the best coupling.
pub(super) const INDEPENDENT: Probe = Probe {
    name: "independent_coupling_below_w1",
    proposition: "E|z-e| under independence is at most W1(P_z, P_e) (DEF+AAF, Eq. 42), on coins",
    run: |arguments| {
        no_arguments(arguments)?;
        // Both coins show 1 with the same probability; at one half W1 is 0 and E|z-e| is 1/2.
        let holds = |heads: f64| {
            let coin = [1.0 - heads, heads];
            let expected: f64 =
                coin.iter().enumerate().flat_map(|(z, p)| coin.iter().enumerate().map(move |(e, q)| p * q * z.abs_diff(e) as f64)).sum();
            expected <= w1(&coin, &coin) + SLACK
        };
        Ok(yes([0.0, 0.5, 1.0].into_iter().all(holds)))
    },
};

/// Eq. 40: the fused code z is any convex combination of the modality codes.
pub(super) const DEVIATION: Probe = Probe {
    name: "eq40_fused_deviation",
    proposition: "E|z-e| <= sqrt(2/M sum of Var(c_s)) for any fusion weights (DEF+AAF, Eq. 40), with all weight on the one modality that deviates",
    run: |arguments| {
        no_arguments(arguments)?;
        let holds = |modalities: u32| {
            // The deviating modality is off its class by +1 or -1, each half of the time; the others agree with it.
            let deviations = [1.0, -1.0_f64];
            let mean = |f: fn(f64) -> f64| deviations.iter().map(|d| f(*d)).sum::<f64>() / deviations.len() as f64;
            let (fused, variances) = (mean(f64::abs), mean(|d| d * d));
            fused <= (2.0 / f64::from(modalities) * variances).sqrt() + SLACK
        };
        Ok(yes((2..=6).all(holds)))
    },
};

/// W1 of two distributions on 0, 1, ...: the area between their distribution functions.
fn w1(p: &[f64], q: &[f64]) -> f64 {
    let mut gap = 0.0;
    p.iter()
        .zip(q)
        .map(|(a, b)| {
            gap += a - b;
            f64::abs(gap)
        })
        .sum()
}
