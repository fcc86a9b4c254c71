//! The shared encoders: an empty text is exactly zero, padding is invisible.

use bench_methods::nn::{MeanText, Parameters, SequenceEncoder, TextCnn, WIDTH};
use tch::{Device, Kind, Tensor};

use crate::cases::{bits, seeded};

const LENGTHS: [i64; 4] = [0, 1, 4, 6];

fn words(padding: i64) -> (Tensor, Tensor) {
    let lengths = Tensor::from_slice(&LENGTHS);
    let word = |row: usize, step: i64| if step < LENGTHS[row] { 2 + (row as i64 + step) % 5 } else { padding };
    let ids: Vec<i64> = (0..LENGTHS.len()).flat_map(|row| (0..6).map(move |step| word(row, step))).collect();
    (Tensor::from_slice(&ids).view([4, 6]), lengths)
}

fn steps(padding: f32) -> (Tensor, Tensor) {
    let value = |row: usize, at: i64| if at / 3 < LENGTHS[row] { ((row as i64 * 18 + at) as f32).sin() } else { padding };
    let values: Vec<f32> = (0..LENGTHS.len()).flat_map(|row| (0..18).map(move |at| value(row, at))).collect();
    (Tensor::from_slice(&values).view([4, 6, 3]), Tensor::from_slice(&LENGTHS))
}

/// Ids, lengths and whether it is training → encodings.
type Encode = Box<dyn Fn(&Tensor, &Tensor, bool) -> Tensor>;

fn text_encoders() -> [(&'static str, Encode); 2] {
    tch::set_num_threads(1);
    let parameters = Parameters::new(Device::Cpu, 1);
    let mean = MeanText::new(&parameters.root().at("mean"), 8);
    let cnn = TextCnn::new(&parameters.root().at("cnn"), 8);
    [
        ("mean", Box::new(move |ids, lengths, _| mean.forward(ids, lengths))),
        ("textcnn", Box::new(move |ids, lengths, train| cnn.forward(ids, lengths, train))),
    ]
}

#[test]
fn an_empty_text_encodes_to_exactly_zero_in_training_and_evaluation() {
    let (ids, lengths) = words(0);
    for (name, encode) in text_encoders() {
        for train in [false, true] {
            let encoding = seeded(1, || encode(&ids, &lengths, train));
            assert_eq!(bits(&encoding.get(0)), vec![0; WIDTH as usize], "{name}");
            assert!(encoding.get(1).abs().max().double_value(&[]) > 0.0, "{name}: one word is not nothing");
        }
    }
}

#[test]
fn ids_behind_the_end_of_a_text_do_not_change_its_encoding() {
    let ((clean, lengths), (dirty, _)) = (words(0), words(7));
    for (name, encode) in text_encoders() {
        assert_eq!(bits(&encode(&clean, &lengths, false)), bits(&encode(&dirty, &lengths, false)), "{name}");
    }
}

#[test]
fn textcnn_drops_out_in_training_only() {
    let (ids, lengths) = words(0);
    let [_, (_, encode)] = text_encoders();
    let twice = |train: bool| [3, 4].map(|seed| bits(&seeded(seed, || encode(&ids, &lengths, train))));
    let ([one, other], [first, second]) = (twice(true), twice(false));
    assert_ne!(one, other);
    assert_eq!(first, second);
}

#[test]
fn steps_behind_the_end_of_a_sequence_do_not_change_its_encoding() {
    tch::set_num_threads(1);
    let parameters = Parameters::new(Device::Cpu, 1);
    let encoder = SequenceEncoder::new(&parameters.root(), 3);
    let ((clean, lengths), (dirty, _)) = (steps(0.0), steps(-9.0));
    let encoding = encoder.forward(&clean, Some(&lengths), false);
    assert_eq!(bits(&encoding), bits(&encoder.forward(&dirty, Some(&lengths), false)));
    assert_eq!(bits(&encoding.get(0)), vec![0; WIDTH as usize], "no steps");
    let full = encoder.forward(&clean.narrow(0, 3, 1), None, false);
    assert!((full - encoding.narrow(0, 3, 1)).abs().max().double_value(&[]) < 1e-6, "a full length is as no length");
    assert_eq!(encoding.kind(), Kind::Float);
}
