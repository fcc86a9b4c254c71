//! The objective's arithmetic (Eqs. 1, 7, 9 and 10).

use tch::Tensor;

use crate::LossTerms;

/// The paper uses α, β, γ, λ and τ for two things each; here each has its own name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// α of Eq. 9.
    pub homologous: f64,
    /// β of Eq. 9.
    pub reconstruction: f64,
    /// λ of Eq. 7.
    pub intra: f64,
    /// τ of Eq. 9.
    pub contrastive: f64,
    /// γ of Eq. 1.
    pub alignment: f64,
    /// Of the task's loss, which the paper's equations lack.
    pub task: f64,
}

/// Values of the objective's parts, 0-d; `None` is left out.
#[derive(Debug, Default)]
pub struct Parts {
    /// L_H.
    pub homologous: Option<Tensor>,
    /// Eq. 5.
    pub intra: Option<Tensor>,
    /// Eq. 6.
    pub cross: Option<Tensor>,
    /// Eq. 8.
    pub contrastive: Option<Tensor>,
    /// What the generator minimises of L_AAF.
    pub alignment: Option<Tensor>,
    /// Cross-entropy or squared error.
    pub task: Option<Tensor>,
}

impl Weights {
    /// `α L_H + β (λ L_intra + (1 − λ) L_cross) + τ L_con + γ L_AAF + L_task` (Eqs. 1, 7, 9), of the parts that are there.
    pub fn terms(&self, parts: Parts) -> LossTerms {
        let each = [
            ("homologous", self.homologous, parts.homologous),
            ("intra", self.reconstruction * self.intra, parts.intra),
            ("cross", self.reconstruction * (1.0 - self.intra), parts.cross),
            ("contrastive", self.contrastive, parts.contrastive),
            ("alignment", self.alignment, parts.alignment),
            ("task", self.task, parts.task),
        ];
        each.into_iter().fold(LossTerms::default(), |terms, (name, weight, value)| match value {
            Some(value) => terms.and(name, weight, value),
            None => terms,
        })
    }
}
