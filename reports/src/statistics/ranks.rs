//! Ranks with ties.

/// Ranks from 1 in ascending order; equal values share the mean of their ranks (midranks). Values must not be `NaN`.
pub fn midranks(values: &[f64]) -> Vec<f64> {
    let mut ranks = vec![0.0; values.len()];
    each_tie(values, |first, tied| tied.iter().for_each(|&at| ranks[at] = first as f64 + (tied.len() + 1) as f64 / 2.0));
    ranks
}

/// Σ (t³ − t) over groups of t equal values, the term of all tie corrections.
pub fn tie_term(values: &[f64]) -> f64 {
    let mut sum = 0.0;
    each_tie(values, |_, tied| {
        let size = tied.len() as f64;
        sum += size * (size * size - 1.0);
    });
    sum
}

/// Calls `see` with the number of smaller values and the places of each group of equal values.
fn each_tie(values: &[f64], mut see: impl FnMut(usize, &[usize])) {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&left, &right| values[left].total_cmp(&values[right]));
    let mut first = 0;
    // Zeros of both signs are equal, and `total_cmp` keeps them together.
    for tied in order.chunk_by(|&left, &right| values[left] == values[right]) {
        see(first, tied);
        first += tied.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: 1, 2, 2, 2, 5 have ranks 1, (2 + 3 + 4)/3, 5; one group of three: 27 − 3.
    #[test]
    fn equal_values_share_the_mean_rank() {
        assert_eq!(midranks(&[2.0, 5.0, 2.0, 1.0, 2.0]), [3.0, 5.0, 3.0, 1.0, 3.0]);
        assert_eq!(tie_term(&[2.0, 5.0, 2.0, 1.0, 2.0]), 24.0);
        assert_eq!(midranks(&[0.0, -0.0, 3.0]), [1.5, 1.5, 3.0]);
        assert!(midranks(&[]).is_empty());
        assert_eq!(tie_term(&[1.0, 2.0]), 0.0);
    }
}
