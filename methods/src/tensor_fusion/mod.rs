/*!
Products of modalities: TFN's outer product and LMF's low-rank form of it.

Both put a constant 1 before each modality's vector, so that the product holds every interaction of fewer modalities too. A vector of zeros leaves those of the others.
*/

pub mod lmf;
pub mod tfn;

use bench_card::OptionCard;
use tch::{Kind, Tensor};

/// What a missing modality is to the product.
const MISSING: &str = "zero input, or no interactions of its own";

/// The option that says what a missing modality is to the product.
fn missing() -> OptionCard {
    OptionCard::choice(
        "missing",
        &["zero-input", "masked"],
        "zero-input: the network sees zeros, biases still fire (the released baselines); masked: the modality's vector is [1; 0], so that the interactions of \
         the others are left",
    )
}

/// `[1; h]` of each sample: `[B, d]` → `[B, d + 1]`.
fn with_one(features: &Tensor) -> Tensor {
    Tensor::cat(&[&features.narrow(1, 0, 1).ones_like(), features], 1)
}

/// TFN's tensor (Eq. 4 of the paper): the outer product of all `[1; h_m]`, flattened with the first modality slowest: `[B, ∏ (d_m + 1)]`.
pub fn outer(features: &[Tensor]) -> Tensor {
    let mut padded = features.iter().map(with_one);
    let first = padded.next().unwrap_or_else(|| Tensor::ones([1, 1], (Kind::Float, tch::Device::Cpu)));
    padded.fold(first, |product, next| (product.unsqueeze(2) * next.unsqueeze(1)).flatten(1, 2))
}

/// LMF (Eq. 11 of the paper): `Σ_r w_r ∏_m ([1; h_m] F_m)_r + b`. Factors M × `[R, d_m + 1, O]`, weights `[1, R]`, bias `[1, O]`: `[B, O]`.
pub fn low_rank(features: &[Tensor], factors: &[Tensor], weights: &Tensor, bias: &Tensor) -> Tensor {
    let projected = features.iter().zip(factors).map(|(feature, factor)| with_one(feature).matmul(factor));
    let product = projected.reduce(|product, next| product * next).unwrap_or_else(|| bias.unsqueeze(0));
    (product * weights.view([-1, 1, 1])).sum_dim_intlist(0, false, None::<Kind>) + bias
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: [1, 2] ⊗ [1, 3, 5].
    #[test]
    fn an_outer_product_holds_every_interaction() {
        let (a, b) = (Tensor::from_slice(&[2f32]).view([1, 1]), Tensor::from_slice(&[3f32, 5.0]).view([1, 2]));
        assert_eq!(Vec::<f32>::try_from(outer(&[a, b]).view(-1)).unwrap(), [1.0, 3.0, 5.0, 2.0, 6.0, 10.0]);
    }

    #[test]
    fn a_masked_modality_leaves_the_interactions_of_the_others() {
        let features = [Tensor::from_slice(&[2f32, 7.0]).view([2, 1]), Tensor::from_slice(&[3f32, 5.0]).view([2, 1])];
        let availability = Tensor::from_slice(&[true, false, true, true]).view([2, 2]);
        let found = outer(&crate::fusion::masked(&features, &availability));
        assert_eq!(Vec::<f32>::try_from(found.view(-1)).unwrap(), [1.0, 0.0, 2.0, 0.0, 1.0, 5.0, 7.0, 35.0]);
    }
}
