//! The exact sign-flip test.

/// Most differences that are enumerated: 2²⁰ sign patterns.
const LIMIT: usize = 20;

/// The two-sided exact sign-flip (Fisher–Pitman) test of a zero mean: the share of the 2ⁿ sign patterns whose |sum| is at least the one observed
/// (Fisher, The Design of Experiments, 1935, section 21; Pitman, 1937). It assumes differences symmetric around zero, and nothing else.
///
/// No p is smaller than 2/2ⁿ: five seeds cannot go below 0.0625. Sums that differ by rounding only (10⁻¹² of Σ|d|) count as equal. `None` without
/// differences, over 20 of them, or for a value that is not finite.
pub fn sign_flip_exact(differences: &[f64]) -> Option<f64> {
    if differences.is_empty() || differences.len() > LIMIT || !differences.iter().all(|difference| difference.is_finite()) {
        return None;
    }
    let slack = 1e-12 * differences.iter().map(|difference| difference.abs()).sum::<f64>();
    let observed = differences.iter().sum::<f64>().abs() - slack;
    // All sums of each half, so that each of the 2ⁿ totals takes one addition and no error piles up.
    let (left, right) = differences.split_at(differences.len() / 2);
    let (left, right) = (signed_sums(left), signed_sums(right));
    let extreme = left.iter().map(|left| right.iter().filter(|&right| (left + right).abs() >= observed).count()).sum::<usize>();
    Some(extreme as f64 / (left.len() * right.len()) as f64)
}

/// The smallest two-sided p that an exact test of n signs can give, [`sign_flip_exact`] or [`wilcoxon_exact`](super::wilcoxon_exact): 2/2ⁿ, at most 1.
///
/// Where it is above α, the design cannot reach α, whatever the data: 0.05 needs six seeds, 0.05/20 ten.
pub fn smallest_exact_p(pairs: usize) -> f64 {
    (2.0 * 0.5_f64.powi(pairs.min(2000) as i32)).min(1.0)
}

fn signed_sums(values: &[f64]) -> Vec<f64> {
    values.iter().fold(vec![0.0], |sums, value| sums.iter().flat_map(|sum| [sum + value, sum - value]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: of ±1 ±2 ±4 only ±7 reaches 7 (2 of 8), and ±7, ±5 reach 5 (4 of 8).
    #[test]
    fn three_differences() {
        assert_eq!(sign_flip_exact(&[1.0, 2.0, 4.0]), Some(0.25));
        assert_eq!(sign_flip_exact(&[-1.0, 2.0, 4.0]), Some(0.5));
        assert_eq!(sign_flip_exact(&[1.0, 1.0, 1.0, 1.0, 1.0]), Some(0.0625));
    }

    #[test]
    fn sums_that_only_rounding_tells_apart_are_equal() {
        // 0.1 + 0.2 − 0.3 is 5.6e-17, its mirrored patterns are not all at least that.
        assert_eq!(sign_flip_exact(&[0.1, 0.2, -0.3]), Some(1.0));
        assert_eq!(sign_flip_exact(&[0.0, 0.0]), Some(1.0));
    }

    #[test]
    fn the_limit_is_twenty() {
        assert_eq!(sign_flip_exact(&[1.0; 20]), Some(2.0 / f64::from(1 << 20)));
        assert_eq!(sign_flip_exact(&[1.0; 21]), None);
        assert_eq!(sign_flip_exact(&[]), None);
        assert_eq!(sign_flip_exact(&[f64::NAN]), None);
    }

    #[test]
    fn five_pairs_cannot_reach_five_percent() {
        assert_eq!((smallest_exact_p(0), smallest_exact_p(5), smallest_exact_p(6)), (1.0, 0.0625, 0.03125));
        assert!(smallest_exact_p(9) > 0.05 / 20.0 && smallest_exact_p(10) < 0.05 / 20.0);
        assert_eq!(sign_flip_exact(&[0.3, 0.2, 0.5, 0.7, 0.1]), Some(smallest_exact_p(5)));
    }
}
