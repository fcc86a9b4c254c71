/*!
OGM-GE's gradient modulation as functions of tensors: the ancestor of CP+SL's.

X. Peng, Y. Wei, A. Deng, D. Wang, D. Hu: Balanced Multimodal Learning via On-the-fly Gradient Modulation (CVPR 2022). The encoder whose modality does
better than the others has its gradients scaled down, and noise as wide as the gradient is added to make up for what scaling takes from it.

A modality's own logits are its share of the concatenation head, [`crate::fusion::concat_share`]. Scores, ratios and coefficients stand along the last
axis, `[…, M]`, and stay on the device.
*/

use std::borrow::Borrow;

use tch::{Kind, Tensor};

/// Added to the width of the noise, as released.
const EPSILON: f64 = 1e-8;

/// How well each modality does alone: the sum over the batch of the true class's probability. Logits `[M, B, C]`, classes `[B]`, δ `[B, M]` → `[M]`.
///
/// Where some samples lack a modality, the mean over those that have it takes their place, so that scores stay comparable; 0 where none has it.
pub fn scores(logits: &Tensor, classes: &Tensor, availability: &Tensor) -> Tensor {
    let index = classes.unsqueeze(0).unsqueeze(-1).expand([logits.size()[0], -1, -1], false);
    let missing = availability.logical_not().transpose(0, 1);
    let true_class = logits.softmax(-1, None::<Kind>).gather(-1, &index, false).squeeze_dim(-1).masked_fill(&missing, 0);
    let count = availability.sum_dim_intlist(0, false, true_class.kind()).clamp_min(1);
    true_class.sum_dim_intlist(-1, false, None::<Kind>) * (count.reciprocal() * classes.size()[0] as f64)
}

/// Mean over the others of the ratio to each, `s_m / (s_j + 1e-5)`, `[…, M]` → `[…, M]`: the reading for three modalities and more, of which the paper
/// says nothing. For two it is the paper's ratio.
pub fn mean_ratios(scores: &Tensor) -> Tensor {
    let modalities = scores.size().last().copied().unwrap_or_default();
    let apart = if modalities > 2 { 1e-5 } else { 0.0 };
    let each = scores.unsqueeze(-1) / (scores.unsqueeze(-2) + apart);
    let own = Tensor::eye(modalities, (Kind::Bool, scores.device()));
    each.masked_fill(&own, 0).sum_dim_intlist(-1, false, None::<Kind>) / (modalities - 1).max(1) as f64
}

/// Score over the mean of the other scores, `[…, M]` → `[…, M]`; for two modalities the paper's `s_v / s_a` and its inverse.
pub fn ratios(scores: &Tensor) -> Tensor {
    let others = scores.size().last().map_or(1, |modalities| (modalities - 1).max(1));
    scores * others as f64 / (scores.sum_dim_intlist(-1, true, None::<Kind>) - scores)
}

/// `1 − tanh(α ρ)` where the ratio ρ is greater than 1, else 1 (the paper's Eq. 10); same shape.
pub fn coefficients(ratios: &Tensor, alpha: f64) -> Tensor {
    suppressed(ratios, alpha).where_self(&ratios.gt(1.0), &ratios.ones_like())
}

/// The released code's coefficients for two modalities `[…, 2]` (audio, visual) or three `[…, 3]` (audio, visual, text).
///
/// Its last branch suppresses audio whatever audio's ratio: with two modalities that is seen in a tie alone; with three the ratio is to the *sum* of the
/// others, which often nobody exceeds. For other numbers of modalities there is no released code; they get [`coefficients`] of [`ratios`].
pub fn released_coefficients(scores: &Tensor, alpha: f64) -> Tensor {
    let modalities = scores.size().last().copied().unwrap_or_default();
    if !(2..=3).contains(&modalities) {
        return coefficients(&ratios(scores), alpha);
    }
    let ratios = scores / (scores.sum_dim_intlist(-1, true, None::<Kind>) - scores);
    // At most one modality exceeds the sum of the others, so the chain's order among the tests does not matter.
    let others = ratios.narrow(-1, 1, modalities - 1).gt(1.0);
    let audio = others.any_dim(-1, true).logical_not();
    let chosen = Tensor::cat(&[audio, others], -1);
    suppressed(&ratios, alpha).where_self(&chosen, &ratios.ones_like())
}

fn suppressed(ratios: &Tensor, alpha: f64) -> Tensor {
    1.0 - (ratios * alpha).tanh()
}

/// Width of the generalisation enhancement's noise: the unbiased standard deviation of the gradient as it is before scaling, and 1e-8. A 0-d tensor;
/// 1e-8 for a gradient of one element.
pub fn noise_deviation(gradient: &Tensor) -> Tensor {
    // A single number has no unbiased estimate.
    gradient.std(gradient.numel() > 1) + EPSILON
}

/// OGM-GE: `g κ + ε std(g)`, ε standard normal of the gradient's shape and κ a 0-d coefficient. Without `noise`, OGM alone: `g κ`.
pub fn modulate(gradient: &Tensor, coefficient: &Tensor, noise: Option<&Tensor>) -> Tensor {
    let scaled = gradient * coefficient;
    match noise {
        None => scaled,
        Some(noise) => scaled + noise * noise_deviation(gradient),
    }
}

/// Gradients that are there; a frozen parameter has none.
pub fn gradients(parameters: &[impl Borrow<Tensor>]) -> Vec<Tensor> {
    parameters.iter().map(|parameter| parameter.borrow().grad()).filter(Tensor::defined).collect()
}

/// Whether a rule is on in `epoch` of `epochs`: up to and including `last` of the paper's `of`, as a share of the epochs.
pub fn active(epoch: usize, epochs: usize, last: f64, of: f64) -> bool {
    epoch as f64 * of <= last * epochs as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(tensor: &Tensor) -> Vec<f64> {
        Vec::try_from(tensor.flatten(0, -1).to_kind(Kind::Double)).unwrap()
    }

    fn assert_close(found: &Tensor, expected: &[f64]) {
        let found = values(found);
        assert_eq!(found.len(), expected.len());
        assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-12), "{found:?}, not {expected:?}");
    }

    // Logits ln p have the softmax p, so the scores can be added up by hand.
    #[test]
    fn scores_add_up_true_class_probabilities() {
        let logits = Tensor::from_slice(&[0.5f64, 0.3, 0.2, 0.1, 0.1, 0.8, 0.25, 0.25, 0.5, 0.6, 0.3, 0.1]).view([2, 2, 3]).log();
        let classes = Tensor::from_slice(&[0i64, 2]);
        let of = |there: [bool; 4]| scores(&logits, &classes, &Tensor::from_slice(&there).view([2, 2]));
        assert_close(&of([true; 4]), &[0.5 + 0.8, 0.25 + 0.1]);
        assert_close(&of([true, true, false, true]), &[0.5 * 2.0, 0.25 + 0.1]);
        assert_close(&of([false, true, false, true]), &[0.0, 0.25 + 0.1]);
    }

    /// By hand: 2/1 and 2/4, 1/2 and 1/4, 4/2 and 4/1, with 1e-5 beside each denominator.
    #[test]
    fn a_modality_is_compared_with_each_other_one() {
        let beside = |score: f64| 1.0 / (score + 1e-5);
        let expected = [beside(1.0) + beside(4.0), (beside(2.0) + beside(4.0)) / 2.0, 2.0 * (beside(2.0) + beside(1.0))];
        assert_close(&mean_ratios(&Tensor::from_slice(&[2.0, 1.0, 4.0])), &expected);
        assert_close(&mean_ratios(&Tensor::from_slice(&[3.0, 1.5])), &[2.0, 0.5]);
    }

    // The golden case's suppressed modality has a ratio of 1.047; here it is 3, and the noise meets a coefficient below 1: 1 − tanh(0.9) by hand.
    #[test]
    fn the_better_modality_is_scaled_down_and_its_noise_is_not() {
        let found = coefficients(&ratios(&Tensor::from_slice(&[1.5, 0.5])), 0.3);
        let coefficient = 1.0 - 0.716_297_870_199_024_5;
        assert_close(&found, &[coefficient, 1.0]);
        // Mean 2, squared deviations 4 + 0 + 4 over 2: standard deviation 2.
        let gradient = Tensor::from_slice(&[0.0, 2.0, 4.0]);
        let noise = Tensor::from_slice(&[1.0, -1.0, 0.5]);
        let width = 2.0 + EPSILON;
        let expected = [width, 2.0 * coefficient - width, 4.0 * coefficient + 0.5 * width];
        assert_close(&modulate(&gradient, &found.get(0), Some(&noise)), &expected);
        assert_close(&modulate(&gradient, &found.get(0), None), &[0.0, 2.0 * coefficient, 4.0 * coefficient]);
    }

    #[test]
    fn a_tie_suppresses_nobody_but_audio_in_the_released_code() {
        let tie = Tensor::from_slice(&[2.0, 2.0]);
        assert_close(&coefficients(&ratios(&tie), 0.3), &[1.0, 1.0]);
        assert_close(&released_coefficients(&tie, 0.3), &[1.0 - 0.3f64.tanh(), 1.0]);
    }

    #[test]
    fn exactly_one_of_two_modalities_is_suppressed() {
        for scores in [[3.0, 1.0], [1.0, 3.0], [1.0, 1.01]] {
            let scores = Tensor::from_slice(&scores);
            let found = values(&coefficients(&ratios(&scores), 0.4));
            assert_eq!(found.iter().filter(|&&coefficient| coefficient < 1.0).count(), 1, "{scores:?}");
            assert!(found.iter().all(|&coefficient| coefficient == 1.0 || (coefficient > 0.0 && coefficient <= 1.0 - 0.4f64.tanh())), "{found:?}");
            assert_eq!(found, values(&released_coefficients(&scores, 0.4)), "both forms agree without a tie");
        }
    }
}
