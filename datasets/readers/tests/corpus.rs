//! Every file of the fuzzer's corpus, given to its reader: nothing may panic. `datasets/fuzz/README.md` says where they come from.

#[path = "../../fuzz/src/lib.rs"]
mod fuzz;

use std::{collections::BTreeSet, fs, path::Path, sync::Arc};

use bench_readers::{ReadError, Source, Tree};

type Reader = fn(Arc<Source>) -> Result<Tree, ReadError>;

/// The targets and what they call.
const TARGETS: [(&str, Reader); 1] = [("pickle", bench_readers::pickle::read)];

#[test]
fn every_file_of_the_corpus_is_an_error_or_a_value() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    let folders: BTreeSet<String> = fs::read_dir(&corpus).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(folders, TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect(), "folders of the corpus against the targets here");
    for (name, read) in TARGETS {
        let mut files = 0;
        for entry in fs::read_dir(corpus.join(name)).unwrap() {
            fuzz::feed(read, &fs::read(entry.unwrap().path()).unwrap());
            files += 1;
        }
        assert!(files > 0, "no files for `{name}`");
    }
}
