/*!
How two sets of samples differ: moments, and maximum mean discrepancy.

S sets of N samples are held as `[S, N, d]`; a set may count only some of its samples (`[S, N]`, 1 or 0, `None` for all). Pairs of sets are given by
their indices.
*/

use tch::{Kind, Tensor};

/// Variance below which the skewness is not divided by it any more (DecAlign's released code).
const LEAST_VARIANCE: f64 = 1e-6;

/// Sets of samples with the shares that their samples enter means with.
#[derive(Debug)]
pub struct Sets {
    samples: Tensor,
    /// `[S, 1, N]`: 1/n for samples that count, 0 for others; `None` for 1/N everywhere.
    shares: Option<Tensor>,
    /// n, at least 1, `[S, 1, 1]` or a number.
    counts: Option<Tensor>,
}

/// Mean, covariance and skewness of S sets.
#[derive(Debug)]
pub struct Moments {
    /// `[S, d]`.
    pub mean: Tensor,
    /// Unbiased (n − 1), `[S, d, d]`.
    pub covariance: Tensor,
    /// Third central moment over the biased variance to the power 3/2, `[S, d]`.
    pub skewness: Tensor,
}

/// Pairs of sets, `[P]` int64 each.
#[derive(Debug)]
pub struct Pairs {
    /// First of each pair.
    pub left: Tensor,
    /// Second of each pair.
    pub right: Tensor,
}

impl Pairs {
    /// The sets of each pair by number.
    pub fn new(pairs: &[(i64, i64)], device: tch::Device) -> Self {
        let side = |of: fn(&(i64, i64)) -> i64| Tensor::from_slice(&pairs.iter().map(of).collect::<Vec<_>>()).to_device(device);
        Self { left: side(|pair| pair.0), right: side(|pair| pair.1) }
    }

    /// `values[left] − values[right]`, `[P, …]`.
    pub fn differences(&self, values: &Tensor) -> Tensor {
        values.index_select(0, &self.left) - values.index_select(0, &self.right)
    }

    /// P.
    pub fn count(&self) -> i64 {
        self.left.size()[0]
    }
}

impl Sets {
    /// Sets `[S, N, d]` whose samples count where `counted` (`[S, N]`) is not zero.
    pub fn new(samples: &Tensor, counted: Option<&Tensor>) -> Self {
        let counted = counted.map(|counted| counted.to_kind(samples.kind()).unsqueeze(1));
        let counts = counted.as_ref().map(|counted| counted.sum_dim_intlist(2, true, None::<Kind>).clamp_min(1.0));
        let shares = counted.as_ref().zip(counts.as_ref()).map(|(counted, counts)| counted / counts);
        Self { samples: samples.shallow_clone(), shares, counts }
    }

    fn rows(&self) -> i64 {
        self.samples.size()[1]
    }

    /// `[S, 1, N]`.
    fn shares(&self) -> Tensor {
        let uniform = || Tensor::full([1, 1, self.rows()], 1.0 / self.rows() as f64, (self.samples.kind(), self.samples.device()));
        self.shares.as_ref().map_or_else(|| uniform().expand([self.samples.size()[0], 1, -1], false), Tensor::shallow_clone)
    }

    /// Moments of each set. A set of one sample has a covariance of zero.
    pub fn moments(&self) -> Moments {
        let shares = self.shares();
        let mean = shares.bmm(&self.samples);
        let centred = &self.samples - &mean;
        let weighted = &centred * shares.transpose(1, 2);
        let biased = weighted.transpose(1, 2).bmm(&centred);
        let covariance = match &self.counts {
            None => &biased * (self.rows() as f64 / (self.rows() - 1).max(1) as f64),
            Some(counts) => &biased * (counts / (counts - 1.0).clamp_min(1.0)),
        };
        let third = (&weighted * centred.square()).sum_dim_intlist(1, false, None::<Kind>);
        let variance = biased.diagonal(0, 1, 2).clamp_min(LEAST_VARIANCE);
        Moments { mean: mean.squeeze_dim(1), covariance, skewness: third / (&variance * variance.sqrt()) }
    }

    /// Squared maximum mean discrepancy of each pair, `[P]`: the biased estimate, diagonals included, under the kernel `exp(−‖x − y‖² / (2 σ²))`
    /// (DecAlign's Eqs. 11, 12), with `bandwidth` = σ².
    pub fn discrepancies(&self, pairs: &Pairs, bandwidth: f64) -> Tensor {
        let sets = self.samples.size()[0];
        let all = Tensor::arange(sets, (Kind::Int64, self.samples.device()));
        let (left, right) = (Tensor::cat(&[&all, &pairs.left], 0), Tensor::cat(&[&all, &pairs.right], 0));
        let norms = self.samples.square().sum_dim_intlist(-1, true, None::<Kind>);
        let squares = norms.index_select(0, &left) + norms.index_select(0, &right).transpose(1, 2);
        let (x, y) = (self.samples.index_select(0, &left), self.samples.index_select(0, &right));
        let kernel = squares.baddbmm(&x, &y.transpose(1, 2), -0.5 / bandwidth, 1.0 / bandwidth).exp();
        let means = match &self.shares {
            None => kernel.mean_dim([1i64, 2].as_slice(), false, None::<Kind>),
            Some(shares) => {
                let (first, second) = (shares.index_select(0, &left), shares.index_select(0, &right));
                first.bmm(&kernel).bmm(&second.transpose(1, 2)).flatten(0, -1)
            }
        };
        let own = means.narrow(0, 0, sets);
        own.index_select(0, &pairs.left) + own.index_select(0, &pairs.right) - means.narrow(0, sets, pairs.count()) * 2.0
    }
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;

    fn draw(shape: &[i64]) -> Tensor {
        Tensor::randn(shape, (Kind::Double, Device::Cpu))
    }

    fn largest(difference: Tensor) -> f64 {
        difference.abs().max().double_value(&[])
    }

    fn pair() -> Pairs {
        Pairs::new(&[(0, 1)], Device::Cpu)
    }

    #[test]
    fn covariances_are_symmetric_and_have_no_negative_direction() {
        let moments = Sets::new(&draw(&[2, 9, 4]), None).moments();
        assert!(largest(&moments.covariance - moments.covariance.transpose(1, 2)) < 1e-14);
        assert!(moments.covariance.linalg_eigvalsh("L").min().double_value(&[]) > -1e-12);
    }

    #[test]
    fn symmetric_samples_have_no_skewness() {
        let half = draw(&[1, 6, 3]);
        let moments = Sets::new(&(Tensor::cat(&[&half, &-&half], 1) + 2.0), None).moments();
        assert!(largest(moments.skewness) < 1e-12);
    }

    #[test]
    fn samples_that_do_not_count_change_nothing() {
        let samples = draw(&[2, 5, 3]);
        let padded = Tensor::cat(&[&samples, &(draw(&[2, 2, 3]) * 9.0)], 1);
        let counted = Tensor::from_slice(&[1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0]).expand([2, 7], false);
        let (whole, part) = (Sets::new(&samples, None), Sets::new(&padded, Some(&counted)));
        let (first, second) = (whole.moments(), part.moments());
        assert!(largest(first.mean - second.mean) < 1e-12);
        assert!(largest(first.covariance - second.covariance) < 1e-12);
        assert!(largest(first.skewness - second.skewness) < 1e-12);
        assert!(largest(whole.discrepancies(&pair(), 1.0) - part.discrepancies(&pair(), 1.0)) < 1e-12);
    }

    #[test]
    fn a_set_of_one_sample_is_finite() {
        let samples = draw(&[2, 3, 4]).set_requires_grad(true);
        let counted = Tensor::from_slice(&[1.0, 0.0, 0.0]).expand([2, 3], false);
        let sets = Sets::new(&samples, Some(&counted));
        let moments = sets.moments();
        (moments.mean.sum(Kind::Double) + moments.covariance.sum(Kind::Double) + moments.skewness.sum(Kind::Double)).backward();
        assert!(bool::try_from(samples.grad().isfinite().all()).unwrap());
        assert_eq!(largest(moments.covariance), 0.0);
    }

    #[test]
    fn discrepancy_is_symmetric_bounded_blind_to_a_shift_and_zero_for_equal_sets() {
        let samples = draw(&[2, 6, 3]);
        let sets = Sets::new(&samples, None);
        let forth = sets.discrepancies(&pair(), 1.0).double_value(&[0]);
        let back = sets.discrepancies(&Pairs::new(&[(1, 0)], Device::Cpu), 1.0).double_value(&[0]);
        let shifted = Sets::new(&(&samples + 5.0), None).discrepancies(&pair(), 1.0).double_value(&[0]);
        let equal = Sets::new(&samples.narrow(0, 0, 1).expand([2, 6, 3], false), None).discrepancies(&pair(), 1.0).double_value(&[0]);
        assert!((0.0..=2.0).contains(&forth));
        assert!((forth - back).abs() < 1e-14 && (forth - shifted).abs() < 1e-12 && equal.abs() < 1e-14);
    }
}
