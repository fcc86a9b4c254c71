//! Fusions of two modalities as chains of any number: the first meets the second, the result the third, in the dataset's order.

use std::fmt::Debug;

use tch::Tensor;

use crate::{
    BuildContext, Method, MethodError, Output, joint,
    nn::{Linear, Scope, WIDTH},
};

/// What the papers that define two modalities only leave open, for their cards.
pub(crate) const OPEN: &str =
    "For three modalities and more the papers do not define it: a chain in the dataset's order, each link with its own weights.";

/// How two become one.
pub(crate) trait Link: Debug {
    /// An untrained link.
    fn new(scope: &Scope<'_>) -> Self;

    /// `[B, 128]` of what is before, or the first modality, and of the next modality.
    fn join(&self, before: &Tensor, next: &Tensor) -> Tensor;
}

/// A model of such links and one linear head.
///
/// # Errors
/// Options that were not resolved against the card.
pub(crate) fn build<L: Link + 'static>(context: &BuildContext<'_>) -> Result<Box<dyn Method>, MethodError> {
    joint::build(context, |scope| {
        Ok(Chain {
            links: context.modalities.iter().skip(1).map(|modality| L::new(&scope.at("link").at(&modality.name))).collect::<Vec<L>>(),
            out: Linear::new(&scope.at("out"), WIDTH, context.outputs()),
            regression: context.regression(),
        })
    })
}

#[derive(Debug)]
struct Chain<L> {
    /// One for each modality behind the first.
    links: Vec<L>,
    out: Linear,
    regression: bool,
}

impl<L: Link> joint::Head for Chain<L> {
    fn answer(&self, encodings: &[Tensor], _availability: &Tensor) -> Output {
        let first = encodings[0].shallow_clone();
        let last = self.links.iter().zip(&encodings[1..]).fold(first, |before, (link, next)| link.join(&before, next));
        Output::from_head(self.out.forward(&last), self.regression)
    }
}
