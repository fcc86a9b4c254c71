//! Whole numbers drawn evenly, several from each 64 random bits.

use rand_chacha::{ChaCha8Rng, rand_core::Rng};

/// Numbers taken from one 64-bit draw, at most.
pub(super) const BATCH: usize = 4;

/// Draws from 0..bound without bias (Brackett-Rozinsky & Lemire, "Batched ranged random integer generation", Software: Practice and Experience, 2025).
pub(super) struct Uniform {
    bound: u64,
    /// Numbers taken from each draw.
    batch: usize,
    /// 2⁶⁴ mod boundᵇᵃᵗᶜʰ: what is left over below it is thrown away.
    threshold: u64,
}

impl Uniform {
    /// A `bound` of 0 counts as 1.
    pub fn new(bound: usize) -> Self {
        let bound = (bound as u64).max(1);
        // At most 2⁵⁶, so that a draw in 256 is thrown away at worst; a bound above that is used alone.
        let fits = |batch: &usize| bound.checked_pow(*batch as u32).is_some_and(|product| product <= 1 << 56);
        let batch = (2..=BATCH).rev().find(fits).unwrap_or(1);
        let product = bound.pow(batch as u32);
        Self { bound, batch, threshold: product.wrapping_neg() % product }
    }

    /// Hands `count` numbers to `take`, each with its place in its batch.
    pub fn draw(&self, rng: &mut ChaCha8Rng, count: usize, mut take: impl FnMut(usize, usize)) {
        let mut left = count;
        if self.batch == BATCH {
            // The same as below, of a length that the compiler knows.
            while left >= BATCH {
                for (lane, &number) in self.batch(rng).iter().enumerate() {
                    take(lane, number);
                }
                left -= BATCH;
            }
        }
        while left > 0 {
            let numbers = self.batch(rng);
            for (lane, &number) in numbers.iter().enumerate().take(self.batch.min(left)) {
                take(lane, number);
            }
            left = left.saturating_sub(self.batch);
        }
    }

    /// A batch: the digits, in base `bound`, of a random fraction.
    fn batch(&self, rng: &mut ChaCha8Rng) -> [usize; BATCH] {
        loop {
            let mut rest = rng.next_u64();
            let mut numbers = [0; BATCH];
            for number in numbers.iter_mut().take(self.batch) {
                let product = u128::from(rest) * u128::from(self.bound);
                *number = (product >> 64) as usize;
                rest = product as u64;
            }
            if rest >= self.threshold {
                return numbers;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rand_chacha::rand_core::SeedableRng;

    use super::*;

    fn first(bound: usize, count: usize) -> Vec<usize> {
        let mut found = Vec::new();
        Uniform::new(bound).draw(&mut ChaCha8Rng::from_seed(std::array::from_fn(|at| at as u8)), count, |_, number| found.push(number));
        found
    }

    /// Computed independently in Python, with ChaCha8 after its specification. Every published p-value of a bootstrap hangs on these numbers.
    #[test]
    fn first_draws_stay() {
        assert_eq!(first(5, 6), [2, 0, 2, 0, 0, 4]);
        assert_eq!(first(1000, 6), [416, 672, 851, 555, 199, 505]);
        assert_eq!(first(100_000, 5), [41_667, 28_515, 55_354, 19_950, 51_618]);
        assert_eq!(first(1 << 20, 3), [436_913, 159_375, 209_196]);
        assert_eq!(first((1 << 40) + 7, 2), [458_136_645_266, 219_358_245_244]);
        assert_eq!(first(1, 3), [0, 0, 0]);
        assert_eq!(first(0, 2), [0, 0]);
        assert!(first(9, 0).is_empty());
    }

    #[test]
    fn every_number_comes_equally_often() {
        for bound in [3, 7] {
            let mut counts = vec![0_u32; bound];
            first(bound, 70_000).into_iter().for_each(|number| counts[number] += 1);
            let (expected, deviation) = (70_000.0 / bound as f64, (70_000.0 * (1.0 - 1.0 / bound as f64) / bound as f64).sqrt());
            assert!(counts.iter().all(|&count| (f64::from(count) - expected).abs() < 5.0 * deviation), "{counts:?}");
        }
    }
}
