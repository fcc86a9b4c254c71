//! CP+SL's objective, Eq. 4.

use tch::{Kind, Tensor};

use super::{
    equations::{Pass, sum},
    losses::{self, Diversity, Error, Reduction},
};
use crate::{LossTerms, Targets, losses::task_loss};

/// `L = L_task + λ_recon L_recon + λ_uni L_uni + λ_div L_div + λ_stat L_stat` (Eq. 4) with the readings of its terms.
#[derive(Debug, Clone, Copy)]
pub struct Objective {
    /// λ_recon.
    pub reconstruction: f64,
    /// λ_uni.
    pub unimodal: f64,
    /// λ_div.
    pub diversity: f64,
    /// λ_stat.
    pub statistics: f64,
    /// Whether Eq. 3 is in the objective.
    pub use_statistics: bool,
    /// Reduction of L_recon.
    pub reduction: Reduction,
    /// What L_div is.
    pub entropy: Diversity,
    /// Error of the unimodal heads in regression.
    pub error: Error,
    /// Whether L_uni is the mean over the heads, not their sum.
    pub mean_over_heads: bool,
    /// Whether Eq. 3's empirical variance is the unbiased one.
    pub unbiased: bool,
    /// Whether Eq. 3 leaves padding steps out.
    pub mask_steps: bool,
}

impl Default for Objective {
    /// Section 3.1's weights, and the reading that the card calls the default.
    fn default() -> Self {
        Self {
            reconstruction: 1.0,
            unimodal: 0.5,
            diversity: 0.1,
            statistics: 0.1,
            use_statistics: true,
            reduction: Reduction::Element,
            entropy: Diversity::Softmax,
            error: Error::Square,
            mean_over_heads: false,
            unbiased: false,
            mask_steps: false,
        }
    }
}

impl Objective {
    /// The terms of a pass, and what Eq. 5 judges the unimodal heads by, `[K + 1]`, the pivot's first: mean absolute errors in regression, mean
    /// probabilities of the true class in classification, over the samples that have the modality.
    ///
    /// Inputs are K × `[B, L, d_m]`, `present` is `[K + 1, B]` (1 or 0), `steps` (`[B, L]`, 1 or 0) marks steps that are no padding. The paper's ½ and ¼
    /// for two modalities are 1/K and 1/(2K) here.
    ///
    /// # Panics
    /// On targets of another task than the model's.
    pub fn terms(&self, pass: &Pass, inputs: &[Tensor], targets: &Targets, present: &Tensor, steps: Option<&Tensor>) -> (LossTerms, Tensor) {
        let count = inputs.len().max(1) as f64;
        let (each, judged) = losses::unimodal_each(&pass.alone, targets, self.error);
        let unimodal = losses::head_means(&each, present);
        let unimodal = if self.mean_over_heads { unimodal.mean(None::<Kind>) } else { unimodal.sum(None::<Kind>) };
        let regression = matches!(targets, Targets::Values(_));
        let answer = crate::Output::from_head(pass.answer.shallow_clone(), regression);
        // Inputs are targets here: a learnt word feature would otherwise be drawn towards what is easy to reconstruct.
        let inputs: Vec<Tensor> = inputs.iter().map(Tensor::detach).collect();
        let own = |at: usize| present.get(at as i64 + 1);
        let reconstruction = (0..inputs.len()).map(|at| losses::reconstruction(&inputs[at], &pass.reconstructions[at], &own(at), self.reduction));
        let mut terms = LossTerms::one("task", task_loss(&answer, targets))
            .and("reconstruction", self.reconstruction, sum(reconstruction.collect()) / count)
            .and("unimodal", self.unimodal, unimodal);
        if let Some(diversity) = self.diversity(pass, present) {
            terms = terms.and("diversity", self.diversity, diversity / count);
        }
        if self.use_statistics {
            terms = terms.and("statistics", self.statistics, self.statistics(pass, &inputs, present, steps) / (2.0 * count));
        }
        (terms, losses::head_means(&judged, present))
    }

    fn diversity(&self, pass: &Pass, present: &Tensor) -> Option<Tensor> {
        let each = pass.latents.iter().enumerate().filter_map(|(at, latent)| {
            let steps = counted(&latent.drawn, &present.get(at as i64 + 1));
            match self.entropy {
                Diversity::Softmax => Some(losses::softmax_diversity(&latent.drawn, &steps)),
                Diversity::Gauss => latent.variance.as_ref().map(|variance| losses::gauss_diversity(variance, &steps)),
                Diversity::Off => None,
            }
        });
        let each: Vec<Tensor> = each.collect();
        (!each.is_empty()).then(|| sum(each))
    }

    fn statistics(&self, pass: &Pass, inputs: &[Tensor], present: &Tensor, steps: Option<&Tensor>) -> Tensor {
        let halves = pass.latents.iter().zip(inputs).enumerate().map(|(at, (latent, input))| {
            let counted = counted(input, &present.get(at as i64 + 1));
            let counted = match steps {
                Some(steps) if self.mask_steps => counted * steps,
                _ => counted,
            };
            losses::statistics(&latent.mean, latent.variance.as_ref(), input, &counted, self.unbiased)
        });
        sum(halves.collect())
    }
}

/// Every step of the samples that have the modality: `[B, L]` of 1 and 0.
fn counted(values: &Tensor, present: &Tensor) -> Tensor {
    present.unsqueeze(-1).expand([present.size()[0], values.size()[1]], false)
}
