//! DEF+AAF's variance contraction: Proposition 1 (Eqs. 4, 19) and its proof in Appendix A.1 (Eqs. 22, 29).

use super::{Probe, draws, equal, no_arguments, normal, yes};

const WIDTH: usize = 8;
const TRIALS: usize = 20;

/// The proof's "law of total variance".
pub(super) const PAIRWISE: Probe = Probe {
    name: "pairwise_variance_identity",
    proposition: "sum over pairs of |c_s - c_t|^2 = M sum of |c_s - mean|^2 (DEF+AAF, proof of Eq. 19)",
    run: |arguments| {
        no_arguments(arguments)?;
        Ok(yes(every_set(1, |modalities, pairs, squares| equal(pairs, modalities * squares))))
    },
};

/// Eq. 19 as printed.
pub(super) const HOMOLOGOUS: Probe = Probe {
    name: "lh_equals_variance",
    proposition: "L_H of Eq. 4 is the within-sample variance (DEF+AAF, Eq. 19)",
    run: |arguments| {
        no_arguments(arguments)?;
        Ok(yes(every_set(2, |modalities, pairs, squares| equal(homologous(modalities, pairs), squares / modalities))))
    },
};

/// The ratio that Eq. 19 takes for 1.
pub(super) const RATIO: Probe = Probe {
    name: "lh_over_var",
    proposition: "L_H of Eq. 4 over the within-sample variance of Eq. 19 (DEF+AAF)",
    run: |arguments| {
        let [modalities] = arguments else { return Err(format!("takes the number of modalities, not {} arguments", arguments.len())) };
        if !(modalities.fract() == 0.0 && (2.0..=64.0).contains(modalities)) {
            return Err("the number of modalities is a whole number from 2 to 64".into());
        }
        let (pairs, squares) = one_set(&mut draws(3), *modalities as usize);
        Ok(homologous(*modalities, pairs) / (squares / modalities))
    },
};

/// Appendix A.1: what Eq. 29 gives after T steps is under the bound of Eq. 30, with x = alpha eta.
pub(super) const BOUND: Probe = Probe {
    name: "contraction_bound",
    proposition: "(1-2x)^(2T) <= 1/(1+x) (DEF+AAF, Eqs. 29 and 30)",
    run: |arguments| {
        const POINTS: u32 = 400;
        let [most, steps] = arguments else { return Err(format!("takes the largest x and the largest T, not {} arguments", arguments.len())) };
        if !(*most > 0.0 && most.is_finite() && steps.fract() == 0.0 && (1.0..=1000.0).contains(steps)) {
            return Err("the largest x is positive, the largest T a whole number from 1 to 1000".into());
        }
        let holds_at = |x: f64| {
            let step = (1.0 - 2.0 * x) * (1.0 - 2.0 * x);
            let mut variance = 1.0;
            (0..*steps as u32).all(|_| {
                variance *= step;
                variance <= 1.0 / (1.0 + x)
            })
        };
        Ok(yes((1..=POINTS).all(|point| holds_at(most * f64::from(point) / f64::from(POINTS)))))
    },
};

/// Eq. 4 for one sample.
fn homologous(modalities: f64, pairs: f64) -> f64 {
    2.0 / (modalities * (modalities - 1.0)) * pairs
}

fn every_set(stream: u64, holds: impl Fn(f64, f64, f64) -> bool) -> bool {
    let mut random = draws(stream);
    (2..=6).all(|modalities| {
        (0..TRIALS).all(|_| {
            let (pairs, squares) = one_set(&mut random, modalities);
            holds(modalities as f64, pairs, squares)
        })
    })
}

/// Over one random set of codes: squared distances over pairs, and from the centroid.
fn one_set(random: &mut rand_chacha::ChaCha8Rng, modalities: usize) -> (f64, f64) {
    let codes: Vec<Vec<f64>> = (0..modalities).map(|_| normal(random, WIDTH)).collect();
    let centroid: Vec<f64> = (0..WIDTH).map(|place| codes.iter().filter_map(|code| code.get(place)).sum::<f64>() / modalities as f64).collect();
    let distance = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum::<f64>();
    let pairs = codes.iter().enumerate().flat_map(|(place, a)| codes.iter().skip(place + 1).map(move |b| (a, b))).map(|(a, b)| distance(a, b)).sum();
    (pairs, codes.iter().map(|code| distance(code, &centroid)).sum())
}
