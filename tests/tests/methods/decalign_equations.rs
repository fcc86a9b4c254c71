//! Identities of DecAlign's equations, beside those tested where the blocks stand.

use bench_methods::decalign::{
    alignment::{self, HeterogeneitySettings, Homogeneity},
    equations::{self, Calibration, Decoupling, Semantic, contrastive, cosines, rounded_labels},
};
use tch::{Device, Kind, Tensor};

use crate::cases::distance;

/// Numbers spread over [−1, 1], another set for every salt.
fn numbers(shape: &[i64], salt: f64) -> Tensor {
    (Tensor::arange(shape.iter().product::<i64>(), (Kind::Double, Device::Cpu)) * (1.7 + salt)).sin().view(shape)
}

fn number(tensor: Tensor) -> f64 {
    tensor.double_value(&[])
}

#[test]
fn cosines_are_at_most_one_and_blind_to_scale() {
    let (unique, common) = (numbers(&[3, 5, 8], 0.0), numbers(&[3, 5, 8], 0.4));
    let found = cosines(&unique, &common);
    assert!(found.abs().max().double_value(&[]) <= 1.0);
    assert!(distance(&found, &cosines(&(&unique * 3.0), &(&common * 0.2))) < 1e-12);
    assert!(distance(&found, &-cosines(&(&unique * -3.0), &common)) < 1e-12);
    assert!(distance(&cosines(&unique, &(&unique * 2.0)), &found.ones_like()) < 1e-12);
}

#[test]
fn decoupling_is_zero_for_orthogonal_and_one_for_proportional_features() {
    let unique = Tensor::from_slice(&[1.0, 0.0, 0.0, 2.0]).view([1, 2, 2]);
    let common = Tensor::from_slice(&[0.0, -3.0, 1.0, 0.0]).view([1, 2, 2]);
    assert_eq!(number(Decoupling::SquaredMean.loss(&cosines(&unique, &common), None)), 0.0);
    assert!((number(Decoupling::SquaredMean.loss(&cosines(&unique, &(&unique * -2.0)), None)) - 1.0).abs() < 1e-12);
    assert!((number(Decoupling::SignedSum.loss(&cosines(&unique, &(&unique * -2.0)), None)) + 1.0).abs() < 1e-12);
}

#[test]
fn features_of_zero_have_no_cosine_and_no_gradient() {
    let unique = Tensor::zeros([1, 2, 4], (Kind::Double, Device::Cpu)).set_requires_grad(true);
    let found = cosines(&unique, &numbers(&[1, 2, 4], 0.0));
    found.square().sum(Kind::Double).backward();
    assert_eq!(number(found.abs().max()), 0.0);
    assert_eq!(number(unique.grad().abs().max()), 0.0);
}

#[test]
fn calibration_is_not_negative_and_zero_where_samples_are_the_other_prototypes() {
    let one = Tensor::full([3, 1, 1], 6.0, (Kind::Double, Device::Cpu));
    let mean = numbers(&[1, 2, 4], 0.0).expand([3, 2, 4], false);
    // Every sample is the first or the second prototype, and knows it.
    let which = Tensor::from_slice(&[0i64, 1, 1, 0, 0, 1]);
    let samples = mean.index_select(1, &which);
    let sure = which.one_hot(2).to_kind(Kind::Double).expand([3, 6, 2], false);
    let zero = equations::calibration_terms(&samples, &sure, (&mean, &mean.ones_like()), &one, Calibration::Mean);
    assert!(number(zero.abs().max()) < 1e-12);
    let moved = equations::calibration_terms(&(samples + 0.5), &sure, (&mean, &mean.ones_like()), &one, Calibration::Mean);
    assert!(distance(&moved, &moved.full_like(0.25)) < 1e-12, "every feature is half off");
}

#[test]
fn variance_scaled_calibration_divides_each_feature() {
    let samples = numbers(&[2, 5, 3], 0.1);
    let weights = numbers(&[2, 5, 2], 0.2).softmax(-1, None::<Kind>);
    let (mean, variance) = (numbers(&[2, 2, 3], 0.3), numbers(&[2, 2, 3], 0.4).exp());
    let counts = Tensor::full([2, 1, 1], 5.0, (Kind::Double, Device::Cpu));
    let found = equations::calibration_terms(&samples, &weights, (&mean, &variance), &counts, Calibration::VarianceScaled);
    let direct = |own: i64, other: i64| {
        let away = (samples.get(own).unsqueeze(1) - mean.get(other)).square() / variance.get(other);
        number((away.mean_dim(-1, false, None::<Kind>) * weights.get(own)).sum(Kind::Double)) / 5.0
    };
    assert!((found.double_value(&[0, 1]) - direct(0, 1)).abs() < 1e-12 && (found.double_value(&[1, 0]) - direct(1, 0)).abs() < 1e-12);
}

#[test]
fn equal_common_features_have_no_homogeneity_loss() {
    let latent = numbers(&[1, 9, 4], 0.0).expand([3, 9, 4], false);
    let homogeneity = Homogeneity::new(&latent, None);
    assert!(number(homogeneity.semantic(Semantic::Released)) < 1e-20 && number(homogeneity.discrepancy(1.0)).abs() < 1e-12);
}

#[test]
fn pairs_are_compared_on_the_samples_that_have_both() {
    let latent = numbers(&[3, 6, 4], 0.3);
    let available = Tensor::from_slice(&[1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0]).view([3, 6]);
    let found = Homogeneity::new(&latent, Some(&available));
    // The third modality has one sample: only the first pair is left, on samples 0, 1, 2 and 5.
    let both = latent.narrow(0, 0, 2).index_select(1, &Tensor::from_slice(&[0i64, 1, 2, 5]));
    let expected = Homogeneity::new(&both, None);
    assert!((number(found.semantic(Semantic::Released)) - number(expected.semantic(Semantic::Released))).abs() < 1e-12);
    assert!((number(found.discrepancy(1.0)) - number(expected.discrepancy(1.0))).abs() < 1e-12);
}

#[test]
fn no_pair_with_samples_in_common_is_no_loss() {
    let available = Tensor::eye(3, (Kind::Double, Device::Cpu));
    let homogeneity = Homogeneity::new(&numbers(&[3, 3, 4], 0.0), Some(&available));
    assert_eq!(number(homogeneity.semantic(Semantic::Released)), 0.0);
    assert_eq!(number(homogeneity.discrepancy(1.0)), 0.0);
}

#[test]
fn more_than_three_modalities_are_transported_pair_by_pair() {
    let pooled = numbers(&[4, 12, 5], 0.6);
    let all = alignment::heterogeneity(&pooled, None, &HeterogeneitySettings::released(3));
    assert_eq!(all.costs.size(), [6, 3, 3]);
    let pairs = equations::pairs(4).into_iter().map(|(left, right)| {
        let both = pooled.index_select(0, &Tensor::from_slice(&[left, right]));
        number(alignment::heterogeneity(&both, None, &HeterogeneitySettings::released(3)).transport)
    });
    assert!((number(all.transport) - pairs.sum::<f64>()).abs() < 1e-10);
}

#[test]
fn detached_prototypes_leave_the_samples_a_gradient_of_their_own() {
    let pooled = numbers(&[3, 9, 5], 0.2).set_requires_grad(true);
    let parts = alignment::heterogeneity(&pooled, None, &HeterogeneitySettings { detached: true, ..HeterogeneitySettings::released(3) });
    assert!(!parts.transport.requires_grad());
    parts.calibration.backward();
    assert!(number(pooled.grad().abs().max()) > 0.0);
}

// The vectors have no label half-way: the released code rounds halves to the even neighbour.
#[test]
fn labels_half_way_go_to_the_even_neighbour() {
    let labels = rounded_labels(&Tensor::from_slice(&[0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 3.7, -9.0]));
    assert_eq!(Vec::<i64>::try_from(labels).unwrap(), [0, 2, 2, 0, -2, -2, 3, -3]);
}

#[test]
fn anchors_without_a_companion_do_not_count() {
    let features = numbers(&[4, 3], 0.0).set_requires_grad(true);
    let alone = contrastive(&features, &Tensor::from_slice(&[0i64, 1, 2, 3]), 0.1);
    assert_eq!(number(alone.shallow_clone()), 0.0);
    alone.backward();
    assert_eq!(number(features.grad().abs().max()), 0.0);
    // By hand: one pair among three; each of the two anchors has −log of the companion's share of the two others.
    let [first, second, third] = [0, 1, 2].map(|row| features.detach().get(row)).map(|row| &row / row.norm());
    let similar = |left: &Tensor, right: &Tensor| (number((left * right).sum(Kind::Double)) / 0.1).exp();
    let near = similar(&first, &second);
    let expected = [similar(&first, &third), similar(&second, &third)].map(|other| -(near / (near + other)).ln());
    let found = contrastive(&features.detach().narrow(0, 0, 3), &Tensor::from_slice(&[5i64, 5, 1]), 0.1);
    assert!((number(found) - (expected[0] + expected[1]) / 2.0).abs() < 1e-10);
}
