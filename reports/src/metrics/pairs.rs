//! Predictions beside the truth, by name.

/// Predictions and truth of the same samples, in the same order.
///
/// Weighted F1 and recall change when the two are swapped, and published evaluators did swap them
/// (<https://github.com/yaohungt/Multimodal-Transformer/issues/33>). Named fields make the order visible where they are filled in.
#[derive(Debug, Clone, Copy)]
pub struct Pairs<'a, T> {
    /// Predictions (`[n]`).
    pub predicted: &'a [T],
    /// What is true of the same samples (`[n]`).
    pub truth: &'a [T],
}

impl<T> Pairs<'_, T> {
    /// Number of samples; `None` where there are none or the lengths differ.
    pub fn samples(&self) -> Option<usize> {
        (self.predicted.len() == self.truth.len() && !self.truth.is_empty()).then_some(self.truth.len())
    }
}
