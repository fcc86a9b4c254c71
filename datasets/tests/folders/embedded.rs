//! The embedded datasets are what docs/datasets.md says.

use std::collections::BTreeSet;

use bench_datasets::{Block, Dataset, Kind, Labels, Normaliser, Split, Task, embedded_directory};

const NAMES: [&str; 5] = ["cremad-agree", "cremad-votes", "digits", "mfeat", "openmoji"];

fn open(reference: &str) -> Dataset {
    Dataset::open(&reference.parse().unwrap(), &[embedded_directory()]).unwrap_or_else(|error| panic!("{error}"))
}

fn classes(dataset: &Dataset, split: Split) -> Vec<usize> {
    let (Labels::Classes(labels), Task::Classification { classes }) = (dataset.labels(), dataset.task()) else { panic!("no classes") };
    let mut counts = vec![0; classes.len()];
    dataset.indices(split).iter().for_each(|&row| counts[labels[row] as usize] += 1);
    counts
}

#[test]
fn all_are_found_by_name() {
    assert_eq!(Dataset::available(&[embedded_directory()]).unwrap(), NAMES);
}

#[test]
fn documented_counts_hold() {
    for (name, counts, kinds) in [
        ("cremad-agree", [4092, 1148, 2202], "voice vector [6], face vector [6]"),
        ("cremad-votes", [4092, 1148, 2202], "voice vector [6], face vector [6]"),
        ("digits", [1500, 500, 1000], "audio sequence [20, 40], image image [1, 28, 28], pen vector [16]"),
        ("mfeat", [1200, 400, 400], "fac vector [216], fou vector [76], kar vector [64], mor vector [6], pix vector [240], zer vector [47]"),
        ("openmoji", [1055, 352, 351], "image image [3, 24, 24], text tokens [24]"),
    ] {
        let dataset = open(name);
        assert_eq!(Split::ALL.map(|split| dataset.indices(split).len()), counts, "{name}");
        let found: Vec<String> =
            dataset.modalities().iter().map(|modality| format!("{} {} {:?}", modality.name, modality.kind.name(), modality.kind.shape())).collect();
        assert_eq!(found.join(", "), kinds);
    }
}

#[test]
fn splits_share_no_group_and_follow_id_order() {
    for name in NAMES {
        let dataset = open(name);
        let mut seen = BTreeSet::new();
        for split in Split::ALL {
            let rows = dataset.indices(split);
            assert!(rows.iter().map(|&row| &dataset.ids()[row]).is_sorted(), "{name}");
            if let Some(groups) = dataset.groups() {
                let here: BTreeSet<u32> = rows.iter().map(|&row| groups.of_sample[row]).collect();
                assert!(seen.is_disjoint(&here), "{name}");
                seen.extend(here);
            }
        }
        assert_eq!(seen.len(), dataset.groups().map_or(0, |groups| groups.names.len()), "{name}");
    }
}

#[test]
fn test_speakers_are_never_heard_in_training() {
    let dataset = open("digits");
    let groups = dataset.groups().unwrap();
    let speakers = |split| dataset.indices(split).iter().map(|&row| groups.names[groups.of_sample[row] as usize].as_str()).collect::<BTreeSet<_>>();
    assert_eq!(speakers(Split::Test), ["lucas", "yweweler"].into());
    assert_eq!(speakers(Split::Validation), ["nicolas"].into());
    assert_eq!(speakers(Split::Train), ["george", "jackson", "theo"].into());
}

#[test]
fn emoji_words_hold_no_class_name() {
    let dataset = open("openmoji");
    let Kind::Tokens { vocabulary, .. } = &dataset.modalities()[1].kind else { panic!("text is tokens") };
    let Task::Classification { classes } = dataset.task() else { panic!("emoji have classes") };
    let removed = &dataset.provenance().removed_words;
    for word in classes.iter().flat_map(|class| class.split('-')) {
        assert!(removed.iter().any(|removed| removed == word), "`{word}` is not listed as removed");
    }
    for word in removed {
        assert!(!vocabulary.contains(word), "`{word}` is left");
    }
    assert!(vocabulary.iter().any(|word| word == "face"));
}

#[test]
fn the_unknown_word_is_trained_and_every_other_word_has_two_samples() {
    let dataset = open("openmoji");
    let Kind::Tokens { vocabulary, steps } = &dataset.modalities()[1].kind else { panic!("text is tokens") };
    let Block::Tokens { ids, .. } = dataset.read(1, dataset.indices(Split::Train)) else { panic!("text is tokens") };
    let mut samples = vec![0; vocabulary.len()];
    for sample in ids.chunks(*steps) {
        sample.iter().collect::<BTreeSet<_>>().into_iter().for_each(|&word| samples[word as usize] += 1);
    }
    assert!(samples[bench_datasets::UNKNOWN as usize] > 100);
    let rare = samples.iter().skip(2).filter(|&&count| count < 2).count();
    // Words behind the cut at 24 count for the vocabulary and are not seen here.
    assert!(rare <= 5, "{rare}");
}

#[test]
fn near_twins_of_one_cluster_lie_in_one_split_and_clusters_stay_small() {
    let groups = open("openmoji").groups().unwrap().clone();
    assert_eq!(groups.name, "cluster");
    let mut sizes = vec![0; groups.names.len()];
    groups.of_sample.iter().for_each(|&group| sizes[group as usize] += 1);
    assert!(sizes.iter().all(|&size| (1..=60).contains(&size)), "{:?}", sizes.iter().max());
}

#[test]
fn no_image_has_a_near_twin_in_another_split() {
    let dataset = open("openmoji");
    let pixels = |split| {
        let Block::Continuous { values, .. } = dataset.read(0, dataset.indices(split)) else { panic!("images are numbers") };
        values.into_iter().map(|value| (value * 255.0).round() as i32).collect::<Vec<_>>()
    };
    let size = dataset.modalities()[0].kind.numel();
    let limit = (0.1_f64.powi(2) * 255.0_f64.powi(2) * size as f64) as i32;
    let [train, validation, test] = Split::ALL.map(pixels);
    for (left, right) in [(&train, &validation), (&train, &test), (&validation, &test)] {
        for a in left.chunks(size) {
            for b in right.chunks(size) {
                let distance: i32 = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
                assert!(distance >= limit, "{distance} < {limit}");
            }
        }
    }
}

#[test]
fn both_cremad_sets_share_inputs_and_splits() {
    let (votes, agree) = (open("cremad-votes"), open("cremad-agree"));
    assert_eq!((votes.ids(), votes.groups()), (agree.ids(), agree.groups()));
    for split in Split::ALL {
        assert_eq!(votes.indices(split), agree.indices(split));
        assert_eq!(votes.read(0, votes.indices(split)), agree.read(0, agree.indices(split)));
    }
    assert_ne!(votes.hash(), agree.hash());
    let Block::Continuous { values, .. } = votes.read(1, votes.indices(Split::Test)) else { panic!("votes are numbers") };
    assert!(values.chunks(6).all(|shares| (shares.iter().sum::<f32>() - 1.0).abs() < 1e-5));
}

#[test]
fn normalised_training_features_have_mean_zero_and_deviation_one() {
    for name in NAMES {
        let dataset = open(name);
        let normaliser = Normaliser::fit(&dataset);
        for (at, modality) in dataset.modalities().iter().enumerate() {
            let Some(figures) = normaliser.of(at) else { continue };
            assert!(figures.mean.iter().chain(&figures.scale).chain(&figures.unit).all(|number| number.is_finite()), "{name}");
            assert!(figures.scale.iter().all(|&scale| scale > 0.0), "{name}");
            let mut block = dataset.read(at, dataset.indices(Split::Train));
            normaliser.apply(at, &modality.kind, &mut block);
            let Block::Continuous { values, .. } = block else { panic!("{name} has figures for tokens") };
            let count = values.len() as f64;
            let mean = values.iter().map(|&value| f64::from(value)).sum::<f64>() / count;
            let square = values.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>() / count;
            let varying = figures.unit.iter().filter(|&&unit| unit > 0.0).count() as f64 / figures.unit.len() as f64;
            assert!(mean.abs() < 1e-4 && (square - varying).abs() < 1e-3, "{name} {}: {mean} {square} {varying}", modality.name);
        }
    }
}

#[test]
fn low_data_draws_nest_are_stratified_and_keep_the_test_set() {
    let whole = open("digits");
    let draws = ["digits?train=200", "digits?train=500", "digits?train=1500"].map(open);
    for pair in draws.windows(2) {
        let larger: BTreeSet<&usize> = pair[1].indices(Split::Train).iter().collect();
        assert!(pair[0].indices(Split::Train).iter().all(|row| larger.contains(row)));
    }
    assert_eq!(classes(&draws[0], Split::Train), [20; 10]);
    assert_eq!(classes(&draws[1], Split::Train), [50; 10]);
    assert_eq!(draws[2].indices(Split::Train), whole.indices(Split::Train));
    assert_eq!(draws[0].indices(Split::Test), whole.indices(Split::Test));
    assert!(draws.iter().all(|draw| draw.base_hash() == whole.hash()));
    let hashes: BTreeSet<&str> = draws.iter().chain([&whole]).map(Dataset::hash).collect();
    assert_eq!(hashes.len(), 4);
}

#[test]
fn low_data_keeps_unequal_classes_in_proportion() {
    let (whole, few) = (open("openmoji"), open("openmoji?train=211"));
    for (all, kept) in classes(&whole, Split::Train).into_iter().zip(classes(&few, Split::Train)) {
        assert!((kept as f64 - all as f64 / 5.0).abs() <= 1.0, "{kept} of {all}");
    }
    assert_eq!(open("cremad-agree?train=100").indices(Split::Train).len(), 100);
}

#[test]
fn more_than_there_is_cannot_be_asked_for() {
    let error = Dataset::open(&"digits?train=1501".parse().unwrap(), &[embedded_directory()]).unwrap_err().to_string();
    assert_eq!(error, "`digits?train=1501` asks for 1501 training samples, but `digits` has 1500; ask for 1 to 1500");
}
