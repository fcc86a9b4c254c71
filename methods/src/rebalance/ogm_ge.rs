//! On-the-fly Gradient Modulation with Generalisation Enhancement (Peng et al., CVPR 2022).

use bench_card::Card;

use super::modulated;
use crate::{BuildContext, Method, MethodError};

/// The card of `ogm-ge`.
pub fn card() -> Card {
    modulated::card(
        "ogm-ge",
        "OGM-GE",
        "OGM with noise as wide as each gradient added to it, whether it was scaled down or not",
        "of every weight of encoder m: k_m g + ε (std(g) + 1e-8), ε standard normal, std over all elements of the weight's gradient before it is scaled",
    )
}

/// Builds `ogm-ge`.
///
/// # Errors
/// A regression task, or options that were not resolved against the card.
pub fn build(context: &BuildContext<'_>) -> Result<Box<dyn Method>, MethodError> {
    modulated::build(context, "ogm-ge", true)
}
