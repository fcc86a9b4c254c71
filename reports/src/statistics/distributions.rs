/*!
Tails and quantiles of the distributions that the tests need.

The incomplete beta and gamma functions are statrs' (within 1e-12 of mpmath where it was compared); quantiles are inverted here to the last bits. Every function takes any
number: `NaN` in or a parameter outside its range gives `NaN`.
*/

use std::f64::consts::PI;

use statrs::function::{
    beta::checked_beta_reg,
    erf::erfc,
    gamma::{checked_gamma_lr, checked_gamma_ur},
};

/// Density of the standard normal distribution.
pub fn normal_density(x: f64) -> f64 {
    (-x * x / 2.0).exp() / (2.0 * PI).sqrt()
}

/// P(Z ≤ x), with full relative accuracy in the lower tail.
pub fn normal_cdf(x: f64) -> f64 {
    let half_square = x * x / 2.0;
    // statrs' erfc is off by 1e-10 around x = 0.75; its incomplete gamma function is exact to 1e-14, but ends at e^-709.
    let outside = match half_square {
        0.0 => 1.0,
        _ if half_square < 700.0 => checked_gamma_ur(0.5, half_square).unwrap_or(f64::NAN),
        _ => erfc(half_square.sqrt()),
    };
    if x < 0.0 { outside / 2.0 } else { 1.0 - outside / 2.0 }
}

/// P(Z > x), with full relative accuracy in the upper tail.
pub fn normal_sf(x: f64) -> f64 {
    normal_cdf(-x)
}

/// The x with P(Z ≤ x) = `p`; ±∞ at 0 and 1.
pub fn normal_quantile(p: f64) -> f64 {
    if p > 0.5 {
        // 1 − p is exact here.
        return -normal_quantile(1.0 - p);
    }
    match p {
        0.5 => 0.0,
        0.0 => f64::NEG_INFINITY,
        _ if p > 0.0 => bisect(-40.0, 0.0, |x| normal_cdf(x) < p),
        _ => f64::NAN,
    }
}

/// P(T > t) of Student's t with `df` > 0 degrees of freedom.
pub fn student_t_sf(t: f64, df: f64) -> f64 {
    let outside = student_t_two_sided(t, df) / 2.0;
    if t < 0.0 { 1.0 - outside } else { outside }
}

/// P(|T| ≥ |t|) of Student's t with `df` > 0 degrees of freedom.
pub fn student_t_two_sided(t: f64, df: f64) -> f64 {
    if t.is_infinite() && df > 0.0 {
        return 0.0;
    }
    checked_beta_reg(df / 2.0, 0.5, df / (df + t * t)).unwrap_or(f64::NAN)
}

/// The t with P(T ≤ t) = `p`, of Student's t with `df` > 0 degrees of freedom; ±∞ at 0 and 1.
pub fn student_t_quantile(p: f64, df: f64) -> f64 {
    if p > 0.5 {
        return -student_t_quantile(1.0 - p, df);
    }
    match p {
        0.5 if df > 0.0 => 0.0,
        0.0 if df > 0.0 => f64::NEG_INFINITY,
        _ if p > 0.0 && df > 0.0 => -bisect(0.0, f64::MAX, |t| student_t_two_sided(t, df) > 2.0 * p),
        _ => f64::NAN,
    }
}

/// P(X > x) of chi-squared with `df` > 0 degrees of freedom.
pub fn chi_squared_sf(x: f64, df: f64) -> f64 {
    if x <= 0.0 && df > 0.0 {
        return 1.0;
    }
    if x == f64::INFINITY {
        return 0.0;
    }
    checked_gamma_ur(df / 2.0, x / 2.0).unwrap_or(f64::NAN)
}

/// P(X ≤ x) of chi-squared with `df` > 0 degrees of freedom.
pub fn chi_squared_cdf(x: f64, df: f64) -> f64 {
    if x <= 0.0 && df > 0.0 {
        return 0.0;
    }
    if x == f64::INFINITY {
        return 1.0;
    }
    checked_gamma_lr(df / 2.0, x / 2.0).unwrap_or(f64::NAN)
}

/// P(X > x) of F with `above` and `below` degrees of freedom (numerator, denominator).
pub fn f_sf(x: f64, above: f64, below: f64) -> f64 {
    if x <= 0.0 && above > 0.0 && below > 0.0 {
        return 1.0;
    }
    if x == f64::INFINITY {
        return 0.0;
    }
    checked_beta_reg(below / 2.0, above / 2.0, below / (below + above * x)).unwrap_or(f64::NAN)
}

/// P(X ≤ `successes`) of `trials` fair coins: a sum of exact terms up to a thousand trials.
pub fn fair_binomial_cdf(successes: u64, trials: u64) -> f64 {
    if successes >= trials {
        return 1.0;
    }
    if trials > 1000 {
        return checked_beta_reg((trials - successes) as f64, (successes + 1) as f64, 0.5).unwrap_or(f64::NAN);
    }
    (0..=successes).map(|successes| fair_binomial(successes, trials)).sum()
}

/// P(X = `successes`) of `trials` fair coins.
pub fn fair_binomial(successes: u64, trials: u64) -> f64 {
    if successes > trials {
        return 0.0;
    }
    let fewer = successes.min(trials - successes);
    // Halves are taken in between, so that nothing overflows; each is exact.
    let mut halves = trials;
    let mut probability = 1.0;
    for step in 0..fewer {
        probability *= (trials - step) as f64 / (step + 1) as f64;
        while probability > 1.0 && halves > 0 {
            probability /= 2.0;
            halves -= 1;
        }
    }
    probability * 0.5_f64.powi(halves.min(i32::MAX as u64) as i32)
}

/// The point between `low` and `high` where `below` turns from true to false, to the last bit.
pub(super) fn bisect(mut low: f64, mut high: f64, below: impl Fn(f64) -> bool) -> f64 {
    // A geometric middle where the ends are far apart: from 0 to the largest number in some hundred steps.
    loop {
        let middle = match low {
            0.0 if high > 2.0 => 1.0,
            _ if low > 0.0 && high > 4.0 * low => low.sqrt() * high.sqrt(),
            _ => low + (high - low) / 2.0,
        };
        if middle <= low || middle >= high {
            return high;
        }
        *(if below(middle) { &mut low } else { &mut high }) = middle;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-12 * expected.abs(), "{found} is not {expected}");
    }

    /// By hand: T(1) is Cauchy, P(T > 1) = ¼; with 2 degrees of freedom P(|T| ≥ t) = 1 − t/√(2 + t²); χ²(2) is exponential;
    /// F(2, 2) has P(F > x) = 1/(1 + x); two of four coins: (1 + 4 + 6)/16.
    #[test]
    fn closed_forms() {
        close(student_t_sf(1.0, 1.0), 0.25);
        close(student_t_sf(-1.0, 1.0), 0.75);
        close(student_t_two_sided(1.5, 2.0), 1.0 - 1.5 / 4.25_f64.sqrt());
        close(student_t_quantile(0.75, 1.0), 1.0);
        close(student_t_quantile(1e-9, 1.0), -1.0 / (PI * 1e-9).tan());
        close(chi_squared_sf(3.0, 2.0), (-1.5_f64).exp());
        close(chi_squared_cdf(3.0, 2.0), 1.0 - (-1.5_f64).exp());
        close(f_sf(3.0, 2.0, 2.0), 0.25);
        close(fair_binomial_cdf(2, 4), 11.0 / 16.0);
        close(fair_binomial(3, 4), 0.25);
        assert_eq!((normal_cdf(0.0), normal_quantile(0.5)), (0.5, 0.0));
    }

    /// Expected values from SciPy's `norm.ppf` and `t.ppf`, and for coins from Python's fractions.
    #[test]
    fn far_tails_agree_with_scipy() {
        close(normal_quantile(1e-300), -37.047_096_299_361_2);
        close(fair_binomial_cdf(400, 1000), 1.364_232_078_033_009_2e-10);
        assert!((fair_binomial_cdf(980, 2000) / 0.191_588_427_667_618_74 - 1.0).abs() < 1e-10);
        assert!((fair_binomial(1000, 2000) / 0.017_839_011_145_854_32 - 1.0).abs() < 1e-10);
        close(student_t_quantile(1e-30, 4.0), -41_617_914.502_878_13);
    }

    #[test]
    fn what_is_outside_is_nan_and_the_ends_are_limits() {
        for found in [normal_quantile(-0.1), normal_quantile(1.1), normal_quantile(f64::NAN), student_t_quantile(0.3, 0.0)] {
            assert!(found.is_nan());
        }
        assert!(student_t_sf(f64::NAN, 3.0).is_nan() && student_t_two_sided(1.0, -1.0).is_nan());
        assert!(chi_squared_sf(f64::NAN, 3.0).is_nan() && chi_squared_sf(1.0, 0.0).is_nan() && f_sf(f64::NAN, 1.0, 2.0).is_nan());
        assert_eq!((normal_quantile(0.0), normal_quantile(1.0)), (f64::NEG_INFINITY, f64::INFINITY));
        assert_eq!((student_t_sf(f64::INFINITY, 3.0), student_t_sf(f64::NEG_INFINITY, 3.0)), (0.0, 1.0));
        assert_eq!((chi_squared_sf(f64::INFINITY, 2.0), f_sf(f64::INFINITY, 1.0, 2.0), chi_squared_sf(0.0, 2.0)), (0.0, 0.0, 1.0));
        assert_eq!((fair_binomial_cdf(7, 4), fair_binomial(5, 4), fair_binomial_cdf(0, 0)), (1.0, 0.0, 1.0));
    }
}
