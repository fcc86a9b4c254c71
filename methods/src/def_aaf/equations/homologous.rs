//! The homologous loss L_H (Eq. 4), its other readings (Eqs. 19 and 23), and what Table 4 puts in its place.

use tch::{Kind, Tensor};

use super::Presence;

/// Eq. 4 of each sample, `[B]`: `2/(M_i (M_i − 1)) Σ_{s<t} ‖c_i^s − c_i^t‖²`, 0 for a sample with one modality.
///
/// Computed as `2/(M_i − 1) Σ_s ‖c_i^s − c̄_i‖²`: the sum over pairs is M_i times the sum around the centroid.
pub fn homologous_each(codes: &Tensor, presence: &Presence) -> Tensor {
    spread(codes, presence) * 2.0 / (&presence.count - 1.0).clamp_min(1)
}

/// Eq. 19 of each sample as printed, `[B]`: `(1/M_i) Σ_s ‖c_i^s − c̄_i‖²`. Eq. 4 is 2 M_i / (M_i − 1) times as large, not equal.
pub fn centroid_each(codes: &Tensor, presence: &Presence) -> Tensor {
    spread(codes, presence) / presence.count.clamp_min(1)
}

/// c̄_i, the mean of a sample's available codes: `[B, d]`.
pub fn centroid(codes: &Tensor, presence: &Presence) -> Tensor {
    presence.kept(codes).sum_dim_intlist(1, false, None::<Kind>) / presence.count.clamp_min(1).unsqueeze(-1)
}

fn spread(codes: &Tensor, presence: &Presence) -> Tensor {
    let deviations = presence.kept(&(codes - centroid(codes, presence).unsqueeze(1)));
    deviations.square().sum_dim_intlist([1i64, 2].as_slice(), false, None::<Kind>)
}

/// The loss of appendix A.1 (Eq. 23), a number: the mean over available codes of `‖c_i^s − e_{w_i}‖²`. Embeddings of the samples' classes `[B, d]`.
pub fn to_class(codes: &Tensor, embeddings: &Tensor, presence: &Presence) -> Tensor {
    let each = presence.kept(&(codes - embeddings.unsqueeze(1))).square();
    each.sum(None::<Kind>) / presence.count.sum(None::<Kind>).clamp_min(1)
}

/// The mean of a loss `[B]` over the batch, or over the samples with at least two modalities.
pub fn over_batch(each: &Tensor, presence: &Presence, valid_only: bool) -> Tensor {
    if !valid_only {
        return each.mean(None::<Kind>);
    }
    let valid = presence.count.ge(2).to_kind(each.kind());
    (each * &valid).sum(None::<Kind>) / valid.sum(None::<Kind>).clamp_min(1)
}

/// Triplet loss in L_H's place (Table 4, footnote), a number.
///
/// Anchor (i, s), positive (i, t) with t ≠ s, negative (j, s) with j the next sample round the batch; Euclidean norms, not squared; the mean over the
/// ordered triples of which all three are available.
pub fn triplet(codes: &Tensor, presence: &Presence, margin: f64) -> Tensor {
    let codes = presence.kept(codes);
    let norm = |difference: Tensor| difference.norm_scalaropt_dim(2, [-1i64].as_slice(), false);
    let to_positive = norm(codes.unsqueeze(2) - codes.unsqueeze(1));
    let to_negative = norm(&codes - codes.roll(-1, 0)).unsqueeze(-1);
    let each = (to_positive - to_negative + margin).relu();
    let next = presence.there.roll(-1, 0);
    let counted = presence.pairs().logical_and(&presence.there.logical_and(&next).unsqueeze(-1)).to_kind(each.kind());
    (each * &counted).sum(None::<Kind>) / counted.sum(None::<Kind>).clamp_min(1)
}

/// InfoNCE in L_H's place (Table 4, footnote), a number: inner products without temperature.
///
/// Anchor (i, s), positive (i, t) with t ≠ s, candidates (j, t) for all j, the positive among them; the mean over ordered triples.
pub fn info_nce(codes: &Tensor, presence: &Presence) -> Tensor {
    let by_modality = presence.kept(codes).transpose(0, 1);
    // [M_s, M_t, B_i, B_j]
    let products = by_modality.unsqueeze(1).matmul(&by_modality.unsqueeze(0).transpose(-1, -2));
    let absent = presence.there.transpose(0, 1).logical_not().unsqueeze(0).unsqueeze(2);
    let log_shares = products.masked_fill(&absent, super::contrastive::NOT_THERE).log_softmax(-1, None::<Kind>);
    // [M_s, M_t, B] → [B, M_s, M_t]
    let each = log_shares.diagonal(0, 2, 3).permute([2, 0, 1]).neg();
    let pairs = presence.pairs();
    let sum = each.masked_fill(&pairs.logical_not(), 0).sum(None::<Kind>);
    sum / pairs.to_kind(each.kind()).sum(None::<Kind>).clamp_min(1)
}
