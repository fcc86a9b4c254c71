//! DecAlign's formulas on features: the decoupling loss (Eq. 1), the prototype cost (Eq. 5) and the Gaussians with skewness (Sec. 3.3.1).

use super::{Probe, dot, draws, no_arguments, normal, yes};

const TRIALS: usize = 20;

/// Eq. 5 writes the Bures term with (S_i S_j)^(1/2), a root of a matrix that is not symmetric.
pub(super) const BURES: Probe = Probe {
    name: "bures_trace_identity",
    proposition: "Tr((AB)^1/2) = Tr((A^1/2 B A^1/2)^1/2) for positive definite A, B (DecAlign, prototype cost)",
    run: |arguments| {
        no_arguments(arguments)?;
        let mut random = draws(8);
        let mut positive = |size: usize| {
            let factor = Matrix { size, cells: normal(&mut random, size * size) };
            factor.times(&factor.transposed()).plus(&Matrix::identity(size), 1.0)
        };
        let holds = (0..TRIALS).all(|trial| {
            let size = 2 + trial % 3;
            let (a, b) = (positive(size), positive(size));
            let root = a.root();
            let (plain, symmetric) = (a.times(&b).root().trace(), root.times(&b).times(&root).root().trace());
            (plain - symmetric).abs() <= 1e-8 * symmetric.abs()
        });
        Ok(yes(holds))
    },
};

/// A cosine is least at opposite features, where it is -1; at orthogonal ones it is 0.
pub(super) const DECOUPLING: Probe = Probe {
    name: "decoupling_loss_minimum_is_orthogonal",
    proposition: "the minimum of the decoupling loss is at orthogonal features (DecAlign, Eq. 1)",
    run: |arguments| {
        no_arguments(arguments)?;
        let mut random = draws(9);
        let cosine = |a: &[f64], b: &[f64]| dot(a, b) / (dot(a, a) * dot(b, b)).sqrt();
        let holds = (0..TRIALS).all(|_| {
            let (own, other) = (normal(&mut random, 8), normal(&mut random, 8));
            let along = dot(&own, &other) / dot(&own, &own);
            let orthogonal: Vec<f64> = other.iter().zip(&own).map(|(y, x)| y - along * x).collect();
            let at_orthogonal = cosine(&own, &orthogonal);
            // All angles in the plane of both, from along to opposite.
            let length = (dot(&own, &own) / dot(&orthogonal, &orthogonal)).sqrt();
            (0..=36).all(|step| {
                let angle = std::f64::consts::PI * f64::from(step) / 36.0;
                let turned: Vec<f64> = own.iter().zip(&orthogonal).map(|(x, y)| angle.cos() * x + angle.sin() * length * y).collect();
                cosine(&own, &turned) >= at_orthogonal - 1e-9
            })
        });
        Ok(yes(holds))
    },
};

/// The third central moment by quadrature over twenty standard deviations.
pub(super) const SKEWNESS: Probe = Probe {
    name: "gaussian_has_free_skewness",
    proposition: "a Gaussian can have any skewness (DecAlign, Z ~ N(mu, Sigma, Gamma))",
    run: |arguments| {
        const POINTS: i32 = 400;
        no_arguments(arguments)?;
        let mut random = draws(10);
        let skewed = (0..TRIALS).any(|_| {
            let draw = normal(&mut random, 2);
            let (mean, deviation) = (draw.first().copied().unwrap_or(0.0), draw.last().copied().unwrap_or(0.0).exp());
            let moment = |power: i32| {
                let at = |step: i32| {
                    let x = mean + deviation * f64::from(step) / 20.0;
                    let density = (-0.5 * ((x - mean) / deviation).powi(2)).exp() / (deviation * std::f64::consts::TAU.sqrt());
                    (x - mean).powi(power) * density * deviation / 20.0
                };
                (-POINTS..=POINTS).map(at).sum::<f64>()
            };
            (moment(3) / moment(2).powf(1.5)).abs() > 1e-6
        });
        Ok(yes(skewed))
    },
};

/// A small square matrix, by rows.
#[derive(Clone)]
struct Matrix {
    size: usize,
    cells: Vec<f64>,
}

impl Matrix {
    fn from(size: usize, cell: impl Fn(usize, usize) -> f64) -> Self {
        Self { size, cells: (0..size * size).map(|place| cell(place / size, place % size)).collect() }
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        self.cells.get(row * self.size + column).copied().unwrap_or(0.0)
    }

    fn identity(size: usize) -> Self {
        Self::from(size, |row, column| yes(row == column))
    }

    fn transposed(&self) -> Self {
        Self::from(self.size, |row, column| self.at(column, row))
    }

    fn times(&self, other: &Self) -> Self {
        Self::from(self.size, |row, column| (0..self.size).map(|k| self.at(row, k) * other.at(k, column)).sum())
    }

    fn plus(&self, other: &Self, factor: f64) -> Self {
        Self::from(self.size, |row, column| self.at(row, column) + factor * other.at(row, column))
    }

    fn trace(&self) -> f64 {
        (0..self.size).map(|place| self.at(place, place)).sum()
    }

    /// The inverse by Gauss and Jordan with the largest pivot; the matrices here are far from singular.
    fn inverse(&self) -> Self {
        let size = self.size;
        let mut rows: Vec<Vec<f64>> =
            (0..size).map(|row| (0..size).map(|column| self.at(row, column)).chain((0..size).map(|column| yes(row == column))).collect()).collect();
        let get = |rows: &[Vec<f64>], row: usize, column: usize| rows.get(row).and_then(|row| row.get(column)).copied().unwrap_or(0.0);
        for column in 0..size {
            let largest = (column..size).max_by(|a, b| get(&rows, *a, column).abs().total_cmp(&get(&rows, *b, column).abs())).unwrap_or(column);
            rows.swap(column, largest);
            let pivot = get(&rows, column, column);
            let scaled: Vec<f64> = rows.get(column).map(|row| row.iter().map(|x| x / pivot).collect()).unwrap_or_default();
            for (place, row) in rows.iter_mut().enumerate() {
                let factor = row.get(column).copied().unwrap_or(0.0);
                for (x, y) in row.iter_mut().zip(&scaled) {
                    *x = if place == column { *y } else { *x - factor * y };
                }
            }
        }
        Self::from(size, |row, column| get(&rows, row, size + column))
    }

    /// The principal square root by Denman and Beavers' iteration (Applied Mathematics and Computation 2, 1976).
    fn root(&self) -> Self {
        let (mut root, mut inverse) = (self.clone(), Self::identity(self.size));
        for _ in 0..30 {
            let (next, other) = (root.plus(&inverse.inverse(), 1.0), inverse.plus(&root.inverse(), 1.0));
            root = Self::from(self.size, |row, column| next.at(row, column) / 2.0);
            inverse = Self::from(self.size, |row, column| other.at(row, column) / 2.0);
        }
        root
    }
}
