//! What corruptions do to arrays: units, clamping, padding, nesting, and what a sample's corruption depends on.

use bench_corruptions::{CorruptionError, DataAtom, Fields, apply};
use bench_datasets::{Block, Kind, Modality, PADDING, Standardisation, UNKNOWN};

const IDS: [&str; 3] = ["one", "two", "three"];

fn modality(name: &str, kind: Kind) -> Modality {
    Modality { name: name.into(), kind }
}

fn image() -> Modality {
    modality("image", Kind::Image { channels: 1, height: 16, width: 16 })
}

fn sequence() -> Modality {
    modality("audio", Kind::Sequence { steps: 4, dim: 2 })
}

fn words() -> Modality {
    modality("text", Kind::Tokens { steps: 5, vocabulary: Vec::new() })
}

fn standardisation(mean: &[f32], unit: &[f32]) -> Standardisation {
    Standardisation { mean: mean.to_vec(), scale: unit.iter().map(|unit| if *unit > 0.0 { *unit } else { 1.0 }).collect(), unit: unit.to_vec() }
}

fn continuous(values: Vec<f32>, lengths: Option<Vec<u32>>) -> Block {
    Block::Continuous { values, lengths }
}

fn values(block: &Block) -> &[f32] {
    match block {
        Block::Continuous { values, .. } => values,
        Block::Tokens { .. } => panic!("words"),
    }
}

fn noise(sigma: f64) -> [DataAtom; 1] {
    [DataAtom::Noise { modality: 0, sigma }]
}

fn mask(rate: f64) -> [DataAtom; 1] {
    [DataAtom::Mask { modality: 0, rate }]
}

#[test]
fn noise_on_an_image_is_in_pixels_and_stays_in_bounds() {
    let clean = vec![0.5_f32; 3 * 256];
    let mut block = continuous(clean, None);
    let realised = apply("dataset", 42, &IDS, (0, &image()), &noise(0.1), None, &mut block).unwrap();
    // 256 draws: the relative standard error of the root mean square is 1/√512 = 4.4 %.
    assert!(realised.per_sample.iter().all(|realised| (realised - 0.1).abs() < 0.1 * 5.0 * 0.0442), "{realised:?}");
    apply("dataset", 42, &IDS, (0, &image()), &noise(10.0), None, &mut block).unwrap();
    assert!(values(&block).iter().all(|value| (0.0..=1.0).contains(value)));
    assert!(values(&block).contains(&0.0) && values(&block).contains(&1.0));
}

#[test]
fn noise_on_features_is_in_training_standard_deviations_and_spares_constant_ones() {
    let audio = modality("audio", Kind::Vector { dim: 3 });
    let of = standardisation(&[0.0; 3], &[1.0, 100.0, 0.0]);
    let mut block = continuous(vec![0.0, 0.0, -0.0], None);
    let realised = apply("dataset", 42, &["one"], (0, &audio), &noise(0.5), Some(&of), &mut block).unwrap();
    let mut twice = continuous(vec![0.0, 0.0, -0.0], None);
    apply("dataset", 42, &["one"], (0, &audio), &noise(1.0), Some(&of), &mut twice).unwrap();
    let (half, full) = (values(&block), values(&twice));
    assert!(half[0].abs() < 5.0 && half[0] != 0.0 && half[1].abs() > 5.0 * half[0].abs().min(1.0));
    assert_eq!([full[0], full[1]], [2.0 * half[0], 2.0 * half[1]]);
    assert_eq!(half[2].to_bits(), (-0.0_f32).to_bits());
    let by_hand = ((half[0].powi(2) + (half[1] / 100.0).powi(2)) / 2.0).sqrt();
    assert!((realised.per_sample[0] - by_hand).abs() < 1e-6);
}

#[test]
fn level_zero_changes_no_bit_not_even_of_minus_zero_or_of_pixels_out_of_bounds() {
    let mut block = continuous([vec![-0.0, 2.0, -1.0], vec![0.3; 3 * 256 - 3]].concat(), None);
    let before: Vec<u32> = values(&block).iter().map(|value| value.to_bits()).collect();
    let realised = apply("dataset", 42, &IDS, (0, &image()), &noise(0.0), None, &mut block).unwrap();
    assert!(values(&block).iter().map(|value| value.to_bits()).eq(before));
    assert_eq!(realised.per_sample, [0.0; 3]);
}

#[test]
fn noise_and_masks_leave_the_padding_of_a_sequence_alone() {
    let of = standardisation(&[3.0, 4.0], &[1.0, 1.0]);
    let clean = continuous(vec![7.0; 3 * 8], Some(vec![4, 1, 0]));
    for atoms in [noise(1.0), mask(1.0)] {
        let mut block = clean.clone();
        let realised = apply("dataset", 42, &IDS, (0, &sequence()), &atoms, Some(&of), &mut block).unwrap();
        let after = values(&block);
        assert!(after[..10].iter().all(|value| *value != 7.0), "{after:?}");
        assert!(after[10..].iter().all(|value| *value == 7.0), "{after:?}");
        assert!(realised.per_sample[0] > 0.0 && realised.per_sample[2] == 0.0);
    }
}

#[test]
fn a_masked_step_is_exactly_zero_once_normalised_also_after_noise() {
    let of = standardisation(&[3.3, 4.7], &[0.7, 0.9]);
    let mut block = continuous(vec![7.0; 3 * 8], Some(vec![4, 4, 4]));
    let atoms = [DataAtom::Noise { modality: 0, sigma: 1.0 }, DataAtom::Mask { modality: 0, rate: 1.0 }];
    apply("dataset", 42, &IDS, (0, &sequence()), &atoms, Some(&of), &mut block).unwrap();
    for step in values(&block).chunks(2) {
        assert_eq!([(step[0] - of.mean[0]) / of.scale[0], (step[1] - of.mean[1]) / of.scale[1]], [0.0; 2]);
    }
}

#[test]
fn masked_words_become_unknown_and_padding_and_lengths_stay() {
    let clean = Block::Tokens { ids: vec![5, 6, 7, PADDING, PADDING, 8, PADDING, PADDING, PADDING, PADDING, 5, 5, 5, 5, 5], lengths: vec![3, 1, 5] };
    let mut block = clean.clone();
    let realised = apply("dataset", 42, &IDS, (0, &words()), &mask(1.0), None, &mut block).unwrap();
    let Block::Tokens { ids, lengths } = block else { panic!("no words") };
    assert_eq!(ids, [UNKNOWN, UNKNOWN, UNKNOWN, 0, 0, UNKNOWN, 0, 0, 0, 0, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]);
    assert_eq!(lengths, [3, 1, 5]);
    assert_eq!(realised.per_sample, [1.0; 3]);
}

#[test]
fn a_word_masked_at_a_low_rate_is_masked_at_every_higher_one() {
    let text = modality("text", Kind::Tokens { steps: 1000, vocabulary: Vec::new() });
    let fields = Fields::new("dataset", 42, &text, &["one"]);
    let mut lower: Vec<u32> = vec![5; 1000];
    for rate in [0.05, 0.1, 0.5, 0.9] {
        let mut block = Block::Tokens { ids: vec![5; 1000], lengths: vec![1000] };
        let realised = fields.apply(0, &mask(rate), None, &mut block).unwrap();
        let Block::Tokens { ids, .. } = block else { panic!("no words") };
        let masked = ids.iter().filter(|id| **id == UNKNOWN).count();
        assert_eq!(realised.per_sample, [masked as f32 / 1000.0]);
        assert!((masked as f64 - 1000.0 * rate).abs() < 5.0 * (1000.0 * rate * (1.0 - rate)).sqrt(), "{rate}: {masked}");
        assert!(lower.iter().zip(&ids).all(|(lower, id)| *lower != UNKNOWN || *id == UNKNOWN));
        lower = ids;
    }
}

#[test]
fn a_sample_is_corrupted_alike_alone_and_in_any_batch() {
    let clean: Vec<f32> = (0..3 * 256).map(|at| (at % 17) as f32 / 17.0).collect();
    let mut batch = continuous(clean.clone(), None);
    let realised = apply("dataset", 7, &IDS, (0, &image()), &noise(0.2), None, &mut batch).unwrap();
    for (at, id) in IDS.iter().enumerate() {
        let place = at * 256..(at + 1) * 256;
        let mut alone = continuous(clean[place.clone()].to_vec(), None);
        let of_alone = apply("dataset", 7, &[id], (0, &image()), &noise(0.2), None, &mut alone).unwrap();
        assert_eq!(values(&alone), &values(&batch)[place]);
        assert_eq!(of_alone.per_sample, [realised.per_sample[at]]);
    }
}

#[test]
fn atoms_of_other_modalities_change_nothing() {
    let mut block = continuous(vec![0.5; 3 * 256], None);
    let realised = apply("dataset", 7, &IDS, (1, &image()), &noise(0.2), None, &mut block).unwrap();
    assert!(values(&block).iter().all(|value| *value == 0.5));
    assert_eq!(realised.per_sample, [0.0; 3]);
}

#[test]
fn an_overflowing_unit_gives_no_infinity() {
    let audio = modality("audio", Kind::Vector { dim: 2 });
    let of = standardisation(&[0.0; 2], &[f32::MAX, f32::MAX]);
    let mut block = continuous(vec![f32::MAX, f32::MIN], None);
    apply("dataset", 7, &["one"], (0, &audio), &noise(1000.0), Some(&of), &mut block).unwrap();
    assert!(values(&block).iter().all(|value| value.is_finite()));
}

#[test]
fn blocks_statistics_and_atoms_of_another_modality_are_refused() {
    let of = standardisation(&[0.0; 2], &[1.0; 2]);
    let mut short = continuous(vec![0.0; 7], Some(vec![1, 1, 1]));
    assert!(matches!(apply("d", 7, &IDS, (0, &sequence()), &noise(1.0), Some(&of), &mut short), Err(CorruptionError::Block { .. })));
    let mut block = continuous(vec![0.0; 24], Some(vec![1, 1, 1]));
    assert!(matches!(apply("d", 7, &IDS, (0, &sequence()), &noise(1.0), None, &mut block), Err(CorruptionError::Standardisation { .. })));
    let mut ids = Block::Tokens { ids: vec![0; 15], lengths: vec![0; 3] };
    assert!(matches!(apply("d", 7, &IDS, (0, &words()), &noise(1.0), None, &mut ids), Err(CorruptionError::Kind { .. })));
    let mut pixels = continuous(vec![0.0; 3 * 256], None);
    assert!(matches!(apply("d", 7, &IDS, (0, &image()), &mask(0.5), None, &mut pixels), Err(CorruptionError::Kind { .. })));
}

#[test]
fn an_empty_batch_is_no_mistake() {
    let mut block = continuous(Vec::new(), None);
    assert_eq!(apply("d", 7, &[], (0, &image()), &noise(0.1), None, &mut block).unwrap().per_sample, [0.0; 0]);
}
