//! On-the-fly Gradient Modulation (Peng et al., CVPR 2022), without noise.

use bench_card::Card;

use super::modulated;
use crate::{BuildContext, Method, MethodError};

/// The card of `ogm`.
pub fn card() -> Card {
    modulated::card(
        "ogm",
        "OGM",
        "concatenation fusion in which the gradients of the encoder that does better than the others are scaled down",
        "of every weight of encoder m: k_m g",
    )
}

/// Builds `ogm`.
///
/// # Errors
/// A regression task, or options that were not resolved against the card.
pub fn build(context: &BuildContext<'_>) -> Result<Box<dyn Method>, MethodError> {
    modulated::build(context, "ogm", false)
}
