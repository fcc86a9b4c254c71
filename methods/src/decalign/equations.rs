/*!
DecAlign's equations as functions of tensors, apart from any network.

Axes: M modalities, N samples, K prototypes, d features. What Eqs. 2 to 4 and 6 need is in [`mixture`](crate::mixture), Eqs. 7 and 8 are
[`transport`](crate::transport), the moments of Eq. 10 and Eqs. 11 and 12 are [`moments`](crate::moments).
*/

use tch::{Kind, Tensor};

use crate::{
    mixture::Reduction,
    moments::{Moments, Pairs},
};

/// Squared product of norms below which a cosine counts as zero.
const LEAST_PRODUCT: f64 = 1e-16;

/// How the cosines of Eq. 1 become a loss (X1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decoupling {
    /// Mean over modalities of the mean squared cosine: orthogonal features are best (released code; our default).
    SquaredMean,
    /// Sum over modalities of the mean cosine, as printed: opposite features are best.
    SignedSum,
    /// Sum over modalities of the mean absolute cosine.
    AbsoluteSum,
}

impl Decoupling {
    /// `L_dec` of cosines `[M, N]`, each modality averaged over the samples counted (`[M, N]`, 1 or 0; `None`: all). 0-d.
    pub fn loss(self, cosines: &Tensor, counted: Option<&Tensor>) -> Tensor {
        let each = match self {
            Self::SquaredMean => cosines.square(),
            Self::SignedSum => cosines.shallow_clone(),
            Self::AbsoluteSum => cosines.abs(),
        };
        let means = match counted {
            None => each.mean_dim(1, false, None::<Kind>),
            Some(counted) => {
                (each * counted).sum_dim_intlist(1, false, None::<Kind>) / counted.sum_dim_intlist(1, false, None::<Kind>).clamp_min(1.0)
            }
        };
        if self == Self::SquaredMean { means.mean(None::<Kind>) } else { means.sum(None::<Kind>) }
    }
}

/// Cosine of unique and common features of each sample (Eq. 1), both flattened over time and features: `[…, F]` twice → `[…]`. Zero features have cosine 0
/// and no gradient.
pub fn cosines(unique: &Tensor, common: &Tensor) -> Tensor {
    let along = |product: Tensor| product.sum_dim_intlist(-1, false, None::<Kind>);
    let norms = along(unique.square()) * along(common.square());
    along(unique * common) * norms.clamp_min(LEAST_PRODUCT).rsqrt()
}

/// Eq. 5: `C(k_1 … k_M) = Σ_{i<j} C_ij(k_i, k_j)` of the costs of pairs (0,1), (0,2), …, (1,2), …: `[M (M − 1) / 2, K, K]` → `[K; M]`.
pub fn joint_cost(pair_costs: &Tensor, modalities: i64) -> Tensor {
    let length = pair_costs.size()[1];
    let placed = pairs(modalities).into_iter().enumerate().map(|(at, (left, right))| {
        let mut shape = vec![1; modalities as usize];
        shape[left as usize] = length;
        shape[right as usize] = length;
        pair_costs.get(at as i64).view(shape.as_slice())
    });
    placed.reduce(|sum, cost| sum + cost).unwrap_or_else(|| pair_costs.sum(None::<Kind>))
}

/// All (i, j) with i < j.
pub fn pairs(modalities: i64) -> Vec<(i64, i64)> {
    (0..modalities).flat_map(|left| (left + 1..modalities).map(move |right| (left, right))).collect()
}

/// Reading of Eq. 9's second term (X7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calibration {
    /// Mean over features and over the ordered pairs (released code; our default).
    Mean,
    /// Squared norms summed over the ordered pairs, as printed.
    Sum,
    /// As `Mean`, each feature divided by the prototype's variance (an option of the released code).
    VarianceScaled,
}

impl Calibration {
    /// Sum over features or mean.
    fn reduction(self) -> Reduction {
        if self == Self::Sum { Reduction::Sum } else { Reduction::Mean }
    }

    /// Eq. 9's sample-to-prototype term from [`calibration_terms`], 0-d.
    pub fn loss(self, terms: &Tensor) -> Tensor {
        let modalities = terms.size()[0];
        let pairs = if self == Self::Sum { 1 } else { modalities * (modalities - 1) };
        (terms.sum(None::<Kind>) - terms.trace()) / pairs as f64
    }
}

/// `1/N Σ_n Σ_k w_i^n(k) ‖F_i^n − μ_j^k‖²` of every pair: samples `[M, N, d]`, responsibilities `[M, N, K]`, means and variances `[M, K, d]` → `[M, M]`, i down,
/// j across. A modality's mean is over the samples with responsibilities (`counts`, `[M, 1, 1]`).
pub fn calibration_terms(
    samples: &Tensor,
    responsibilities: &Tensor,
    (mean, variance): (&Tensor, &Tensor),
    counts: &Tensor,
    reading: Calibration,
) -> Tensor {
    let features = samples.size()[2];
    let shares = responsibilities / counts;
    // A sum over samples needs their sums of first and second powers alone, taken about one origin to lose no digits.
    let origin = samples.mean_dim([0i64, 1].as_slice(), true, None::<Kind>).detach();
    let centred = samples - &origin;
    let powers = Tensor::cat(&[&centred.square(), &centred, &centred.ones_like().narrow(-1, 0, 1)], -1);
    let sums = shares.transpose(1, 2).bmm(&powers);
    let precision = if reading == Calibration::VarianceScaled { variance.reciprocal() } else { variance.ones_like() };
    let mean = mean - origin;
    let weighted = &mean * &precision;
    let constant = (&mean * &weighted).sum_dim_intlist(-1, true, None::<Kind>);
    let prototypes = Tensor::cat(&[precision, weighted * -2.0, constant], -1);
    sums.flatten(1, 2).mm(&prototypes.flatten(1, 2).transpose(0, 1)) / reading.reduction().divisor(features)
}

/// Reading of Eq. 10 (X8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Semantic {
    /// Mean squared differences, averaged over the pairs (released code; our default).
    Released,
    /// Squared norms, summed over the pairs and divided by M (M − 1), as printed.
    Paper,
}

/// Eq. 10 of each pair: squared differences of mean, covariance and skewness, `[P]`, as means over the elements or as sums.
pub fn semantic_terms(moments: &Moments, pairs: &Pairs, reading: Semantic) -> Tensor {
    let terms = [&moments.mean, &moments.covariance, &moments.skewness].map(|moment| {
        let squares = pairs.differences(moment).square().flatten(1, -1);
        if reading == Semantic::Paper { squares.sum_dim_intlist(1, false, None::<Kind>) } else { squares.mean_dim(1, false, None::<Kind>) }
    });
    let [mean, covariance, skewness] = terms;
    mean + covariance + skewness
}

/// Mean of the pairs that are counted (`[P]`, 1 or 0; `None`: all), 0-d: `2 / (M (M − 1)) Σ_{i<j}` of Eq. 11 where all are.
pub fn mean_over_pairs(terms: &Tensor, counted: Option<&Tensor>) -> Tensor {
    match counted {
        None => terms.mean(None::<Kind>),
        Some(counted) => (terms * counted).sum(None::<Kind>) / counted.sum(None::<Kind>).clamp_min(1.0),
    }
}

/// `L_sem` of its terms: their mean, halved under [`Semantic::Paper`], since `1 / (M (M − 1))` of Eq. 10 is half of one over the number of pairs.
pub fn semantic_loss(terms: &Tensor, counted: Option<&Tensor>, reading: Semantic) -> Tensor {
    let mean = mean_over_pairs(terms, counted);
    if reading == Semantic::Paper { mean * 0.5 } else { mean }
}

/// Table 4's CT, after the released code: supervised contrastive loss of features `[N, F]`, normalised here, with integer labels `[N]`.
///
/// For each anchor the mean over the other samples of its label of −log softmax over all other samples, at the given temperature; the mean over anchors
/// that have such a sample; 0 where none has. 0-d.
pub fn contrastive(features: &Tensor, labels: &Tensor, temperature: f64) -> Tensor {
    let norm = features.square().sum_dim_intlist(-1, true, None::<Kind>).clamp_min(LEAST_PRODUCT).rsqrt();
    let direction = features * norm;
    let itself = Tensor::eye(features.size()[0], (Kind::Bool, features.device()));
    let similarity = (direction.mm(&direction.transpose(0, 1)) / temperature).masked_fill(&itself, f64::NEG_INFINITY);
    let log_share = similarity.log_softmax(-1, None::<Kind>).masked_fill(&itself, 0.0);
    let positive = labels.unsqueeze(0).eq_tensor(&labels.unsqueeze(1)).logical_and(&itself.logical_not()).to_kind(features.kind());
    let count = positive.sum_dim_intlist(-1, false, None::<Kind>);
    let each = -(log_share * positive).sum_dim_intlist(-1, false, None::<Kind>) / count.clamp_min(1.0);
    each.sum(None::<Kind>) / count.clamp_max(1.0).sum(None::<Kind>).clamp_min(1.0)
}

/// Labels that [`contrastive`] compares, of real values: rounded to −3 … 3, halves to even (the released code's sentiment classes).
pub fn rounded_labels(values: &Tensor) -> Tensor {
    values.clamp(-3.0, 3.0).round().to_kind(Kind::Int64)
}
