//! Recurrent layers, as one operation (float32) and as libtorch writes them out (float64, GRU).

use bench_store::profile::Family;
use tch::{Kind, Tensor};

use crate::counted::{backward, count, leaf};

/// Steps, batch, features, hidden numbers.
const T: i64 = 6;
const B: i64 = 2;
const D: i64 = 3;
const H: i64 = 4;

/// Weights of `layers` layers, `gates` gates each; a layer above another reads all directions.
fn weights(gates: i64, layers: i64, directions: i64, kind: Kind) -> Vec<Tensor> {
    let mut weights = Vec::new();
    for layer in 0..layers {
        for _ in 0..directions {
            let inputs = if layer == 0 { D } else { H * directions };
            let shapes = [vec![gates * H, inputs], vec![gates * H, H], vec![gates * H], vec![gates * H]];
            weights.extend(shapes.map(|shape| leaf(&shape).to_kind(kind).detach().set_requires_grad(true)));
        }
    }
    weights
}

fn lstm(layers: i64, directions: i64, kind: Kind) -> Tensor {
    let input = leaf(&[T, B, D]).to_kind(kind).detach();
    let zeros = || Tensor::zeros([layers * directions, B, H], (kind, tch::Device::Cpu));
    let weights = weights(4, layers, directions, kind);
    input.lstm(&[zeros(), zeros()], &weights, true, layers, 0.0, true, directions == 2, false).0
}

/// A step of an LSTM: four gates read input and state, 4 h (d + h) = 4 · 4 · 7 = 112 MACs a sample; 6 steps of 2 samples: 1344. Another direction doubles it. A second
/// layer reads the first's 4 (8 with two directions): 4 · 4 · 8 · 12 = 1536, or 4 · 4 · 12 · 12 · 2 = 4608. Backward, as one operation, gives the gradients of weights and of inputs
/// and states: twice as much.
#[test]
fn lstms_of_all_forms() {
    for (layers, directions, macs) in [(1, 1, 1344), (1, 2, 2688), (2, 1, 1344 + 1536), (2, 2, 2688 + 4608)] {
        let work = count(|| backward(&lstm(layers, directions, Kind::Float)));
        assert_eq!(work.forward_macs(Family::Recurrent), macs, "{layers} layers, {directions} directions");
        assert_eq!(work.backward_macs(Family::Recurrent), 2 * macs, "{layers} layers, {directions} directions");
        work.has_only(&[Family::Recurrent]);
    }
}

/// Written out, what is not needed is not computed: inputs and the first state have no gradient. Input products 6 · 2 · 16 · 3 = 576, state products 6 · 2 · 16 · 4 = 768; backward
/// 576 and 768 for the weights and 5 · 2 · 16 · 4 = 640 for the states.
#[test]
fn an_lstm_in_double_precision_is_matrix_products() {
    let work = count(|| backward(&lstm(1, 1, Kind::Double)));
    assert_eq!((work.forward_macs(Family::Matmul), work.backward_macs(Family::Matmul)), (576 + 768, 576 + 768 + 640));
    work.has_only(&[Family::Matmul]);
}

/// Three gates: 6 · 2 · 12 · 3 = 432 and 6 · 2 · 12 · 4 = 576; backward 432 + 576 for the weights and 5 · 2 · 12 · 4 = 480 for the states.
#[test]
fn a_gru_is_matrix_products() {
    let input = leaf(&[T, B, D]).detach();
    let zeros = Tensor::zeros([1, B, H], (Kind::Float, tch::Device::Cpu));
    let work = count(|| backward(&input.gru(&zeros, &weights(3, 1, 1, Kind::Float), true, 1, 0.0, true, false, false).0));
    assert_eq!((work.forward_macs(Family::Matmul), work.backward_macs(Family::Matmul)), (432 + 576, 432 + 576 + 480));
    work.has_only(&[Family::Matmul]);
}
