//! Corrections of p-values for a family of tests.

/// Bonferroni: min(1, p · family); `NaN` stays `NaN`.
pub fn bonferroni(p: f64, family: usize) -> f64 {
    // Not `f64::min`, which would turn a NaN into 1.
    let adjusted = p * family as f64;
    if adjusted > 1.0 { 1.0 } else { adjusted }
}

/// Holm's step-down adjusted p-values, in the order given (Holm, Scandinavian Journal of Statistics, 1979).
///
/// `NaN` is no test: it stays where it is, and the family is what remains.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let order = ascending(p_values);
    let mut adjusted = vec![f64::NAN; p_values.len()];
    let mut largest: f64 = 0.0;
    for (rank, &at) in order.iter().enumerate() {
        largest = largest.max(bonferroni(p_values[at], order.len() - rank));
        adjusted[at] = largest;
    }
    adjusted
}

/// Hochberg's step-up adjusted p-values, in the order given (Hochberg, Biometrika, 1988). More powerful than Holm, but only valid for tests that are
/// independent or positively dependent. `NaN` is left out, as in [`holm`].
pub fn hochberg(p_values: &[f64]) -> Vec<f64> {
    step_up(p_values, |rank, family| (family - rank) as f64)
}

/// Benjamini and Hochberg's adjusted p-values: they bound the expected share of false discoveries, not the chance of one (Journal of the Royal
/// Statistical Society B, 1995). For tests that are independent or positively dependent. `NaN` is left out, as in [`holm`].
pub fn benjamini_hochberg(p_values: &[f64]) -> Vec<f64> {
    step_up(p_values, |rank, family| family as f64 / (rank + 1) as f64)
}

/// Benjamini and Yekutieli's adjusted p-values: [`benjamini_hochberg`] under any dependence, at the price of Σ 1/i (Annals of Statistics, 2001).
pub fn benjamini_yekutieli(p_values: &[f64]) -> Vec<f64> {
    let harmonic = |family: usize| (1..=family).map(|rank| 1.0 / rank as f64).sum::<f64>();
    step_up(p_values, |rank, family| family as f64 / (rank + 1) as f64 * harmonic(family))
}

/// The running minimum, from the largest p down, of p times a factor of its rank (from 0, ascending) and the family; at most 1.
fn step_up(p_values: &[f64], factor: impl Fn(usize, usize) -> f64) -> Vec<f64> {
    let order = ascending(p_values);
    let mut adjusted = vec![f64::NAN; p_values.len()];
    let mut smallest: f64 = 1.0;
    for (rank, &at) in order.iter().enumerate().rev() {
        smallest = smallest.min(p_values[at] * factor(rank, order.len()));
        adjusted[at] = smallest;
    }
    adjusted
}

/// Places of the values that are numbers, smallest first.
fn ascending(p_values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p_values.len()).filter(|&at| !p_values[at].is_nan()).collect();
    order.sort_by(|&left, &right| p_values[left].total_cmp(&p_values[right]));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_close(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-14 || found.is_nan() && expected.is_nan(), "{found} is not {expected}");
        }
    }

    /// Expected values from statsmodels' `multipletests`. By hand for the smallest: 7 · 0.019836… = 0.138852…
    #[test]
    fn seven_p_values_agree_with_statsmodels() {
        let p = [
            0.184_250_175_952_911_38,
            0.175_621_405_243_873_6,
            0.173_426_687_717_437_74,
            0.133_837_431_669_235_23,
            0.080_698_102_712_631_23,
            0.057_853_884_994_983_67,
            0.019_836_077_466_607_094,
        ];
        let tied = 0.535_349_726_676_940_9;
        assert_close(&holm(&p), &[tied, tied, tied, tied, 0.403_490_513_563_156_13, 0.347_123_309_969_902_04, 0.138_852_542_266_249_66]);
        let all = p.map(|p| bonferroni(p, 7));
        assert_close(&all, &[1.0, 1.0, 1.0, 0.936_862_021_684_646_6, 0.564_886_718_988_418_6, 0.404_977_194_964_885_7, 0.138_852_542_266_249_66]);
    }

    #[test]
    fn zero_and_one_stay_and_nan_is_left_out_of_the_family() {
        assert_close(&holm(&[0.0, 1.0, 0.5, 0.04, 1e-12]), &[0.0, 1.0, 1.0, 0.12, 4e-12]);
        assert_close(&holm(&[0.01, f64::NAN, 0.04, 0.03, f64::NAN]), &[0.03, f64::NAN, 0.06, 0.06, f64::NAN]);
        assert!(bonferroni(f64::NAN, 3).is_nan());
        assert!(holm(&[]).is_empty());
    }

    #[test]
    fn equal_p_values_stay_equal() {
        assert_close(&holm(&[0.01, 0.04, 0.04, 0.03, 0.01]), &[0.05, 0.09, 0.09, 0.09, 0.05]);
    }

    /// By hand, p = .01 .02 .03 of three: Hochberg 3·.01 2·.02 1·.03, lowered to the least above it; BH 3·.01 1.5·.02 1·.03; BY times 11/6.
    #[test]
    fn three_p_values_step_up() {
        assert_close(&hochberg(&[0.02, 0.01, 0.03]), &[0.03, 0.03, 0.03]);
        assert_close(&hochberg(&[0.02, 0.01, 0.5]), &[0.04, 0.03, 0.5]);
        assert_close(&benjamini_hochberg(&[0.02, 0.01, 0.9]), &[0.03, 0.03, 0.9]);
        assert_close(&benjamini_yekutieli(&[0.02, 0.01, f64::NAN, 0.9]), &[0.055, 0.055, f64::NAN, 1.0]);
        assert!(hochberg(&[]).is_empty());
    }
}
