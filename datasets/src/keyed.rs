/*!
Counter-based random draws, each with a key.

A key is a purpose and named parts ("dataset", "sample", "seed", …). Its SHA-256 seeds a ChaCha8 generator, so a draw depends on what it is for
and on nothing else: not on threads, order, or what was drawn before. Every part is hashed with its length, so `("a", "bc")` and `("ab", "c")`
are different keys.
*/

use std::fmt;

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use sha2::{Digest, Sha256};

/// Names one stream of random numbers.
///
/// ```
/// use bench_datasets::keyed::{Key, permutation};
///
/// let key = Key::new("batch order").with("dataset", "digits").with("seed", 42).with("epoch", 0);
/// assert_eq!(permutation(&mut key.rng(), 5), permutation(&mut key.rng(), 5));
/// ```
#[derive(Clone)]
pub struct Key(Sha256);

impl Key {
    /// A key for one purpose, e.g. `noise`, `initial weights`, `batch order`.
    pub fn new(purpose: &str) -> Self {
        Self(Sha256::new()).with("purpose", purpose)
    }

    /// The key with one more part. The order of the parts matters; a value counts as the text it displays as.
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        for part in [name, &value.to_string()] {
            self.0.update((part.len() as u64).to_le_bytes());
            self.0.update(part.as_bytes());
        }
        self
    }

    /// The 32 bytes that the key stands for.
    pub fn digest(&self) -> [u8; 32] {
        self.0.clone().finalize().into()
    }

    /// The digest in lower-case hexadecimal digits.
    pub fn hex(&self) -> String {
        hex(&self.digest())
    }

    /// A fresh generator at the start of the key's stream.
    pub fn rng(&self) -> ChaCha8Rng {
        ChaCha8Rng::from_seed(self.digest())
    }

    /// The first uniform number of the key's stream, in [0, 1): a keyed rank.
    pub fn uniform(&self) -> f64 {
        uniform(&mut self.rng())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Key({})", self.hex())
    }
}

/// A uniform number in [0, 1): the upper 53 bits of one 64-bit draw.
pub fn uniform(rng: &mut impl Rng) -> f64 {
    const SCALE: f64 = 1.0 / (1_u64 << 53) as f64;
    (rng.next_u64() >> 11) as f64 * SCALE
}

/// A whole number in [0, `bound`), without bias: draws of the incomplete last interval are thrown away. A bound of 0 counts as 1.
pub fn below(rng: &mut impl Rng, bound: u64) -> u64 {
    let bound = bound.max(1);
    let excess = bound.wrapping_neg() % bound;
    loop {
        let draw = rng.next_u64();
        if draw <= u64::MAX - excess {
            return draw % bound;
        }
    }
}

/// Shuffles in place (Fisher–Yates from the last item down).
pub fn shuffle<T>(rng: &mut impl Rng, items: &mut [T]) {
    for last in (1..items.len()).rev() {
        items.swap(last, below(rng, last as u64 + 1) as usize);
    }
}

/// The numbers from 0 to `count` − 1 in random order.
pub fn permutation(rng: &mut impl Rng, count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    shuffle(rng, &mut order);
    order
}

/// Bytes in lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn golden() -> Key {
        Key::new("test").with("dataset", "digits").with("sample", 7)
    }

    /// Computed independently in Python (hashlib's SHA-256, ChaCha8 after its specification): every published result hangs on these numbers.
    #[test]
    fn first_draws_stay() {
        assert_eq!(golden().hex(), "61745dca5deeee111bc4cda7dbeb44aa41e671dba63e1be9ebe4b872ef888e56");
        let mut rng = golden().rng();
        assert_eq!([rng.next_u64(), rng.next_u64()], [0x8aa3_3bd7_3fe5_4555, 0xebb7_a97e_2caa_a018]);
        assert_eq!(golden().uniform(), 0.5415532494079303);
        assert_eq!(permutation(&mut golden().rng(), 8), [6, 7, 1, 0, 2, 4, 3, 5]);
    }

    #[test]
    fn parts_cannot_run_into_each_other() {
        let keys = [
            Key::new("p").with("a", "bc"),
            Key::new("p").with("ab", "c"),
            Key::new("p").with("a", "b").with("c", ""),
            Key::new("pa").with("", "bc"),
            Key::new("p").with("abc", ""),
        ];
        let mut digests: Vec<String> = keys.iter().map(Key::hex).collect();
        digests.sort();
        digests.dedup();
        assert_eq!(digests.len(), keys.len());
    }

    #[test]
    fn numbers_below_a_bound_cover_it_evenly() {
        let mut rng = Key::new("below").rng();
        let mut counts = [0_u32; 7];
        for _ in 0..70_000 {
            counts[below(&mut rng, 7) as usize] += 1;
        }
        // Binomial sd is 93: five of them.
        assert!(counts.iter().all(|&count| count.abs_diff(10_000) < 465), "{counts:?}");
        assert_eq!(below(&mut rng, 1), 0);
        assert_eq!(below(&mut rng, 0), 0);
        assert!(below(&mut rng, u64::MAX) < u64::MAX);
    }

    #[test]
    fn a_permutation_holds_every_number_once() {
        let mut order = permutation(&mut Key::new("permutation").rng(), 1000);
        assert_ne!(order[..10], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        order.sort_unstable();
        assert!(order.into_iter().eq(0..1000));
    }
}
