//! What stands for a class: the labels, or clusters of the features as in the paper's unsupervised tasks.

use tch::{Device, Kind, Tensor};

use crate::{
    MethodError,
    kmeans::{self, adjusted_rand_index, squared_distances},
    state::take,
};

/// The paper's k-means++ runs.
const RESTARTS: usize = 5;

/// Beyond every distance.
const FAR: f64 = 1e30;

/// Clusters of the concatenated features of all modalities. Each modality is scaled to total variance 1, so that each has the same say.
#[derive(Debug)]
pub(super) struct Clusters {
    /// `[k, d_s]` of each modality, scaled.
    centres: Vec<Tensor>,
    /// What each modality's features are multiplied by, `[M]`.
    scales: Tensor,
    /// 0 for a cluster with members, far away for one without, `[k]`: such a one may lie on another, and rounding would decide between the two.
    removed: Tensor,
    /// Mean adjusted Rand index of pairs of restarts, `[1]`.
    agreement: Tensor,
}

impl Clusters {
    /// No clusters yet: zeros.
    pub(super) fn new(widths: &[(String, i64)], k: i64, device: Device) -> Self {
        let zeros = |shape: &[i64]| Tensor::zeros(shape, (Kind::Float, device));
        let centres = widths.iter().map(|(_, width)| zeros(&[k, *width])).collect();
        Self { centres, scales: zeros(&[widths.len() as i64]), removed: zeros(&[k]), agreement: zeros(&[1]) }
    }

    /// Clusters the training split's features, `[n, d_s]` of each modality.
    pub(super) fn fit(&mut self, features: &[Tensor], seed: u64) {
        let k = self.centres.first().map_or(1, |centres| centres.size()[0]) as usize;
        let scales: Vec<Tensor> = features
            .iter()
            .map(|features| {
                let variance = (features - features.mean_dim(0, true, None::<Kind>)).square().mean_dim(0, false, None::<Kind>).sum(None::<Kind>);
                variance.where_self(&variance.gt(0), &variance.ones_like()).rsqrt()
            })
            .collect();
        self.scales = Tensor::stack(&scales, 0);
        let scaled: Vec<Tensor> = features.iter().zip(&scales).map(|(features, scale)| features * scale).collect();
        let runs = kmeans::restarted(&Tensor::cat(&scaled, 1), k, RESTARTS, seed);
        let widths: Vec<i64> = features.iter().map(|features| features.size()[1]).collect();
        if let Some(best) = runs.first() {
            self.centres = best.centres.split_with_sizes(&widths, 1).iter().map(Tensor::contiguous).collect();
            let members = best.assignment.one_hot(k as i64).sum_dim_intlist(0, false, Kind::Float);
            self.removed = members.eq(0).to_kind(Kind::Float) * FAR;
        }
        let assignments: Vec<Vec<i64>> = runs.iter().map(|run| Vec::try_from(&run.assignment).unwrap_or_default()).collect();
        let pairs =
            assignments.iter().enumerate().flat_map(|(at, left)| assignments[at + 1..].iter().map(move |right| adjusted_rand_index(left, right)));
        let pairs: Vec<f64> = pairs.collect();
        self.agreement = Tensor::from_slice(&[(pairs.iter().sum::<f64>() / pairs.len().max(1) as f64) as f32]).to_device(self.agreement.device());
    }

    /// Squared distances of a modality's features `[B, d_s]` to the centres, `[B, k]`: a part of the sum over the available modalities.
    pub(super) fn distances(&self, modality: usize, features: &Tensor) -> Tensor {
        squared_distances(&(features * self.scales.get(modality as i64)), &self.centres[modality])
    }

    /// The nearest cluster of each sample, `[B]` int64, by summed distances `[B, k]`.
    pub(super) fn nearest(&self, distances: &Tensor) -> Tensor {
        (distances + &self.removed).argmin(1, false)
    }

    /// k.
    pub(super) fn count(&self) -> i64 {
        self.centres.first().map_or(0, |centres| centres.size()[0])
    }

    /// Mean adjusted Rand index of pairs of restarts.
    pub(super) fn agreement(&self) -> f64 {
        self.agreement.double_value(&[0])
    }

    /// For the checkpoint.
    pub(super) fn state(&self) -> Vec<(String, Tensor)> {
        let centres = self.centres.iter().enumerate().map(|(at, centres)| (format!("cluster_centres{at}"), centres.shallow_clone()));
        let rest = [("cluster_scales", &self.scales), ("cluster_removed", &self.removed), ("cluster_agreement", &self.agreement)];
        centres.chain(rest.map(|(name, tensor)| (name.to_string(), tensor.shallow_clone()))).collect()
    }

    pub(super) fn load(&mut self, state: &[(String, Tensor)]) -> Result<(), MethodError> {
        for (at, centres) in self.centres.iter_mut().enumerate() {
            take(state, &format!("cluster_centres{at}"), centres)?;
        }
        take(state, "cluster_scales", &mut self.scales)?;
        take(state, "cluster_removed", &mut self.removed)?;
        take(state, "cluster_agreement", &mut self.agreement)
    }
}
