//! Availability patterns.

use tch::{Device, Tensor};

/// All 2^M − 1 non-empty patterns of M modalities, `[2^M − 1][M]`, as the numbers 1, 2, … read in binary with modality 0 as the most
/// significant bit; the last is the full one.
///
/// ```
/// use bench_methods::patterns::all;
/// assert_eq!(all(2), [[false, true], [true, false], [true, true]]);
/// ```
pub fn all(modalities: usize) -> Vec<Vec<bool>> {
    (1..1usize << modalities).map(|number| (0..modalities).map(|at| number >> (modalities - 1 - at) & 1 == 1).collect()).collect()
}

/// Patterns as a `[P, M]` bool tensor.
pub fn tensor(patterns: &[Vec<bool>], device: Device) -> Tensor {
    let flat: Vec<bool> = patterns.concat();
    let rows = patterns.len() as i64;
    Tensor::from_slice(&flat).view([rows, if rows == 0 { 0 } else { flat.len() as i64 / rows }]).to_device(device)
}
