//! Identities of DEF+AAF's equations (beside those of the golden cases), and cases of our own where the golden ones cannot tell readings apart.

use bench_methods::{
    def_aaf::{
        critic::Critic,
        equations::{
            Presence, alignment,
            contrastive::{Reading, contrastive},
            critic, distances, fusion, homologous, reconstruction,
            transport::assign,
        },
    },
    nn::Parameters,
    patterns,
};
use tch::{Device, Kind, Tensor};

use crate::cases::distance;

const SAMPLES: i64 = 7;
const MODALITIES: i64 = 3;
const WIDTH: i64 = 4;

/// Numbers spread over [−2, 2], another set for every salt.
fn numbers(salt: f64, shape: &[i64]) -> Tensor {
    (Tensor::arange(shape.iter().product::<i64>(), (Kind::Double, Device::Cpu)) * (1.7 + salt)).sin().view(shape) * 2.0
}

fn codes() -> Tensor {
    numbers(0.0, &[SAMPLES, MODALITIES, WIDTH])
}

/// Every pattern of three modalities stands once.
fn incomplete() -> Presence {
    Presence::new(&patterns::tensor(&patterns::all(3), Device::Cpu), Kind::Double)
}

fn complete() -> Presence {
    Presence::new(&Tensor::ones([SAMPLES, MODALITIES], (Kind::Bool, Device::Cpu)), Kind::Double)
}

fn value(tensor: &Tensor) -> f64 {
    tensor.double_value(&[])
}

const READING: Reading = Reading { temperature: 0.5, cosine: true, positive_in_denominator: true };

#[test]
fn the_homologous_loss_is_equation_4_written_out() {
    let (codes, presence) = (codes(), incomplete());
    let each = homologous::homologous_each(&codes, &presence);
    for (sample, pattern) in patterns::all(3).iter().enumerate() {
        let there: Vec<i64> = (0..MODALITIES).filter(|&at| pattern[at as usize]).collect();
        let code = |at: i64| codes.get(sample as i64).get(at);
        let pairs = there.iter().flat_map(|&s| there.iter().filter(move |&&t| s < t).map(move |&t| (s, t)));
        let sum: f64 = pairs.map(|(s, t)| value(&(code(s) - code(t)).square().sum(Kind::Double))).sum();
        let count = there.len() as f64;
        let expected = if there.len() > 1 { sum * 2.0 / (count * (count - 1.0)) } else { 0.0 };
        assert!((each.double_value(&[sample as i64]) - expected).abs() < 1e-12, "{pattern:?}");
    }
}

#[test]
fn homologous_losses_do_not_see_what_moves_all_codes_of_a_sample_alike() {
    let shift = numbers(0.4, &[SAMPLES, 1, WIDTH]);
    for presence in [complete(), incomplete()] {
        let each = |codes: &Tensor| homologous::homologous_each(codes, &presence);
        assert!(distance(&each(&codes()), &each(&(codes() + &shift))) < 1e-12);
        assert!(value(&each(&shift.expand([SAMPLES, MODALITIES, WIDTH], false)).max()) < 1e-28, "equal codes");
    }
}

type Loss = Box<dyn Fn(&Tensor, &Presence) -> Tensor>;

/// Every loss of codes, as a number.
fn losses() -> Vec<(&'static str, Loss)> {
    let literal = Reading { cosine: false, positive_in_denominator: false, ..READING };
    vec![
        ("pairs", Box::new(|codes, presence| homologous::over_batch(&homologous::homologous_each(codes, presence), presence, false))),
        ("eq19", Box::new(|codes, presence| homologous::over_batch(&homologous::centroid_each(codes, presence), presence, true))),
        ("to-class", Box::new(|codes, presence| homologous::to_class(codes, &numbers(0.9, &[SAMPLES, WIDTH]), presence))),
        // A margin that leaves every triple active.
        ("triplet", Box::new(|codes, presence| homologous::triplet(codes, presence, 9.0))),
        ("infonce", Box::new(homologous::info_nce)),
        ("contrastive", Box::new(|codes, presence| contrastive(codes, presence, READING, None))),
        ("contrastive as printed", Box::new(move |codes, presence| contrastive(codes, presence, literal, None))),
        ("mmd", Box::new(|codes, presence| alignment::discrepancy(codes, &numbers(0.3, &[SAMPLES, WIDTH]), &presence.shares()))),
    ]
}

#[test]
fn missing_codes_have_no_influence_and_no_gradient_in_any_loss() {
    let presence = incomplete();
    let gone = presence.there.logical_not().unsqueeze(-1);
    for (name, loss) in losses() {
        let derived = |codes: Tensor| {
            let leaf = codes.set_requires_grad(true);
            let loss = loss(&leaf, &presence);
            loss.backward();
            (value(&loss), leaf.grad())
        };
        let (clean, gradient) = derived(codes());
        let (dirty, _) = derived(codes().masked_fill(&gone, 1e3));
        assert_eq!(clean.to_bits(), dirty.to_bits(), "{name}");
        assert_eq!(value(&gradient.masked_fill(&gone.logical_not(), 0).abs().max()), 0.0, "{name}");
        assert!(value(&gradient.abs().max()) > 1e-6 && bool::try_from(gradient.isfinite().all()).unwrap(), "{name}");
    }
}

#[test]
fn a_batch_of_one_sample_has_finite_losses_and_gradients() {
    let presence = Presence::new(&Tensor::ones([1, MODALITIES], (Kind::Bool, Device::Cpu)), Kind::Double);
    for (name, loss) in losses().into_iter().filter(|(name, _)| !["to-class", "mmd"].contains(name)) {
        let leaf = numbers(0.0, &[1, MODALITIES, WIDTH]).set_requires_grad(true);
        let loss = loss(&leaf, &presence);
        loss.backward();
        assert!(value(&loss).is_finite() && bool::try_from(leaf.grad().isfinite().all()).unwrap(), "{name}");
    }
}

// K = (B − 1) M negatives.
#[test]
fn equal_codes_cost_the_logarithm_of_the_candidates() {
    let codes = Tensor::ones([SAMPLES, MODALITIES, WIDTH], (Kind::Double, Device::Cpu));
    let negatives = ((SAMPLES - 1) * MODALITIES) as f64;
    for (positive_in_denominator, expected) in [(true, (negatives + 1.0).ln()), (false, negatives.ln())] {
        let found = value(&contrastive(&codes, &complete(), Reading { positive_in_denominator, ..READING }, None));
        assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
    }
    let classes = Tensor::from_slice(&[0i64, 0, 1, 1, 1, 1, 1]);
    // Samples of the first class have 5 · 3 negatives, those of the second 2 · 3.
    let expected = (2.0 * 16f64.ln() + 5.0 * 7f64.ln()) / 7.0;
    assert!((value(&contrastive(&codes, &complete(), READING, Some(&classes))) - expected).abs() < 1e-12);
}

#[test]
fn triplets_and_candidates_that_are_missing_are_left_out() {
    // Two samples on a line, the second without its second code: of four ordered pairs (i, s, t) only those of sample 0 are complete, and only s = 0 has
    // its negative (1, 0). ‖0 − 3‖ − ‖0 − 1‖ + 0.5 = 2.5.
    let codes = Tensor::from_slice(&[0.0, 3.0, 1.0, 9.0]).view([2, 2, 1]);
    let presence = Presence::new(&Tensor::from_slice(&[true, true, true, false]).view([2, 2]), Kind::Double);
    assert!((value(&homologous::triplet(&codes, &presence, 0.5)) - 2.5).abs() < 1e-12);
    // Codes 1 and 2 against 1 and (missing): s = 0, t = 1 has one candidate and costs 0; s = 1, t = 0 has 2 · 1 and 2 · 1, so log 2.
    let codes = Tensor::from_slice(&[1.0, 2.0, 1.0, 9.0]).view([2, 2, 1]);
    assert!((value(&homologous::info_nce(&codes, &presence)) - 2f64.ln() / 2.0).abs() < 1e-12);
}

#[test]
fn fusion_weights_are_shares_and_one_modality_is_its_own_fusion() {
    let presence = incomplete();
    let alpha = fusion::weights(&numbers(0.2, &[SAMPLES, MODALITIES]), &presence.there);
    let sums = alpha.sum_dim_intlist(-1, false, None::<Kind>);
    assert!(distance(&sums, &sums.ones_like()) < 1e-12);
    assert_eq!(value(&alpha.masked_fill(&presence.there, 0).abs().max()), 0.0);
    let even = fusion::weights(&alpha.zeros_like(), &presence.there);
    assert!(distance(&even, &fusion::uniform(&presence)) < 1e-12, "equal scores");
    let fused = fusion::fuse(&alpha, &codes());
    for (sample, at) in [(0, 2), (1, 1), (3, 0)] {
        assert_eq!(fused.get(sample), codes().get(sample).get(at), "pattern {sample}");
    }
}

#[test]
fn alignment_weights_sum_to_one_and_have_their_uniform_limits() {
    let presence = incomplete();
    let alpha = fusion::weights(&numbers(0.2, &[SAMPLES, MODALITIES]), &presence.there);
    let uniform = presence.shares();
    let gamma = alignment::reliability(&alpha, &presence, 2.0);
    for weights in [&gamma, &alignment::top(&alpha, &presence, 1), &alignment::top(&alpha, &presence, 2), &alignment::over_batch(&gamma, &presence)] {
        let sums = weights.sum_dim_intlist(-1, false, None::<Kind>);
        assert!(distance(&sums, &sums.ones_like()) < 1e-12);
        assert_eq!(value(&weights.masked_fill(&presence.there, 0).abs().max()), 0.0);
    }
    assert!(distance(&alignment::reliability(&alpha, &presence, 0.0), &uniform) < 1e-12);
    assert!(distance(&alignment::reliability(&alpha, &presence, 1.0), &uniform) > 1e-2, "β = 1 is not uniform, whatever the paper says");
    assert!(distance(&alignment::top(&alpha, &presence, MODALITIES), &uniform) < 1e-12);
    assert!(
        distance(
            &alignment::over_batch(&gamma, &complete()),
            &alignment::over_batch(&gamma, &complete()).mean_dim(0, true, None::<Kind>).expand_as(&gamma)
        ) < 1e-12
    );
}

#[test]
fn the_gap_of_equal_codes_is_zero_and_a_constant_changes_nothing() {
    let same = numbers(0.1, &[SAMPLES, 1]);
    for presence in [complete(), incomplete()] {
        let spread = same.expand([SAMPLES, MODALITIES], false);
        assert!(value(&alignment::gap(&spread, &same, &presence.shares())).abs() < 1e-12);
    }
    let (on_codes, on_fused) = (numbers(0.2, &[SAMPLES, MODALITIES]), numbers(0.5, &[SAMPLES, 1]));
    let gap = |constant: f64| value(&critic::gap(&(&on_codes + constant), &(&on_fused + constant), &incomplete()));
    assert!((gap(0.0) - gap(7.0)).abs() < 1e-12);
    let swapped = value(&critic::gap(&on_fused.expand([SAMPLES, MODALITIES], false), &on_codes.narrow(1, 0, 1), &complete()));
    assert!((swapped + value(&critic::gap(&on_codes.narrow(1, 0, 1).expand([SAMPLES, MODALITIES], false), &on_fused, &complete()))).abs() < 1e-12);
}

#[test]
fn interpolates_lie_between_their_ends() {
    let (codes, fused) = (codes(), numbers(0.3, &[SAMPLES, WIDTH]));
    let at = |epsilon: f64| critic::interpolates(&codes, &fused, &(numbers(0.0, &[SAMPLES, MODALITIES, 1]) * 0.0 + epsilon));
    assert!(distance(&at(0.0), &codes) < 1e-12);
    assert!(distance(&at(1.0), &fused.unsqueeze(1).expand_as(&codes)) < 1e-12);
}

// Autograd's double backward is the reference for the step that is written out.
#[test]
fn the_critic_s_step_has_the_gradients_of_double_backward() {
    let single = |tensor: Tensor| tensor.to_kind(Kind::Float);
    let (codes, fused) = (single(codes()), single(numbers(0.3, &[SAMPLES, WIDTH])));
    let epsilon = single(numbers(0.7, &[SAMPLES, MODALITIES, 1]) * 0.25 + 0.5);
    for presence in [incomplete(), complete()].map(|presence| Presence::new(&presence.there, Kind::Float)) {
        for count in [1, MODALITIES] {
            let critic = Critic::new(Parameters::new(Device::Cpu, 3), count, WIDTH, 6, false);
            let parameters = critic.parameters().variables().trainable_variables();
            let seen = critic.learn(&mut critic.rows(&codes, &fused, &presence), &epsilon, 10.0);
            let found: Vec<Tensor> = parameters.iter().map(|parameter| parameter.grad().copy()).collect();

            let (on_codes, on_fused) = critic.judge(&codes, &fused, false);
            let judge = |points: &Tensor| {
                if count == 1 { critic.values(&points.flatten(0, 1).unsqueeze(0), false) } else { critic.values(&points.transpose(0, 1), false) }
            };
            let norms = critic::gradient_norms(judge, &critic::interpolates(&codes, &fused, &epsilon));
            // Each modality's own mean where there is a critic for each.
            let shares = if count == 1 {
                &presence.counted / presence.count.sum(None::<Kind>)
            } else {
                &presence.counted / (presence.counted.sum_dim_intlist(0, true, None::<Kind>) * MODALITIES as f64)
            };
            let gap = (on_codes * &shares).sum(None::<Kind>) - on_fused.mean(None::<Kind>);
            let penalty = ((norms.shallow_clone() - 1.0).square() * shares).sum(None::<Kind>) * 10.0;
            let expected = Tensor::run_backward(&[&penalty - &gap], &parameters, false, false);
            for (at, (found, expected)) in found.iter().zip(&expected).enumerate() {
                assert!(found.allclose(expected, 1e-4, 1e-5, false), "{count} critics, parameter {at}: {found:?}, not {expected:?}");
            }
            assert!((value(&seen.gap) - value(&gap)).abs() < 1e-5 && (value(&seen.penalty) - value(&penalty)).abs() < 1e-4);
            assert!(distance(&critic.gradient_norms(&critic::interpolates(&codes, &fused, &epsilon)), &norms) < 1e-5);
        }
    }
}

#[test]
fn perfect_reconstructions_cost_nothing_and_all_weight_on_intra_leaves_cross_out() {
    let features = [numbers(0.1, &[SAMPLES, 5]), numbers(0.2, &[SAMPLES, 2]), numbers(0.3, &[SAMPLES, 3])];
    let perfect = [0, 1, 2].map(|at: usize| features[at].unsqueeze(1).expand([SAMPLES, MODALITIES, -1], false));
    for mean in [false, true] {
        let errors = reconstruction::errors(&features, &perfect, mean);
        assert_eq!(
            value(&(reconstruction::intra_each(&errors, &incomplete(), mean) + reconstruction::cross_each(&errors, &incomplete())).max()),
            0.0
        );
    }
    // Off by one in every feature: errors are widths 5, 2 and 3, or 1.
    let off = [0, 1, 2].map(|at: usize| &perfect[at] + 1.0);
    let intra = |mean: bool| value(&reconstruction::intra_each(&reconstruction::errors(&features, &off, mean), &complete(), mean).get(0));
    assert!((intra(false) - 10.0).abs() < 1e-12 && (intra(true) - 1.0).abs() < 1e-12);
}

// All 24 assignments of four rows, tried one by one.
#[test]
fn the_assignment_is_the_cheapest_of_all() {
    let cost: Vec<Vec<f64>> = Vec::try_from(numbers(0.37, &[4, 4])).unwrap();
    let total = |columns: &[usize]| -> f64 { columns.iter().enumerate().map(|(row, &column)| cost[row][column]).sum() };
    let mut best = f64::INFINITY;
    for number in 0..256usize {
        let columns = [0, 2, 4, 6].map(|shift| number >> shift & 3);
        if (0..4).all(|column| columns.contains(&column)) {
            best = best.min(total(&columns));
        }
    }
    assert!((total(&assign(&cost)) - best).abs() < 1e-12);
    assert!(assign(&[]).is_empty());
}

#[test]
fn distances_of_moved_points_are_how_far_they_moved() {
    let points = numbers(0.0, &[9, WIDTH]);
    let step = Tensor::from_slice(&[3.0, 0.0, 4.0, 0.0]);
    let (found, _) = distances::wasserstein(&points, &(points.roll(2, 0) + &step));
    assert!((found - 5.0).abs() < 1e-12);
    let by_coordinate = distances::wasserstein_by_coordinate(&points, &(points.roll(2, 0) + &step));
    assert!(distance(&by_coordinate, &step) < 1e-12);
}
