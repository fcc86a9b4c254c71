/*!
Conditioning when the label is unknown: the paper's encoder takes the label's embedding, and says nothing of test time.

A mixture `[B, C]` stands for the embedding `Σ_w p_w e_w`: a row of the identity is one class, the prior its mean embedding. `classify` takes a mixture
through encoder, fusion and classifier and gives logits `[B, C]`. Only [`oracle`] takes labels, for demonstrations of leakage.
*/

use tch::{Kind, Tensor};

use super::Presence;

/// Every sample's mixture is the prior `[C]`: `[rows, C]`.
pub fn prior_mixture(prior: &Tensor, rows: i64) -> Tensor {
    prior.unsqueeze(0).expand([rows, prior.size()[0]], false)
}

/// Every sample's mixture is class number `class` alone: `[rows, classes]`.
pub fn one_class(class: i64, classes: i64, rows: i64, like: &Tensor) -> Tensor {
    Tensor::eye(classes, (like.kind(), like.device())).narrow(0, class, 1).expand([rows, classes], false)
}

/// Labels `[B]` as mixtures, `[B, classes]`.
pub fn labelled(labels: &Tensor, classes: i64, kind: Kind) -> Tensor {
    labels.one_hot(classes).to_kind(kind)
}

/// Logits of both passes: with the prior's mean embedding, then with the embeddings weighted by the first pass's posterior.
pub fn two_pass(classify: impl Fn(&Tensor) -> Tensor, prior: &Tensor, rows: i64) -> [Tensor; 2] {
    let first = classify(&prior_mixture(prior, rows));
    let second = classify(&first.softmax(-1, None::<Kind>));
    [first, second]
}

/// `log p(w)` of each class under its own embedding, `[B, C]`: no distribution, but ranked as one.
pub fn per_class(classify: impl Fn(&Tensor) -> Tensor, prior: &Tensor, rows: i64) -> Tensor {
    let classes = prior.size()[0];
    let of = |class: i64| classify(&one_class(class, classes, rows, prior)).log_softmax(-1, None::<Kind>).select(1, class);
    Tensor::stack(&(0..classes).map(of).collect::<Vec<_>>(), -1)
}

/// Minus the reconstruction error of each class, `[B, C]`. `error` takes a mixture to the errors `[B]`.
pub fn by_reconstruction(error: impl Fn(&Tensor) -> Tensor, prior: &Tensor, rows: i64) -> Tensor {
    let classes = prior.size()[0];
    let of = |class: i64| error(&one_class(class, classes, rows, prior)).neg();
    Tensor::stack(&(0..classes).map(of).collect::<Vec<_>>(), -1)
}

/// Logits with the true label's embedding: a leak, an upper bound, and no accuracy.
pub fn oracle(classify: impl Fn(&Tensor) -> Tensor, labels: &Tensor, prior: &Tensor) -> Tensor {
    classify(&labelled(labels, prior.size()[0], prior.kind()))
}

/// What [`by_reconstruction`] compares, `[B]`: the mean over a sample's available modalities of the mean squared error over the d_s features.
pub fn own_errors(features: &[Tensor], reconstructions: &[Tensor], presence: &Presence) -> Tensor {
    let of = |(features, reconstruction): (&Tensor, &Tensor)| (features - reconstruction).square().mean_dim(-1, false, None::<Kind>);
    let each: Vec<Tensor> = features.iter().zip(reconstructions).map(of).collect();
    (Tensor::stack(&each, 1) * presence.shares()).sum_dim_intlist(-1, false, None::<Kind>)
}
