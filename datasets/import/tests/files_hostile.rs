//! Fixtures in which bytes are flipped, cut out or put in: an importer answers with an error or a draft, whose rows answer with an error or numbers. It never
//! panics.

#[path = "../../fuzz/src/lists.rs"]
mod fuzz;

use std::{fs, path::Path};

use fuzz::{CASES, fixture};
use proptest::prelude::*;

/// Cases whose file is there: the last one's is a spec, which `any_text_is_a_spec_or_an_error` makes.
const FILES: usize = CASES.len() - 1;

#[test]
fn every_file_of_the_fuzzers_corpus_is_an_error_or_a_draft() {
    let files: Vec<_> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/import")).unwrap().collect();
    assert!(files.len() >= CASES.len(), "a file for each case");
    for file in files {
        fuzz::choose(&fs::read(file.unwrap().path()).unwrap());
    }
}

/// A change at a place (as a share of the file) with a byte.
fn change(bytes: &mut Vec<u8>, kind: u8, place: f64, byte: u8) {
    let at = ((bytes.len() as f64 * place) as usize).min(bytes.len().saturating_sub(1));
    match kind {
        0 => bytes[at] ^= byte.max(1),
        1 => bytes.truncate(at.max(1)),
        2 => bytes.insert(at, byte),
        _ => drop(bytes.drain(at..(at + usize::from(byte) / 8 + 1).min(bytes.len() - 1).max(at))),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn changed_files_do_not_panic(case in 0..FILES, changes in prop::collection::vec((0..4_u8, 0.0..1.0, any::<u8>()), 1..4)) {
        let mut bytes = fs::read(fixture(CASES[case].1)).unwrap();
        for (kind, place, byte) in changes {
            change(&mut bytes, kind, place, byte);
        }
        fuzz::import(CASES[case], &bytes);
    }

    #[test]
    fn any_text_is_a_spec_or_an_error(text in "(\\[\\[(modalities|targets|files|groups)\\]\\]\n|(name|from|ids|kind|shape|lengths|range) = ('scan'|'spec.npz'|\\[1, 2\\]|3|\\{ train = 'scan' \\})\n){0,12}") {
        fuzz::import(CASES[FILES], text.as_bytes());
    }
}
