//! What the importers make of the files is a dataset that opens.

use std::ops::ControlFlow;

use bench_datasets::{Block, Dataset, DatasetRef, Labels};
use bench_import::{Options, assemble};

use super::*;

fn written(draft: Draft, options: &Options) -> Dataset {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    assemble(draft, options, Some(&out), &mut |_| ControlFlow::Continue(())).unwrap();
    Dataset::open(&DatasetRef::whole(out.display().to_string()), &[]).unwrap()
}

fn sample(dataset: &Dataset, modality: &str, at: usize) -> (Vec<f32>, Option<u32>) {
    match dataset.read(dataset.modality(modality).unwrap(), &[at]) {
        Block::Continuous { values, lengths } => (values, lengths.map(|lengths| lengths[0])),
        Block::Tokens { .. } => panic!("{modality} are words"),
    }
}

#[test]
fn every_file_becomes_a_dataset() {
    for (name, files) in WHOLE {
        let draft = import(name, files, 1).unwrap();
        let (ids, streams) = (draft.ids.clone(), draft.streams.len());
        let dataset = written(draft, &Options::default());
        assert_eq!((dataset.ids(), dataset.modalities().len()), (&*ids, streams), "{name} {files:?}");
        assert!(Split::ALL.iter().all(|&split| !dataset.indices(split).is_empty()), "{name} {files:?}");
    }
}

#[test]
fn mmsa_numbers_are_those_of_the_file() {
    let dataset = written(import("mmsa", &["mmsa-unaligned.pkl"], 0).unwrap(), &Options::default());
    assert_eq!(*dataset.labels(), Labels::Values(vec![-2.4, 0.0, 1.8, 0.6, -1.0, 3.0, -0.2]));
    // The file's -inf is 0, as in MMSA's loader; behind a length of 3 is nothing.
    let first = [1001.0, 1002.0, 0.0, 1012.0, 1021.0, 1022.0, 1031.0, 1032.0, 1041.0, 1042.0, 1051.0, 1052.0];
    assert_eq!(sample(&dataset, "audio", 0), (first.to_vec(), Some(6)));
    let second = [1101.0, 1102.0, 1111.0, 1112.0, 1121.0, 1122.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    assert_eq!(sample(&dataset, "audio", 1), (second.to_vec(), Some(3)));
}

#[test]
fn a_target_of_several_is_chosen() {
    let options = Options { target: Some("sad".into()), ..Options::default() };
    let dataset = written(import("mult", &["mult/iemocap_data.pkl"], 0).unwrap(), &options);
    assert_eq!(*dataset.labels(), Labels::Classes(vec![0, 0, 1, 0, 0, 0]));
}
