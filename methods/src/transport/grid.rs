//! A tensor of M axes of one length K as a flat list: sums over all axes but one, and their reverse.

/// M axes of length K, the last one contiguous.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    pub axes: usize,
    pub length: usize,
}

impl Grid {
    /// Products of one entry of each vector, `K^n` of them, the last vector's index running fastest; 1 without vectors.
    pub fn products(self, vectors: &[Vec<f64>]) -> Vec<f64> {
        let times =
            |products: Vec<f64>, vector: &Vec<f64>| products.iter().flat_map(|product| vector.iter().map(move |entry| product * entry)).collect();
        vectors.iter().fold(vec![1.0], times)
    }

    /// Adds to `derivatives` (one list a vector) what `of_products` means for the vectors.
    pub fn reverse_products(self, vectors: &[Vec<f64>], of_products: &[f64], derivatives: &mut [Vec<f64>]) {
        for (at, derivative) in derivatives.iter_mut().enumerate() {
            let before = self.products(&vectors[..at]);
            let after = self.products(&vectors[at + 1..]);
            for (block, first) in of_products.chunks_exact(self.length * after.len()).zip(&before) {
                for (entry, row) in derivative.iter_mut().zip(block.chunks_exact(after.len())) {
                    *entry += first * dot(row, &after);
                }
            }
        }
    }

    /// `Σ_before before · cells`, K · |after| numbers: the cells summed over the axes in front of `axis`.
    pub fn front(self, cells: &[f64], before: &[f64]) -> Vec<f64> {
        let width = cells.len() / before.len();
        let mut sums = vec![0.0; width];
        for (row, weight) in cells.chunks_exact(width).zip(before) {
            add(&mut sums, *weight, row);
        }
        sums
    }

    /// Index along `axis` of a flat place.
    pub fn index(self, cell: usize, axis: usize) -> usize {
        cell / self.length.pow((self.axes - 1 - axis) as u32) % self.length
    }
}

/// `Σ a b`.
pub(super) fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

/// `sum += weight · row`.
pub(super) fn add(sum: &mut [f64], weight: f64, row: &[f64]) {
    sum.iter_mut().zip(row).for_each(|(sum, entry)| *sum += weight * entry);
}
