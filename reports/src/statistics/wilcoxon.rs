/*!
The Wilcoxon signed-rank test, with ties and zeros treated as what they are.

Exact p-values enumerate the signs of the actual midranks; libraries that assume the ranks 1..n are wrong under ties.
*/

use serde::{Deserialize, Serialize};

use super::{
    distributions::normal_cdf,
    ranks::{midranks, tie_term},
};

/// Most non-zero differences that are enumerated: the time grows as n³.
const LIMIT: usize = 500;

/// What happens to differences of zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zeros {
    /// Left out before ranking (Wilcoxon, Biometrics Bulletin, 1945).
    Drop,
    /// Ranked, then left out (Pratt, Journal of the American Statistical Association, 1959).
    Pratt,
    /// Ranked; half of their ranks goes to either side. Exact p-values are Pratt's; the normal approximation counts the zeros' ranks as random, which
    /// makes it the most cautious.
    Split,
}

/// Rank sums and p-values of the hypothesis that differences are symmetric around 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Wilcoxon {
    /// Sum of the ranks of positive differences.
    pub plus: f64,
    /// Sum of the ranks of negative differences.
    pub minus: f64,
    /// Differences that are not zero.
    pub n: usize,
    /// Twice the smaller one-sided p, at most 1; 1 where all differences are zero.
    pub p_two_sided: f64,
    /// P(W₊ ≥ plus): small where differences lie above 0.
    pub p_greater: f64,
    /// P(W₊ ≤ plus): small where differences lie below 0.
    pub p_less: f64,
}

/// The exact test: all 2ⁿ signs of the midranks, counted by dynamic programming over rank sums.
///
/// Its smallest two-sided p is 2/2ⁿ: five seeds cannot go below 0.0625. Differences count as tied only where they are the same float. `None` for a
/// `NaN` and over 500 differences that are not zero.
pub fn wilcoxon_exact(differences: &[f64], zeros: Zeros) -> Option<Wilcoxon> {
    let signed = SignedRanks::new(differences, zeros)?;
    if signed.ranks.len() > LIMIT {
        return None;
    }
    // Twice a midrank is a whole number.
    let doubled: Vec<usize> = signed.ranks.iter().map(|&(rank, _)| (2.0 * rank) as usize).collect();
    let chances = sums_of_random_signs(&doubled);
    let observed: usize = signed.ranks.iter().zip(&doubled).filter(|((_, positive), _)| *positive).map(|(_, rank)| rank).sum();
    let p_less = chances.iter().take(observed + 1).sum::<f64>().min(1.0);
    let p_greater = chances.iter().skip(observed).rev().sum::<f64>().min(1.0);
    Some(signed.with(p_greater, p_less))
}

/// The normal approximation, with midranks' variance (tie-corrected) and, if wished, a continuity correction of ½; for 20 differences or more.
///
/// `None` for a `NaN`.
pub fn wilcoxon_normal(differences: &[f64], zeros: Zeros, correction: bool) -> Option<Wilcoxon> {
    let signed = SignedRanks::new(differences, zeros)?;
    // Of n signs that are random, the mean is half and the variance a quarter of the sum of squared ranks.
    let mean = (signed.plus + signed.minus) / 2.0;
    let deviation = signed.squared_ranks.sqrt() / 2.0;
    if signed.ranks.is_empty() {
        return Some(signed.with(1.0, 1.0));
    }
    let half = if correction { 0.5 } else { 0.0 };
    let p_greater = normal_cdf((mean - signed.plus + half) / deviation);
    let p_less = normal_cdf((signed.plus - mean + half) / deviation);
    Some(signed.with(p_greater, p_less))
}

struct SignedRanks {
    plus: f64,
    minus: f64,
    /// Rank and whether the difference is positive, of those that are not zero.
    ranks: Vec<(f64, bool)>,
    /// Sum of the squares of the ranks that count as random.
    squared_ranks: f64,
}

impl SignedRanks {
    fn new(differences: &[f64], zeros: Zeros) -> Option<Self> {
        if differences.iter().any(|difference| difference.is_nan()) {
            return None;
        }
        let kept: Vec<f64> = differences.iter().copied().filter(|&difference| zeros != Zeros::Drop || difference != 0.0).collect();
        let sizes: Vec<f64> = kept.iter().map(|difference| difference.abs()).collect();
        let all = midranks(&sizes);
        let ranks: Vec<(f64, bool)> =
            all.iter().zip(&kept).filter(|(_, difference)| **difference != 0.0).map(|(&rank, &difference)| (rank, difference > 0.0)).collect();
        let side = |wanted: bool| ranks.iter().filter(|(_, positive)| *positive == wanted).map(|(rank, _)| rank).sum::<f64>();
        let of_zeros: f64 = all.iter().zip(&kept).filter(|(_, difference)| **difference == 0.0).map(|(rank, _)| rank).sum();
        let shared = if zeros == Zeros::Split { of_zeros / 2.0 } else { 0.0 };
        let squared_ranks = if zeros == Zeros::Split {
            let n = kept.len() as f64;
            (n * (n + 1.0) * (2.0 * n + 1.0) - tie_term(&sizes) / 2.0) / 6.0
        } else {
            ranks.iter().map(|(rank, _)| rank * rank).sum()
        };
        Some(Self { plus: side(true) + shared, minus: side(false) + shared, ranks, squared_ranks })
    }

    fn with(&self, p_greater: f64, p_less: f64) -> Wilcoxon {
        let p_two_sided = (2.0 * p_greater.min(p_less)).min(1.0);
        Wilcoxon { plus: self.plus, minus: self.minus, n: self.ranks.len(), p_two_sided, p_greater, p_less }
    }
}

/// The chance of each sum where every one of `parts` counts or does not, evenly.
fn sums_of_random_signs(parts: &[usize]) -> Vec<f64> {
    let mut chances = vec![0.0; parts.iter().sum::<usize>() + 1];
    chances[0] = 1.0;
    let mut largest = 0;
    for part in parts {
        largest += part;
        for sum in (0..=largest).rev() {
            let with = if sum >= *part { chances[sum - part] } else { 0.0 };
            chances[sum] = (chances[sum] + with) / 2.0;
        }
    }
    chances
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: ranks 1, 2, 3, W₊ = 1 + 3: sums of subsets are 0 1 2 3 3 4 5 6, of which three reach 4 and six stay at or below it.
    #[test]
    fn three_differences() {
        let test = wilcoxon_exact(&[0.1, -0.2, 0.3], Zeros::Drop).unwrap();
        assert_eq!((test.plus, test.minus, test.n), (4.0, 2.0, 3));
        assert_eq!((test.p_greater, test.p_less, test.p_two_sided), (3.0 / 8.0, 6.0 / 8.0, 0.75));
        assert_eq!(wilcoxon_exact(&[1.0; 5], Zeros::Drop).unwrap().p_two_sided, 0.0625);
    }

    /// By hand: |d| = 0 0 1 1 2. Dropped: ranks 1½ 1½ 3, W₊ = 4½ of 6, sums 0 1½ 1½ 3 3 4½ 4½ 6. Ranked with zeros: 3½ 3½ 5, W₊ = 8½ of 12.
    /// Split: half of the zeros' ranks 1½ + 1½ more on either side.
    #[test]
    fn zeros_have_three_treatments() {
        let d = [0.0, 1.0, 0.0, -1.0, 2.0];
        let dropped = wilcoxon_exact(&d, Zeros::Drop).unwrap();
        assert_eq!((dropped.plus, dropped.minus, dropped.p_greater, dropped.p_less), (4.5, 1.5, 3.0 / 8.0, 7.0 / 8.0));
        let pratt = wilcoxon_exact(&d, Zeros::Pratt).unwrap();
        assert_eq!((pratt.plus, pratt.minus, pratt.p_greater, pratt.p_less), (8.5, 3.5, 3.0 / 8.0, 7.0 / 8.0));
        let split = wilcoxon_exact(&d, Zeros::Split).unwrap();
        assert_eq!((split.plus, split.minus, split.p_two_sided), (10.0, 5.0, pratt.p_two_sided));
        let [pratt, split] = [Zeros::Pratt, Zeros::Split].map(|zeros| wilcoxon_normal(&d, zeros, false).unwrap().p_two_sided);
        assert!(split > pratt, "{split} is not above {pratt}");
    }

    #[test]
    fn without_any_difference_nothing_is_shown() {
        for zeros in [Zeros::Drop, Zeros::Pratt, Zeros::Split] {
            for d in [&[][..], &[0.0, -0.0, 0.0]] {
                let exact = wilcoxon_exact(d, zeros).unwrap();
                let normal = wilcoxon_normal(d, zeros, true).unwrap();
                assert_eq!((exact.p_two_sided, normal.p_two_sided, exact.n), (1.0, 1.0, 0));
                assert_eq!((exact.p_greater, exact.p_less, normal.p_greater, normal.p_less), (1.0, 1.0, 1.0, 1.0));
            }
        }
        assert_eq!(wilcoxon_exact(&[f64::NAN, 1.0], Zeros::Drop), None);
        assert_eq!(wilcoxon_normal(&[f64::NAN, 1.0], Zeros::Drop, false), None);
    }

    /// A sum over all subsets, for midranks with ties: the slow way.
    #[test]
    fn dynamic_programming_counts_as_enumeration_does() {
        let d: Vec<f64> = (0..13_i32).map(|at| f64::from((at * 7) % 5 + 1) * if at % 3 == 0 { -1.0 } else { 1.0 }).collect();
        let test = wilcoxon_exact(&d, Zeros::Drop).unwrap();
        let ranks = midranks(&d.iter().map(|d| d.abs()).collect::<Vec<_>>());
        let sum = |signs: u32| (0..13).filter(|at| signs >> at & 1 == 1).map(|at| ranks[at]).sum::<f64>();
        let reach = (0..1_u32 << 13).filter(|&signs| sum(signs) >= test.plus).count();
        assert_eq!(test.p_greater, reach as f64 / f64::from(1 << 13));
    }

    #[test]
    fn many_differences_are_close_to_normal_and_too_many_refused() {
        let d: Vec<f64> = (1..=300).map(|at| f64::from(at) * if at % 5 < 2 { -1.0 } else { 1.0 }).collect();
        let exact = wilcoxon_exact(&d, Zeros::Drop).unwrap();
        let normal = wilcoxon_normal(&d, Zeros::Drop, true).unwrap();
        assert!((exact.p_greater / normal.p_greater - 1.0).abs() < 0.03, "{exact:?} {normal:?}");
        assert!((exact.p_greater + exact.p_less - 1.0) < 1e-3);
        assert_eq!(wilcoxon_exact(&[1.0; 501], Zeros::Drop), None);
    }
}
