//! Means of accuracies that were rounded before they were averaged.

/// Word operations that one search may cost; a table's usual case takes some millions.
const MOST_WORK: u64 = 60_000_000;

/// All sums that runs can have whose accuracies on `n` samples were each rounded to the printed digits.
pub struct RoundedRuns {
    seeds: u64,
    sums: Vec<u64>,
}

impl RoundedRuns {
    /// For `seeds` runs on `n` samples, accuracies printed on a grid of `steps`. `None` where the search would take too long or there is nothing to search.
    pub fn new(n: u64, seeds: u32, steps: u64) -> Option<Self> {
        let seeds = u64::from(seeds);
        let length = steps.checked_mul(seeds)?.checked_add(1)?;
        let words = length.div_ceil(64);
        if n == 0 || seeds == 0 || n.min(steps).checked_mul(words)?.checked_mul(seeds)? > MOST_WORK || n > MOST_WORK {
            return None;
        }
        let mut rounded: Vec<u64> = (0..=n)
            .flat_map(|k| {
                // k · steps / n, rounded; on a half, both ways.
                let twice = 2 * u128::from(k) * u128::from(steps);
                let (n, twice_n) = (u128::from(n), 2 * u128::from(n));
                [(twice + n) / twice_n, (twice + n - 1) / twice_n]
            })
            .filter_map(|value| u64::try_from(value).ok())
            .collect();
        rounded.sort_unstable();
        rounded.dedup();
        let mut sums = vec![0; usize::try_from(words).ok()?];
        *sums.first_mut()? = 1;
        for _ in 0..seeds {
            let mut next = vec![0; sums.len()];
            for value in &rounded {
                add_shifted(&mut next, &sums, *value);
            }
            sums = next;
        }
        Some(Self { seeds, sums })
    }

    /// Whether the mean of the runs can be printed as `value` steps, whichever way halves go.
    pub fn attainable(&self, value: u64) -> bool {
        let middle = value.saturating_mul(self.seeds);
        (middle.saturating_sub(self.seeds / 2)..=middle.saturating_add(self.seeds / 2)).any(|sum| self.holds(sum))
    }

    fn holds(&self, sum: u64) -> bool {
        usize::try_from(sum / 64).ok().and_then(|word| self.sums.get(word)).is_some_and(|word| word >> (sum % 64) & 1 == 1)
    }
}

/// `target |= source << shift`; what passes the end is lost.
fn add_shifted(target: &mut [u64], source: &[u64], shift: u64) {
    let (words, bits) = ((shift / 64) as usize, shift % 64);
    let Some(target) = target.get_mut(words..) else { return };
    for (to, from) in target.iter_mut().zip(source) {
        *to |= from << bits;
    }
    if bits > 0
        && let Some(above) = target.get_mut(1..)
    {
        for (to, from) in above.iter_mut().zip(source) {
            *to |= from >> (64 - bits);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every multiset of runs, one by one.
    fn by_hand(n: u64, seeds: u32, steps: u64) -> Vec<bool> {
        let runs: Vec<u64> = (0..=n).map(|k| (2 * k * steps + n) / (2 * n)).chain((0..=n).map(|k| (2 * k * steps + n - 1) / (2 * n))).collect();
        let mut sums = vec![0];
        for _ in 0..seeds {
            sums = sums.iter().flat_map(|sum| runs.iter().map(move |run| sum + run)).collect();
            sums.sort_unstable();
            sums.dedup();
        }
        (0..=steps).map(|value| sums.iter().any(|sum| (2 * sum).abs_diff(2 * value * u64::from(seeds)) <= u64::from(seeds))).collect()
    }

    #[test]
    fn as_by_trying_every_set_of_runs() {
        for (n, seeds, steps) in [(7, 2, 100), (7, 3, 100), (12, 2, 200), (5, 4, 70), (3, 5, 100), (8, 3, 100)] {
            let runs = RoundedRuns::new(n, seeds, steps).unwrap();
            let got: Vec<bool> = (0..=steps).map(|value| runs.attainable(value)).collect();
            assert_eq!(got, by_hand(n, seeds, steps), "{n} samples, {seeds} runs, {steps} steps");
        }
    }

    #[test]
    fn rounding_first_reaches_what_rounding_last_does_not() {
        // Two runs of 3 samples, one decimal: 33.3 and 0.0 average to 16.65, printed 16.6 or 16.7; unrounded it is 16.67, printed 16.7 only.
        let runs = RoundedRuns::new(3, 2, 1000).unwrap();
        assert!(runs.attainable(166) && runs.attainable(167) && !runs.attainable(165));
    }

    #[test]
    fn too_much_work_is_refused() {
        assert!(RoundedRuns::new(0, 3, 100).is_none());
        assert!(RoundedRuns::new(1_000_000, 1000, 1_000_000_000).is_none());
        assert!(RoundedRuns::new(u64::MAX, u32::MAX, u64::MAX).is_none());
    }
}
