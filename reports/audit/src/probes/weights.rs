//! Weights of modalities: DEF+AAF's sharpened softmax (Eq. 15), RAML's inverse variances (Eqs. 3, 4) and its Theorem 3.1.

use rand::RngExt;

use super::{Probe, dot, draws, equal, no_arguments, normal, yes};

const WIDTH: usize = 8;
const TRIALS: usize = 100;

/// Theorem 3.1 with the suprema taken over the weights themselves, not from Eq. 8: linear in the weights, the exponent is largest at a corner of their simplex.
pub(super) const SUPREMA: Probe = Probe {
    name: "sup_ordering",
    proposition: "sup P_f >= sup P_c >= sup P_u (RAML, Theorem 3.1)",
    run: |arguments| {
        no_arguments(arguments)?;
        let mut random = draws(4);
        let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
        let holds = (0..TRIALS).all(|_| {
            let (predictor, first, second) = (normal(&mut random, WIDTH), normal(&mut random, WIDTH), normal(&mut random, WIDTH));
            let terms: Vec<(f64, f64)> = predictor.iter().zip(first.iter().zip(&second)).map(|(t, (a, b))| (t * a, t * b)).collect();
            let fused = |weights: &dyn Fn(usize) -> f64| {
                logistic(terms.iter().enumerate().map(|(place, (a, b))| weights(place) * a + (1.0 - weights(place)) * b).sum())
            };
            let uniform = fused(&|_| 0.5);
            let coarse = [0.0, 1.0].into_iter().map(|weight| fused(&|_| weight)).fold(0.0, f64::max);
            let corners = 0..1_usize << WIDTH;
            let fine = corners.map(|corner| fused(&|place| f64::from(u8::from(corner >> place & 1 == 1)))).fold(0.0, f64::max);
            fine >= coarse - 1e-12 && coarse >= uniform - 1e-12
        });
        Ok(yes(holds))
    },
};

/// Which beta gives back uniform weights (Sec. 3.2.3 says 0, App. B.1 says 1).
pub(super) const UNIFORM: Probe = Probe {
    name: "softmax_uniform",
    proposition: "softmax(beta alpha) is uniform for every softmax vector alpha (DEF+AAF, Eq. 15)",
    run: |arguments| {
        let [beta] = arguments else { return Err(format!("takes beta, not {} arguments", arguments.len())) };
        if !beta.is_finite() {
            return Err("beta is a finite number".into());
        }
        let mut random = draws(5);
        let holds = (0..TRIALS).all(|trial| {
            let modalities = 2 + trial % 5;
            let alpha = softmax(&normal(&mut random, modalities));
            let sharpened = softmax(&alpha.iter().map(|weight| beta * weight).collect::<Vec<_>>());
            sharpened.iter().all(|weight| equal(*weight, 1.0 / modalities as f64))
        });
        Ok(yes(holds))
    },
};

/// Eq. 4's weights over the modalities that are there.
pub(super) const SUM_TO_ONE: Probe = Probe {
    name: "inverse_variance_weights_sum_to_one",
    proposition: "the fusion weights sum to 1 over the available modalities (RAML, Eq. 4)",
    run: |arguments| {
        no_arguments(arguments)?;
        let mut random = draws(6);
        let holds = (0..TRIALS).all(|trial| {
            let deviations: Vec<f64> = normal(&mut random, 2 + trial % 4).iter().map(|x| x.exp()).collect();
            let mut available: Vec<bool> = deviations.iter().map(|_| random.random_bool(0.5)).collect();
            if let Some(first) = available.first_mut() {
                *first = true;
            }
            let precision: f64 = deviations.iter().zip(&available).filter(|(_, there)| **there).map(|(sigma, _)| 1.0 / (sigma * sigma)).sum();
            let weights = deviations.iter().zip(&available).map(|(sigma, there)| yes(*there) / (sigma * sigma) / precision);
            equal(weights.sum(), 1.0)
        });
        Ok(yes(holds))
    },
};

/// Whether the sparse loss can be lowered by making every sigma larger, as the text below Eq. 3 says.
pub(super) const SIGMA_SCALE: Probe = Probe {
    name: "LD_depends_on_sigma_scale",
    proposition: "scaling all sigmas by one factor changes L^D (RAML, text below Eq. 3)",
    run: |arguments| {
        no_arguments(arguments)?;
        let mut random = draws(7);
        let mut changed = false;
        for _ in 0..TRIALS {
            let (means, deviations) = (normal(&mut random, 3), normal(&mut random, 3).iter().map(|x| x.exp()).collect::<Vec<_>>());
            let loss = |scale: f64| {
                let shares: Vec<f64> = deviations.iter().map(|sigma| 1.0 / (scale * sigma * scale * sigma)).collect();
                let total: f64 = shares.iter().sum();
                dot(&shares, &means.iter().map(|mean| mean.abs()).collect::<Vec<_>>()) / total
            };
            changed |= !equal(loss(1.0), loss(random.random_range(0.1..10.0)));
        }
        Ok(yes(changed))
    },
};

fn softmax(logits: &[f64]) -> Vec<f64> {
    let top = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = logits.iter().map(|logit| (logit - top).exp()).collect();
    let total: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / total).collect()
}
