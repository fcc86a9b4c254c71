//! Dual reconstruction (Eqs. 5 to 7).

use tch::{Kind, Tensor};

use super::Presence;

/// Squared reconstruction errors `[B, S, T]`: of modality s from the code of modality t.
///
/// Features `[B, d_s]` and reconstructions `[B, T, d_s]` of each s. Summed over the d_s features, or their mean (`mean`).
pub fn errors(features: &[Tensor], reconstructions: &[Tensor], mean: bool) -> Tensor {
    let of = |(features, reconstruction): (&Tensor, &Tensor)| {
        let squared = (features.unsqueeze(1) - reconstruction).square();
        if mean { squared.mean_dim(-1, false, None::<Kind>) } else { squared.sum_dim_intlist(-1, false, None::<Kind>) }
    };
    let each: Vec<Tensor> = features.iter().zip(reconstructions).map(of).collect();
    Tensor::stack(&each, 1)
}

/// Eq. 5 of each sample, `[B]`: the sum over its available modalities; with `mean` their mean (the dimension-balanced option).
pub fn intra_each(errors: &Tensor, presence: &Presence, mean: bool) -> Tensor {
    let own = errors.diagonal(0, 1, 2).masked_fill(&presence.there.logical_not(), 0).sum_dim_intlist(1, false, None::<Kind>);
    if mean { own / presence.count.clamp_min(1) } else { own }
}

/// Eq. 6 of each sample, `[B]`: the mean over ordered pairs of two available modalities, 0 for a sample with one modality.
pub fn cross_each(errors: &Tensor, presence: &Presence) -> Tensor {
    let pairs = errors.masked_fill(&presence.pairs().logical_not(), 0).sum_dim_intlist([1i64, 2].as_slice(), false, None::<Kind>);
    pairs / (&presence.count * (&presence.count - 1.0)).clamp_min(1)
}
