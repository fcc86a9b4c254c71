//! What is no product: element-wise work and reductions, moves, optimisers, and operations that nobody has a rule for.

use bench_native::{Adam, FusedOptimiser, Sgd};
use bench_store::profile::Family;
use tch::{Kind, Tensor};

use crate::counted::{backward, count, draw, leaf};

/// The larger of what goes in and what comes out.
#[test]
fn element_wise_operations_pass_over_the_larger_side() {
    let (input, other) = (draw(&[3, 4]), draw(&[3, 4]));
    let (column, row, scale) = (draw(&[3, 1]), draw(&[1, 4]), draw(&[4]));
    let cases: [(&str, u64, &dyn Fn() -> Tensor); 12] = [
        ("exp", 12, &|| input.exp()),
        ("in place", 12, &|| input.copy().tanh_()),
        ("sum", 12, &|| input.sum(Kind::Float)),
        ("mean over an axis", 12, &|| input.mean_dim(0, false, None::<Kind>)),
        ("softmax", 12, &|| input.softmax(-1, None::<Kind>)),
        ("broadcast", 12, &|| &column + &row),
        ("row", 12, &|| &input * &row),
        ("addcmul", 12, &|| input.addcmul(&other, &row)),
        ("where", 12, &|| input.where_self(&input.isnan(), &other)),
        ("layer_norm", 12, &|| input.layer_norm([4], Some(&scale), Some(&scale), 1e-5, false)),
        ("norm", 12, &|| input.norm()),
        ("max", 12, &|| input.max()),
    ];
    for (name, elements, run) in cases {
        let work = count(|| drop(run()));
        // `where` needs a comparison, of as many elements.
        let comparison = if name == "where" { 12 } else { 0 };
        assert_eq!(work.elements(), elements + comparison, "{name}");
        work.has_only(&[]);
    }
}

#[test]
fn backward_passes_have_elements_too() {
    let input = leaf(&[3, 4]);
    let work = count(|| backward(&input.tanh()));
    // Forward tanh and the sum; backward the derivative of tanh, as the sum's gradient is a view.
    assert_eq!((work.0.forward.elementwise, work.0.backward.elementwise), (24, 12));
    work.has_only(&[]);
}

#[test]
fn looking_up_and_reshaping_are_moves() {
    let (table, rows) = (draw(&[10, 4]), Tensor::from_slice(&[3i64, 9, 3, 0, 1, 2]).view([2, 3]));
    let work = count(|| drop(Tensor::embedding(&table, &rows, -1, false, false)));
    assert_eq!((work.0.forward.moves, work.elements()), (1, 0));
    work.has_only(&[]);
    let work = count(|| drop(Tensor::cat(&[table.transpose(0, 1).contiguous(), table.view([4, 10])], 1)));
    assert!(work.0.forward.moves >= 4);
    assert_eq!(work.elements(), 0);
    work.has_only(&[]);
}

/// Distances of 3 and 5 rows of 4: 3 · 5 · 4 differences. Above 25 rows libtorch takes |x|² − 2xy + |y|² as one product of rows of 4 + 2 numbers: 30 · 30 · 6 = 5400 MACs.
#[test]
fn distances_are_differences_or_a_product() {
    let (left, right) = (draw(&[3, 4]), draw(&[5, 4]));
    let work = count(|| drop(Tensor::cdist(&left, &right, 2.0, None)));
    assert_eq!(work.elements(), 60);
    work.has_only(&[]);
    let (left, right) = (draw(&[30, 4]), draw(&[30, 4]));
    let work = count(|| drop(Tensor::cdist(&left, &right, 2.0, None)));
    assert_eq!(work.forward_macs(Family::Matmul), 5400);
    work.has_only(&[Family::Matmul]);
}

/// One pass over the parameters' 12 + 5 numbers a step, in the optimiser's share.
#[test]
fn fused_optimisers_pass_over_the_parameters_once() {
    let adam = Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.0, decoupled: false, decay_vectors: true };
    let sgd = Sgd { momentum: 0.9, weight_decay: 0.0 };
    for kind in ["adam", "sgd"] {
        let parameters = [leaf(&[3, 4]), leaf(&[5])];
        backward(&(parameters[0].sum(Kind::Float) + parameters[1].sum(Kind::Float)));
        let mut optimiser = if kind == "adam" { FusedOptimiser::adam(&parameters, adam) } else { FusedOptimiser::sgd(&parameters, sgd) }.unwrap();
        // The first step makes the moments.
        optimiser.step(1e-3);
        let work = count(|| optimiser.step(1e-3));
        assert_eq!(work.0.optimiser.elementwise, 17, "{kind}");
        assert_eq!((work.0.forward.elementwise, work.0.backward.elementwise), (0, 0), "{kind}");
        work.has_only(&[]);
    }
}

/// Nobody wrote a rule for these; a silent zero would make a model look free.
#[test]
fn what_has_no_rule_is_listed_with_its_calls() {
    let input = draw(&[8]);
    let work = count(|| {
        drop((input.erfinv(), input.i0(), input.erfinv()));
        drop(input.fft_fft(None, -1, "backward"));
    });
    let unknown = &work.0.forward.unknown;
    let calls = |name: &str| unknown.iter().find(|(found, _)| found == name).map(|(_, calls)| *calls);
    assert_eq!((calls("aten::erfinv"), calls("aten::i0")), (Some(2), Some(1)), "{unknown:?}");
    assert!(unknown.iter().any(|(name, calls)| name.starts_with("aten::_fft") && *calls == 1), "{unknown:?}");
    assert_eq!(work.0.forward.total(), 0);
}
