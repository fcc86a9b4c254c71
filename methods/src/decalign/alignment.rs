//! The two alignment losses on a batch: `L_hete` (Eqs. 2 to 9) and `L_homo` (Eqs. 10 to 12).

use tch::{Kind, Tensor};

use super::equations::{self, Calibration, Semantic};
use crate::{
    mixture::{self, Fit, Reduction},
    moments::{Pairs, Sets},
    transport::{Domain, Objective, Sinkhorn},
};

/// More modalities than this are transported pair by pair: the joint plan has K^M cells.
const MOST_JOINT: i64 = 3;

/// Settings of `L_hete`.
#[derive(Debug, Clone, Copy)]
pub struct HeterogeneitySettings {
    /// K.
    pub components: i64,
    /// Iterations of EM in each forward pass.
    pub iterations: usize,
    /// Whether the prototypes are constants for the gradient.
    pub detached: bool,
    /// Over features in Eq. 6.
    pub cost: Reduction,
    /// Of Eq. 9's second term.
    pub calibration: Calibration,
    /// What Eq. 9's first term counts.
    pub objective: Objective,
    /// Of Eqs. 7 and 8.
    pub sinkhorn: Sinkhorn,
}

impl HeterogeneitySettings {
    /// The released code's, with so many components.
    pub fn released(components: i64) -> Self {
        Self {
            components,
            iterations: 5,
            detached: false,
            cost: Reduction::Mean,
            calibration: Calibration::Mean,
            objective: Objective::Entropic,
            sinkhorn: Sinkhorn { regularisation: 0.1, sweeps: 50, domain: Domain::Scaling },
        }
    }
}

/// The parts of `L_hete`.
#[derive(Debug)]
pub struct Heterogeneity {
    /// Prototypes and responsibilities.
    pub fit: Fit,
    /// ν, `[M, K]`: mean responsibilities, summing to 1.
    pub marginals: Tensor,
    /// Costs of the transport problems, `[P, K; n]`: one problem of all modalities, or one a pair.
    pub costs: Tensor,
    /// Marginals of the problems, `[P, n, K]`.
    pub problem_marginals: Tensor,
    /// Eq. 9's first term, 0-d.
    pub transport: Tensor,
    /// Eq. 9's second term, 0-d.
    pub calibration: Tensor,
}

/// `L_hete` of pooled unique features `[M, N, d]`; a modality sees the samples counted (`[M, N]`, 1 or 0; `None`: all).
pub fn heterogeneity(pooled: &Tensor, counted: Option<&Tensor>, settings: &HeterogeneitySettings) -> Heterogeneity {
    let (modalities, rows) = (pooled.size()[0], pooled.size()[1]);
    let samples = if settings.detached { pooled.detach() } else { pooled.shallow_clone() };
    let fit = mixture::fit(&samples, counted, settings.components, settings.iterations, false);
    let counts = counted.map_or_else(
        || Tensor::full([modalities, 1, 1], rows as f64, (pooled.kind(), pooled.device())),
        |counted| counted.sum_dim_intlist(1, true, pooled.kind()).clamp_min(1.0).unsqueeze(-1),
    );
    let mass = fit.responsibilities.sum_dim_intlist(1, false, None::<Kind>);
    let marginals = &mass / mass.sum_dim_intlist(1, true, None::<Kind>);
    let pairs = Pairs::new(&equations::pairs(modalities), pooled.device());
    let side = |index: &Tensor| (fit.mixture.mean.index_select(0, index), fit.mixture.variance.index_select(0, index));
    let (left, right) = (side(&pairs.left), side(&pairs.right));
    let pair_costs = mixture::transport_cost((&left.0, &left.1), (&right.0, &right.1), settings.cost);
    let (costs, problem_marginals) = if modalities <= MOST_JOINT {
        (equations::joint_cost(&pair_costs, modalities).unsqueeze(0), marginals.unsqueeze(0))
    } else {
        let ends = [&pairs.left, &pairs.right].map(|index| marginals.index_select(0, index));
        (pair_costs, Tensor::stack(&ends, 1))
    };
    let transport = settings.sinkhorn.loss(settings.objective, &costs, &problem_marginals).sum(None::<Kind>);
    let prototypes = (&fit.mixture.mean, &fit.mixture.variance);
    let terms = equations::calibration_terms(pooled, &fit.responsibilities, prototypes, &counts, settings.calibration);
    Heterogeneity { calibration: settings.calibration.loss(&terms), fit, marginals, costs, problem_marginals, transport }
}

/// The parts of `L_homo` on latent common features `[M, N, d]`.
#[derive(Debug)]
pub struct Homogeneity {
    sets: Sets,
    pairs: Pairs,
    /// Pairs with at least two samples in common, `[P]`, 1 or 0.
    counted: Option<Tensor>,
}

impl Homogeneity {
    /// Of latent features `[M, N, d]`. With `available` (`[M, N]`, 1 or 0) a pair is compared on the samples that have both modalities, and left out where
    /// these are fewer than two.
    pub fn new(latent: &Tensor, available: Option<&Tensor>) -> Self {
        let all = equations::pairs(latent.size()[0]);
        let pairs = Pairs::new(&all, latent.device());
        let Some(available) = available else { return Self { sets: Sets::new(latent, None), pairs, counted: None } };
        let both = available.index_select(0, &pairs.left) * available.index_select(0, &pairs.right);
        let sides = [&pairs.left, &pairs.right].map(|index| latent.index_select(0, index));
        let counted = both.sum_dim_intlist(1, false, None::<Kind>).ge(2.0).to_kind(latent.kind());
        let sets = Sets::new(&Tensor::cat(&sides, 0), Some(&Tensor::cat(&[&both, &both], 0)));
        let count = all.len() as i64;
        let own: Vec<(i64, i64)> = (0..count).map(|pair| (pair, count + pair)).collect();
        Self { sets, pairs: Pairs::new(&own, latent.device()), counted: Some(counted) }
    }

    /// `L_sem`, Eq. 10.
    pub fn semantic(&self, reading: Semantic) -> Tensor {
        equations::semantic_loss(&equations::semantic_terms(&self.sets.moments(), &self.pairs, reading), self.counted.as_ref(), reading)
    }

    /// `L_MMD`, Eqs. 11 and 12; `bandwidth` is σ².
    pub fn discrepancy(&self, bandwidth: f64) -> Tensor {
        equations::mean_over_pairs(&self.sets.discrepancies(&self.pairs, bandwidth), self.counted.as_ref())
    }
}
