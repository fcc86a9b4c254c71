//! Augmentation: concatenation fusion trained on all 2^M − 1 missing patterns of each sample (RAML's baseline of that name).

use bench_card::Card;

use crate::{BuildContext, Method, MethodError, concat::Concat, nn::TextEncoder, registry};

/// The card of `augmentation`.
pub fn card() -> Card {
    let summary = "concatenation fusion trained on every missing pattern of each sample, the loss averaged over the patterns";
    Card {
        options: vec![TextEncoder::option()],
        missing: Some("zero input, in every pattern while training".into()),
        ..registry::plain_card("augmentation", "Augmentation", "simple fusion", summary)
    }
}

/// Builds `augmentation`.
///
/// # Errors
/// Options that were not resolved against the card.
pub fn build(context: &BuildContext<'_>) -> Result<Box<dyn Method>, MethodError> {
    Ok(Box::new(Concat::new(context, true)?))
}
