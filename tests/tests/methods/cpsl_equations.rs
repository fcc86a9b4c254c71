//! CP+SL's equations: identities that hold for any numbers.

use bench_methods::cp_sl::{
    equations::{self, Variance},
    losses::{self, Reduction},
    modulation, ranges,
};
use tch::{Device, Kind, Tensor};

use crate::cases::{bits, distance, seeded};

fn draw(shape: &[i64]) -> Tensor {
    seeded(shape.iter().sum(), || Tensor::randn(shape, (Kind::Double, Device::Cpu)))
}

fn positive(shape: &[i64]) -> Tensor {
    draw(shape).square() + 0.05
}

fn ones(shape: &[i64]) -> Tensor {
    Tensor::ones(shape, (Kind::Double, Device::Cpu))
}

fn number(tensor: &Tensor) -> f64 {
    tensor.double_value(&[])
}

#[test]
fn without_noise_a_latent_is_its_mean_and_draws_have_the_variance() {
    let (mean, variance) = (draw(&[2, 3, 4]), positive(&[2, 3, 4]));
    assert_eq!(distance(&equations::sample(&mean, &variance, &mean.zeros_like()), &mean), 0.0);
    // ε = ±1 with equal weights has variance one.
    let around = [1.0, -1.0].map(|sign| equations::sample(&mean, &variance, &(mean.ones_like() * sign)) - &mean);
    for side in around {
        assert!(distance(&side.square(), &(&variance + 1e-6)) < 1e-12);
    }
}

#[test]
fn variances_are_positive_and_finite_for_any_output_of_a_head() {
    let raw = Tensor::from_slice(&[-1000.0, -10.0, 0.0, 10.0, 1000.0]);
    for reading in [Variance::Softplus, Variance::Exponential] {
        let variance = reading.of(&raw);
        assert!(number(&variance.min()) >= 0.0 && number(&variance.max()).is_finite(), "{reading:?}");
        assert!(number(&(variance + equations::VARIANCE_FLOOR).min()) > 0.0, "{reading:?}");
    }
}

#[test]
fn the_statistical_loss_is_zero_where_averages_are_the_input_s_statistics() {
    let input = draw(&[2, 3, 5]);
    let (mean, variance) = losses::empirical_statistics(&input, false);
    let spread = |values: &Tensor| values.unsqueeze(-1) + Tensor::from_slice(&[-0.5, 0.0, 0.25, 0.25]);
    let loss = losses::statistics(&spread(&mean), Some(&spread(&variance)), &input, &ones(&[2, 3]), false);
    assert!(number(&loss) < 1e-24, "{loss:?}");
}

#[test]
fn the_statistical_loss_sees_averages_over_the_latent_axis_only() {
    let (input, mean, variance) = (draw(&[2, 3, 5]), draw(&[2, 3, 4]).set_requires_grad(true), positive(&[2, 3, 4]));
    let loss = |mean: &Tensor, variance: &Tensor| losses::statistics(mean, Some(variance), &input, &ones(&[2, 3]), false);
    let own = loss(&mean, &variance);
    own.backward();
    let gradient = mean.grad();
    assert!(distance(&gradient, &gradient.narrow(-1, 0, 1).expand_as(&gradient)) < 1e-15, "constant along the latent axis");
    assert!(number(&gradient.abs().max()) > 0.0);
    let order = Tensor::from_slice(&[2i64, 0, 3, 1]);
    let permuted = loss(&mean.index_select(-1, &order), &variance.index_select(-1, &order));
    assert!((number(&own) - number(&permuted)).abs() < 1e-12);
}

/// By hand: features (0, 1) have mean ½, biased variance ¼, unbiased ½; against means 0 and variances 0.
#[test]
fn the_variance_is_biased_unless_asked_and_of_one_feature_is_zero() {
    let zeros = Tensor::zeros([1, 1, 4], (Kind::Double, Device::Cpu));
    let loss = |input: &[f64], unbiased: bool| {
        let input = Tensor::from_slice(input).view([1, 1, -1]);
        number(&losses::statistics(&zeros, Some(&zeros), &input, &ones(&[1, 1]), unbiased))
    };
    assert_eq!([loss(&[0.0, 1.0], false), loss(&[0.0, 1.0], true)], [0.25 + 0.0625, 0.25 + 0.25]);
    assert_eq!([loss(&[0.5], false), loss(&[0.5], true)], [0.25, 0.25]);
}

fn coefficients(errors: [f64; 2], norms: [f64; 2], alpha: f64) -> ([f64; 2], [f64; 2]) {
    let (scores, norms) = (modulation::scores(&Tensor::from_slice(&errors)), Tensor::from_slice(&norms));
    let present = ones(&[2]);
    let rivals = modulation::rivals(&scores, &present);
    let before = modulation::coefficients(&scores, &rivals, alpha, false);
    let conflicts = modulation::conflicts(&scores, &rivals, &norms, &modulation::rivals(&norms, &present));
    let after = modulation::penalise(&before, &conflicts, 0.5);
    [before, after].map(|both| <[f64; 2]>::try_from(Vec::<f64>::try_from(both).unwrap()).unwrap()).into()
}

#[test]
fn one_modality_is_suppressed_by_at_least_tanh_alpha_and_the_other_is_not() {
    let errors = positive(&[50, 2]);
    let norms = positive(&[2, 50]).transpose(0, 1);
    for row in 0..50 {
        let pair = |table: &Tensor| [table.double_value(&[row, 0]), table.double_value(&[row, 1])];
        let (errors, norms) = (pair(&errors), pair(&norms));
        for alpha in [1.0, 0.3] {
            let (before, after) = coefficients(errors, norms, alpha);
            let (better, worse) = if errors[0] < errors[1] { (0, 1) } else { (1, 0) };
            assert_eq!([before[worse], after[worse]], [1.0, 1.0]);
            assert!((0.0..=1.0 - f64::tanh(alpha)).contains(&before[better]), "{before:?}");
            let expected = if norms[better] > norms[worse] { 0.5 * before[better] } else { before[better] };
            assert_eq!(after[better], expected);
            let swapped = coefficients([errors[1], errors[0]], [norms[1], norms[0]], alpha);
            assert_eq!(swapped, ([before[1], before[0]], [after[1], after[0]]));
            let scaled = coefficients(errors.map(|error| error * 7.0), norms, alpha);
            assert!((scaled.0[better] - before[better]).abs() < 1e-6, "the ratio alone counts");
        }
        assert_eq!(coefficients(errors, norms, 0.0).0, [1.0, 1.0]);
    }
}

/// By hand: errors 0.5 and 2 have a ratio of scores of 4, and 1 − tanh 4 = 6.707007e-4.
#[test]
fn a_clear_gap_has_the_coefficient_worked_by_hand() {
    let (before, after) = coefficients([0.5, 2.0], [3.0, 1.0], 1.0);
    assert!((before[0] - 6.707007e-4).abs() < 1e-9, "{before:?}");
    assert!((after[0] - 3.3535035e-4).abs() < 1e-9, "{after:?}");
}

#[test]
fn a_tie_is_neither_suppressed_nor_a_conflict() {
    assert_eq!(coefficients([0.3, 0.3], [2.0, 1.0], 1.0), ([1.0, 1.0], [1.0, 1.0]));
}

#[test]
fn the_continuous_coefficient_does_not_jump_at_a_tie() {
    let scores = Tensor::from_slice(&[1.0 + 1e-9, 1.0]);
    let rivals = modulation::rivals(&scores, &ones(&[2]));
    let first = |continuous: bool| modulation::coefficients(&scores, &rivals, 1.0, continuous).double_value(&[0]);
    assert!((first(true) - 1.0).abs() < 1e-7);
    assert!((first(false) - (1.0 - f64::tanh(1.0))).abs() < 1e-7);
}

/// By hand: of scores 6, 1, 3 with all there the rivals are the means 2, 4.5, 3.5; without the last they are 1, 6 and nothing.
#[test]
fn more_than_two_are_each_compared_with_the_mean_of_the_others_that_are_there() {
    let scores = Tensor::from_slice(&[6.0, 1.0, 3.0]);
    let rivals = |present: [f64; 3]| Vec::<f64>::try_from(modulation::rivals(&scores, &Tensor::from_slice(&present))).unwrap();
    assert_eq!(rivals([1.0, 1.0, 1.0]), [2.0, 4.5, 3.5]);
    assert_eq!(rivals([1.0, 1.0, 0.0]), [1.0, 6.0, f64::INFINITY]);
    assert_eq!(rivals([0.0, 1.0, 0.0]), [f64::INFINITY; 3]);
    let all = modulation::coefficients(&scores, &modulation::rivals(&scores, &ones(&[3])), 1.0, false);
    assert_eq!([all.double_value(&[1]), all.double_value(&[2])], [1.0, 1.0]);
    assert!((all.double_value(&[0]) - (1.0 - f64::tanh(3.0))).abs() < 1e-8);
}

#[test]
fn a_coefficient_of_one_leaves_every_bit_of_a_gradient() {
    let gradient = draw(&[40]).to_kind(Kind::Float) * 1e-3;
    let mut scaled = [gradient.copy()];
    modulation::scale(&mut scaled, &Tensor::from(1.0f32));
    assert_eq!(bits(&scaled[0]), bits(&gradient));
}

/// By hand: (3, 4) and (0, 12) have norms 5 and 12; together 13.
#[test]
fn norms_are_of_each_tensor_or_of_all() {
    let gradients = [Tensor::from_slice(&[3.0, 4.0]), Tensor::from_slice(&[0.0, 12.0])];
    let of = |kind| number(&modulation::norm(&gradients, kind));
    assert_eq!([of(modulation::Norm::Mean), of(modulation::Norm::Global)], [8.5, 13.0]);
}

/// By hand: (1, 3) has an unbiased standard deviation of √2; a single number has none.
#[test]
fn enhancement_adds_noise_of_the_raw_gradient_s_deviation() {
    let mut gradients = [Tensor::from_slice(&[1.0, 3.0]), Tensor::from_slice(&[5.0])];
    modulation::scale_with_noise(&mut gradients, &Tensor::from(0.5), &|_, gradient| gradient.ones_like() * 10.0);
    let root = 10.0 * 2f64.sqrt();
    assert!(distance(&gradients[0], &Tensor::from_slice(&[0.5 + root, 1.5 + root])) < 1e-6);
    assert!(distance(&gradients[1], &Tensor::from_slice(&[2.5])) < 1e-6);
}

#[test]
fn gates_share_out_one_and_lie_between_zero_and_one() {
    for modalities in 2..=5i64 {
        let logits = draw(&[3, (modalities - 1) * 4]);
        let shares = Tensor::stack(&equations::shares(Some(&logits), modalities as usize), 0);
        assert_eq!(shares.size(), [modalities, 3, 4]);
        assert!(number(&shares.min()) > 0.0 && number(&shares.max()) < 1.0);
        assert!(distance(&shares.sum_dim_intlist(0, false, None::<Kind>), &ones(&[3, 4])) < 1e-12);
    }
}

#[test]
fn the_softmax_gate_of_two_is_the_printed_sigmoid() {
    let logits = draw(&[3, 4]);
    let softmax = Tensor::stack(&[logits.shallow_clone(), logits.zeros_like()], 0).softmax(0, None::<Kind>);
    assert!(distance(&softmax, &Tensor::stack(&equations::shares(Some(&logits), 2), 0)) < 1e-12);
    let branches = [draw(&[3, 4]), draw(&[4, 3]).transpose(0, 1)];
    let parts = equations::gated_parts(&branches, Some(&logits));
    assert!(distance(&equations::gated_fusion(&branches, Some(&logits)), &(&parts[0] + &parts[1])) < 1e-12);
}

#[test]
fn the_injection_moves_the_pivot_by_at_most_beta() {
    let (pivot, shift) = (draw(&[2, 3, 4]), draw(&[2, 3, 4]) * 5.0);
    for beta in [0.0, 0.4, 1.0] {
        assert!(distance(&equations::inject(&pivot, &shift, beta), &pivot) <= beta);
    }
}

#[test]
fn a_perfect_reconstruction_costs_nothing_and_reductions_differ_by_their_counts() {
    let (input, other) = (draw(&[2, 3, 5]), draw(&[5, 3, 2]).transpose(0, 2));
    let loss = |other: &Tensor, reduction| number(&losses::reconstruction(&input, other, &ones(&[2]), reduction));
    assert_eq!(loss(&input, Reduction::Element), 0.0);
    let element = loss(&other, Reduction::Element);
    assert!((loss(&other, Reduction::Token) / element - 5.0).abs() < 1e-12);
    assert!((loss(&other, Reduction::Sum) / element - 30.0).abs() < 1e-12);
}

#[test]
fn diversity_is_minus_one_for_constant_features_and_towards_zero_for_a_single_peak() {
    let loss = |latent: &Tensor| number(&losses::softmax_diversity(latent, &ones(&[2, 3])));
    assert!((loss(&(ones(&[2, 3, 4]) * 0.7)) + 1.0).abs() < 1e-12);
    let peak = Tensor::from_slice(&[60.0, 0.0, 0.0, 0.0]).expand([2, 3, 4], false);
    assert!((-1e-9..=0.0).contains(&loss(&peak)));
    assert!((-1.0..=0.0).contains(&loss(&draw(&[2, 3, 4]))));
}

#[test]
fn terms_leave_out_samples_that_lack_the_modality() {
    let (input, other) = (draw(&[2, 3, 5]), draw(&[5, 3, 2]).transpose(0, 2));
    let alone = losses::reconstruction(&input.narrow(0, 0, 1), &other.narrow(0, 0, 1), &ones(&[1]), Reduction::Element);
    let present = Tensor::from_slice(&[1.0, 0.0]);
    assert!(distance(&losses::reconstruction(&input, &other, &present, Reduction::Element), &alone) < 1e-12);
    assert_eq!(number(&losses::reconstruction(&input, &other, &present.zeros_like(), Reduction::Element)), 0.0);
}

#[test]
fn min_max_touches_zero_and_one_and_forgets_scale_and_shift() {
    for by_feature in [false, true] {
        let normalised = |values: &Tensor| {
            let (low, high) = ranges::bounds(values, None, by_feature);
            ranges::min_max(values, &low, &high)
        };
        let values = draw(&[2, 3, 4]);
        let own = normalised(&values);
        assert_eq!([number(&own.min()), number(&own.max())], [0.0, 1.0]);
        assert!(distance(&own, &normalised(&(&values * 3.0 - 7.0))) < 1e-12);
        assert_eq!(distance(&normalised(&(ones(&[2, 3, 4]) * 5.0)), &values.zeros_like()), 0.0, "nothing has no range");
    }
}

#[test]
fn bounds_of_no_valid_step_make_zeros() {
    let values = draw(&[2, 3, 4]);
    let (low, high) = ranges::bounds(&values, Some(&Tensor::zeros([2, 3], (Kind::Bool, Device::Cpu))), false);
    assert_eq!(distance(&ranges::min_max(&values, &low, &high), &values.zeros_like()), 0.0);
}

/// By hand: three valid of four steps over two make parts of 1½; over six, of ½; none at all, nothing.
#[test]
fn an_alignment_takes_means_over_equal_parts_of_the_valid_steps() {
    let counts = |valid: f64, count: f64, length: i64| {
        let of = |number: f64| Tensor::from_slice(&[number]);
        ranges::alignment(&of(valid), &of(count), length, 4).squeeze_dim(0)
    };
    let rows = |values: &[f64]| Tensor::from_slice(values).view([-1, 4]);
    let third = 1.0 / 3.0;
    let two = rows(&[2.0 * third, third, 0.0, 0.0, 0.0, third, 2.0 * third, 0.0, 0.0, 0.0, 0.0, 0.0]);
    assert!(distance(&counts(3.0, 2.0, 3), &two) < 1e-12);
    let six: Vec<f64> = [0, 0, 1, 1, 2, 2].iter().flat_map(|&own| (0..4).map(move |at| f64::from(u8::from(at == own)))).collect();
    assert!(distance(&counts(3.0, 6.0, 6), &rows(&six)) < 1e-12);
    assert_eq!(number(&counts(0.0, 2.0, 3).abs().max()), 0.0);
}

/// Whatever the numbers of steps, rounding never reaches a step behind the end, and the parts sum to one.
#[test]
fn an_alignment_never_reads_padding() {
    for valid in 1..=9 {
        for count in 1..=9 {
            let of = |number: i32| Tensor::from_slice(&[number as f32]);
            let weights = ranges::alignment(&of(valid), &of(count), 9, 12).squeeze_dim(0);
            assert_eq!(number(&weights.narrow(1, i64::from(valid), i64::from(12 - valid)).abs().max()), 0.0, "{valid} over {count}");
            let sums = weights.sum_dim_intlist(-1, false, None::<Kind>).narrow(0, 0, i64::from(count));
            assert!(distance(&sums, &sums.ones_like()) < 1e-5, "{valid} over {count}");
        }
    }
}
