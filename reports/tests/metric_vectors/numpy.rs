//! NumPy's arithmetic, to explain expected values that carry its rounding.

/// The mean of `np.mean` on an array of 32 bits with 8 to 128 elements, bit for bit: eight running sums, added in pairs, then the rest one by one
/// (`pairwise_sum` in `numpy/_core/src/umath/loops_utils.h.src`).
pub fn single_precision_mean(values: &[f32]) -> f32 {
    assert!((8..=128).contains(&values.len()), "{} values", values.len());
    let (eights, rest) = values.as_chunks::<8>();
    let mut sums = eights[0];
    for eight in &eights[1..] {
        sums.iter_mut().zip(eight).for_each(|(sum, value)| *sum += value);
    }
    let [a, b, c, d, e, f, g, h] = sums;
    let sum = rest.iter().fold(((a + b) + (c + d)) + ((e + f) + (g + h)), |sum, value| sum + value);
    sum / values.len() as f32
}
