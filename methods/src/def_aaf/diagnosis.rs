/*!
What a trained model says of itself on a labelled validation split: the quantities of Tables 9 and 19, and how much the label's embedding gives away.

Nothing here is a result: the oracle's accuracy reads the label, and the bound is the paper's formula with numbers that it can be computed from.
*/

use tch::{Kind, Tensor};

use super::{
    Condition, DefAaf, View,
    equations::{critic::interpolates, distances, homologous, inference},
};
use crate::{Batch, Targets};

/// Points of an exact Wasserstein distance at most: the assignment is cubic in them.
const POINTS: i64 = 256;

impl DefAaf {
    pub(super) fn diagnosis(&self, batch: &Batch) -> Vec<(String, f64)> {
        let inputs = &batch.inputs;
        let parts = inputs.modalities.iter().enumerate().map(|(modality, input)| self.part(modality, input, true)).collect();
        let view = self.view(parts, &inputs.availability);
        let mut found = Vec::new();
        let mixture = match (&self.condition, &batch.targets, &view.nearest) {
            (Condition::Labels { prior }, Targets::Classes(labels), _) => {
                self.leakage(&view, labels, prior, &mut found);
                inference::labelled(labels, prior.size()[0], prior.kind())
            }
            (Condition::Clusters(clusters), targets, Some(nearest)) => {
                found.push(("adjusted Rand index between k-means restarts".into(), clusters.agreement()));
                if let Targets::Classes(labels) = targets {
                    let assignment: Vec<i64> = Vec::try_from(nearest.argmax(-1, false)).unwrap_or_default();
                    let labels: Vec<i64> = Vec::try_from(labels).unwrap_or_default();
                    found.push(("adjusted Rand index of clusters and labels".into(), crate::kmeans::adjusted_rand_index(&assignment, &labels)));
                }
                nearest.shallow_clone()
            }
            _ => return found,
        };
        let embeddings = mixture.matmul(&self.classes());
        let codes = self.encoder.codes(&view.begun, &embeddings);
        let (alpha, fused) = self.fuse_codes(&codes, &view.presence);
        let classes = mixture.argmax(-1, false);
        self.spread(&view, &codes, &classes, mixture.size()[1], &mut found);
        self.distances(&view, &codes, &fused, &mut found);
        for (at, name) in self.names.iter().enumerate() {
            let mean = mean_where(&alpha.select(1, at as i64), &view.presence.there.select(1, at as i64));
            found.push((format!("fusion weight of {name}"), mean));
        }
        if let Some(critic) = self.critic.as_ref().filter(|_| !self.settings.align_to_class) {
            // ε in the middle: no draw.
            let half = codes.narrow(-1, 0, 1).ones_like() * 0.5;
            let norms = critic.gradient_norms(&interpolates(&codes, &fused, &half));
            let largest = norms.masked_fill(&view.presence.there.logical_not(), 0).max().double_value(&[]);
            found.push(("critic: largest gradient norm half-way between codes and fusions".into(), largest));
        }
        self.bound(batch, &view, &codes, (&fused, &embeddings), &mut found);
        found
    }

    /// Accuracy of the true inference, with the true label's embedding, and with that of the next sample's label.
    fn leakage(&self, view: &View, labels: &Tensor, prior: &Tensor, found: &mut Vec<(String, f64)>) {
        let accuracy = |scores: Tensor| scores.argmax(-1, false).eq_tensor(labels).to_kind(Kind::Double).mean(Kind::Double).double_value(&[]);
        let told = |labels: &Tensor| inference::oracle(|mixture| self.classify(view, mixture), labels, prior);
        found.push(("accuracy".into(), accuracy(self.infer(view))));
        found.push(("oracle accuracy (leaks the label)".into(), accuracy(told(labels))));
        found.push(("accuracy when another sample's label is told".into(), accuracy(told(&labels.roll(1, 0)))));
    }

    /// Table 19's variance within classes, and variance around a sample's centroid (Eq. 19).
    fn spread(&self, view: &View, codes: &Tensor, classes: &Tensor, count: i64, found: &mut Vec<(String, f64)>) {
        for (at, name) in self.names.iter().enumerate() {
            let rows = rows_of(&view.presence.there.select(1, at as i64));
            let own = codes.select(1, at as i64).index_select(0, &rows);
            let variance = distances::variance_within_classes(&own, &classes.index_select(0, &rows), count);
            found.push((format!("variance within classes of {name} (per dimension)"), variance.double_value(&[])));
        }
        let within = homologous::centroid_each(codes, &view.presence).mean(Kind::Double).double_value(&[]);
        found.push(("variance around a sample's centroid (Eq. 19)".into(), within));
    }

    /// Table 19's W₁ between modalities, and of each with the fusion: exact, over samples that have both; beside it the mean over coordinates.
    fn distances(&self, view: &View, codes: &Tensor, fused: &Tensor, found: &mut Vec<(String, f64)>) {
        let names = &self.names;
        let there = |at: usize| view.presence.there.select(1, at as i64);
        let code = |at: usize, rows: &Tensor| codes.select(1, at as i64).index_select(0, rows);
        let mut report = |name: String, left: &Tensor, right: &Tensor| {
            let by_coordinate = distances::wasserstein_by_coordinate(left, right).mean(Kind::Double).double_value(&[]);
            found.push((format!("W1 {name}"), distances::wasserstein(left, right).0));
            found.push((format!("W1 {name}, mean over coordinates"), by_coordinate));
        };
        for (at, name) in names.iter().enumerate() {
            for (other, other_name) in names.iter().enumerate().skip(at + 1) {
                let rows = rows_of(&there(at).logical_and(&there(other)));
                report(format!("between {name} and {other_name}"), &code(at, &rows), &code(other, &rows));
            }
            let rows = rows_of(&there(at));
            report(format!("between {name} and the fusion"), &code(at, &rows), &fused.index_select(0, &rows));
        }
    }

    /// Both sides of theorem 3 (Eq. 21) without its O(·): error, and `(1/M) Σ_s Var(c^s | w) + L W₁(P_z, P_e)`.
    ///
    /// The variance is the trace (the mean squared distance to the class's mean), L the head's largest singular value, P_e the embeddings of the samples'
    /// classes.
    fn bound(&self, batch: &Batch, view: &View, codes: &Tensor, (fused, embeddings): (&Tensor, &Tensor), found: &mut Vec<(String, f64)>) {
        let Targets::Classes(labels) = &batch.targets else { return };
        let wrong = self.infer(view).argmax(-1, false).ne_tensor(labels).to_kind(Kind::Double).mean(Kind::Double).double_value(&[]);
        let inputs = codes.size()[1];
        let classes = labels.max().int64_value(&[]) + 1;
        let variance = |at: i64| {
            let rows = rows_of(&view.presence.there.select(1, at));
            let own = codes.select(1, at).index_select(0, &rows);
            distances::variance_within_classes(&own, &labels.index_select(0, &rows), classes).double_value(&[]) * self.settings.width as f64
        };
        let variance = (0..inputs).map(variance).sum::<f64>() / inputs as f64;
        let gram = self.head.weight.mm(&self.head.weight.transpose(0, 1));
        let lipschitz = gram.linalg_eigvalsh("L").max().double_value(&[]).sqrt();
        let rows = rows_of(&labels.ge(0));
        let (distance, _) = distances::wasserstein(&fused.index_select(0, &rows), &embeddings.index_select(0, &rows));
        found.push(("theorem 3, left: error".into(), wrong));
        found.push(("theorem 3, right: mean variance within classes (trace)".into(), variance));
        found.push(("theorem 3, right: Lipschitz constant of the head".into(), lipschitz));
        found.push(("theorem 3, right: W1 of fusions and class embeddings".into(), distance));
        found.push(("theorem 3, right: sum without O".into(), variance + lipschitz * distance));
    }
}

/// Numbers of the first [`POINTS`] rows where `there` (`[B]` bool), `[n]` int64.
fn rows_of(there: &Tensor) -> Tensor {
    let rows = there.nonzero().view(-1);
    rows.narrow(0, 0, rows.size()[0].min(POINTS))
}

fn mean_where(values: &Tensor, there: &Tensor) -> f64 {
    let counted = there.to_kind(Kind::Double);
    ((values * &counted).sum(Kind::Double) / counted.sum(Kind::Double).clamp_min(1)).double_value(&[])
}
