//! Contrastive regularisation (Eq. 8).

use tch::{Kind, Tensor};

use super::Presence;

/// Stands for −∞ where a whole row may be masked: its softmax and their gradients stay finite.
pub(super) const NOT_THERE: f64 = -1e30;

/// How Eq. 8 is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// τ.
    pub temperature: f64,
    /// Inner products of unit vectors, or of the codes as they are (printed).
    pub cosine: bool,
    /// Whether the positive stands in the denominator (InfoNCE), or negatives alone (printed).
    pub positive_in_denominator: bool,
}

/// Eq. 8, a number: the mean over the batch's ordered pairs of two available codes of one sample.
///
/// Negatives of an anchor are all available codes of other samples; with `classes` (`[B]` int64) only of samples of other classes. A pair whose anchor
/// has no negative costs nothing: with the positive in the denominator its loss is 0 by the equation, without it there is none.
pub fn contrastive(codes: &Tensor, presence: &Presence, reading: Reading, classes: Option<&Tensor>) -> Tensor {
    let size = codes.size();
    let (samples, modalities) = (size[0], size[1]);
    let mut codes = presence.kept(codes).flatten(0, 1);
    if reading.cosine {
        codes = &codes / codes.norm_scalaropt_dim(2, [-1i64].as_slice(), true).clamp_min(1e-12);
    }
    let similarities = codes.mm(&codes.transpose(0, 1)) / reading.temperature;
    let by_sample = similarities.view([samples, modalities, samples, modalities]);
    let same = match classes {
        None => Tensor::eye(samples, (Kind::Bool, codes.device())),
        Some(classes) => classes.unsqueeze(0).eq_tensor(&classes.unsqueeze(1)),
    };
    let no_negative = same.view([samples, 1, samples, 1]).logical_or(&presence.there.logical_not().unsqueeze(0).unsqueeze(0));
    let negatives = by_sample.masked_fill(&no_negative, NOT_THERE).flatten(2, 3).logsumexp(-1, false).unsqueeze(-1);
    // [M, M, B] → [B, M, M]
    let positives = by_sample.diagonal(0, 0, 2).permute([2, 0, 1]);
    let has_negatives = no_negative.logical_not().flatten(2, 3).any_dim(-1, false).unsqueeze(-1);
    let counted = presence.pairs();
    let each = if reading.positive_in_denominator { positives.logaddexp(&negatives) - &positives } else { negatives - &positives };
    let sum = each.masked_fill(&counted.logical_and(&has_negatives).logical_not(), 0).sum(None::<Kind>);
    sum / counted.to_kind(each.kind()).sum(None::<Kind>).clamp_min(1)
}
