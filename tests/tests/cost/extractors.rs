//! The frozen extractors as they run, against their public implementations, the audit's facts and DEF+AAF's printed costs.

use std::fs;

use bench_audit::recompute::macs;
use bench_methods::extractors::{self, Extractor};
use bench_store::profile::Family;
use serde_json::Value;
use tch::{Device, Kind};

use crate::counted::{Counted, count};

/// wav2vec's positional convolution puts out one frame more than is kept, as the released code does: 768 outputs of 48 · 128 MACs.
const CUT_FRAME: u64 = 768 * 48 * 128;

/// BERT's pooler on the first token.
const POOLER: u64 = 768 * 768;

fn run(extractor: &dyn Extractor, batch: usize, size: f64) -> Counted {
    let input = extractor.input(batch, size).unwrap();
    let work = count(|| drop(extractor.extract(&input)));
    assert!(work.0.forward.unknown.is_empty(), "{:?}", work.0.forward.unknown);
    work
}

fn counted(extractor: &dyn Extractor, batch: usize, size: f64) -> u64 {
    run(extractor, batch, size).0.forward.total() / 2
}

/// The audit's formulas are in GMAC.
fn exact(giga: f64) -> u64 {
    (giga * 1e9).round() as u64
}

/// Per sample the count does not depend on the batch, so that a batch of 64 is 64 times a batch of one.
fn does_not_depend_on_the_batch(extractor: &dyn Extractor, size: f64) {
    let one = counted(extractor, 1, size);
    assert_eq!(counted(extractor, 2, size), 2 * one, "{}", extractor.name());
}

/// Hugging Face's and torchvision's networks with PyTorch's own counter (`tests/vectors/counts/extractors.py`): parameters, MACs, and features of the same weights and inputs, of which the
/// first numbers of two samples are in the file. A sum of thousands of products in another order differs by rounding.
#[test]
fn parameters_macs_and_features_are_those_of_the_public_implementations() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/counts/extractors.json");
    let file: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    for (name, size) in [("bert-base", 6.0), ("resnet-50", 1.0), ("wav2vec2-base", 0.1)] {
        let (extractor, expected) = (extractors::find(name, Device::Cpu).unwrap(), &file[name]);
        assert_eq!(Some(extractor.parameters()), expected["parameters"].as_u64(), "{name}");
        for (size, macs) in expected["macs_by_size"].as_object().unwrap() {
            assert_eq!(Some(counted(extractor.as_ref(), 1, size.parse().unwrap())), macs.as_u64(), "{name} of {size}");
        }
        let features = extractor.extract(&extractor.input(2, size).unwrap()).flatten(1, -1).to_kind(Kind::Double);
        let scale = expected["features_root_mean_square"].as_f64().unwrap();
        let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-4 * scale, "{name}: {found} instead of {expected}");
        close(features.square().mean(Kind::Double).sqrt().double_value(&[]), scale);
        for (sample, row) in expected["first_8_features_of_two"].as_array().unwrap().iter().enumerate() {
            for (at, number) in row.as_array().unwrap().iter().enumerate() {
                close(features.double_value(&[sample as i64, at as i64]), number.as_f64().unwrap());
            }
        }
    }
    assert_eq!(file.as_object().unwrap().len(), extractors::NAMES.len());
}

/// Devlin et al. (2019): the formula leaves the pooler out and is exact otherwise. Attention, 2 · 768 T² a layer, is the fused kernel's.
#[test]
fn bert_runs_what_the_audit_computes() {
    let bert = extractors::find("bert-base", Device::Cpu).unwrap();
    for tokens in [1.0, 7.0, 128.0] {
        let work = run(bert.as_ref(), 1, tokens);
        assert_eq!(work.0.forward.total() / 2, exact(macs::bert_base(tokens)) + POOLER, "{tokens} tokens");
        let positions = tokens as u64;
        assert_eq!(work.forward_macs(Family::Attention), 12 * 2 * 768 * positions * positions);
    }
    does_not_depend_on_the_batch(bert.as_ref(), 7.0);
}

/// By hand, output side² · kernel² · inputs · outputs. Stem: 112² · 49 · 3 · 64. Stages of 56, 28, 14, 7 pixels and width w 64, 128, 256, 512: a later bottleneck is s² (4w·w + 9w·w + w·4w) =
/// s² · 17 w². A first one reads `inputs` channels, and where the side halves, its first convolution still has the larger map.
fn resnet_by_hand() -> u64 {
    let mut total = 112 * 112 * 49 * 3 * 64;
    let mut inputs = 64;
    for (count, width, side) in [(3, 64, 56), (4, 128, 28), (6, 256, 14), (3, 512, 7_u64)] {
        let before = if width == 64 { side } else { 2 * side };
        let first = before * before * inputs * width + side * side * (9 * width * width + width * 4 * width + inputs * 4 * width);
        total += first + (count - 1) * side * side * 17 * width * width;
        inputs = 4 * width;
    }
    total
}

/// torchvision prints 4.09 GFLOPs (MACs) for `resnet50`; its classes are 2048 · 1000 of them. The audit's fact is that number rounded.
#[test]
fn resnet_runs_what_the_audit_knows() {
    let resnet = extractors::find("resnet-50", Device::Cpu).unwrap();
    let one = counted(resnet.as_ref(), 1, 1.0);
    assert_eq!(one, resnet_by_hand());
    let with_classes = one + 2048 * 1000;
    assert_eq!((with_classes as f64 / 1e7).round() / 100.0, 4.09);
    assert_eq!((with_classes as f64 / 1e8).round() / 10.0, macs::resnet50(1.0));
    does_not_depend_on_the_batch(resnet.as_ref(), 1.0);
    // A frame more is an image more.
    assert_eq!(counted(resnet.as_ref(), 1, 3.0), 3 * one);
}

/// Baevski et al. (2020): the formula counts the frames that are kept.
#[test]
fn wav2vec_runs_what_the_audit_computes_and_one_frame_that_is_cut() {
    let wav2vec = extractors::find("wav2vec2-base", Device::Cpu).unwrap();
    for seconds in [0.025, 0.1, 1.0] {
        assert_eq!(counted(wav2vec.as_ref(), 1, seconds), exact(macs::wav2vec2_base(seconds)) + CUT_FRAME, "{seconds} s");
    }
    does_not_depend_on_the_batch(wav2vec.as_ref(), 0.1);
}

/// DEF+AAF, Tables 8 and 20: a batch of 64 through BERT-base, ResNet-50 and wav2vec 2.0, printed as 12.3 GFLOPs of feature extraction. With 128 tokens, one frame and 4.5 s of speech a
/// sample executes 47.4 GMACs, and the batch 3.03 TMACs or 6.07 TFLOPs: 247 times as much in MACs, 493 in FLOPs. One sample of it already takes four times the printed number.
#[test]
fn a_batch_of_64_through_three_extractors_is_not_12_gflops() {
    let of = |name, size| counted(extractors::find(name, Device::Cpu).unwrap().as_ref(), 1, size);
    let sample = of("bert-base", 128.0) + of("resnet-50", 1.0) + of("wav2vec2-base", 4.5);
    let by_hand = exact(macs::bert_base(128.0)) + POOLER + resnet_by_hand() + exact(macs::wav2vec2_base(4.5)) + CUT_FRAME;
    assert_eq!(sample, by_hand);
    let batch = 64 * sample;
    println!("a sample: {sample} MACs; a batch of 64: {batch} MACs, {} FLOPs", 2 * batch);
    let printed = 12.3e9;
    assert_eq!((batch as f64 / printed).round(), 247.0);
    assert_eq!((2.0 * batch as f64 / printed).round(), 493.0);
    assert!(sample as f64 > 3.8 * printed);
}
