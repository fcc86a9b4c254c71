//! Every file of the fuzzer's corpus, given to its reader: nothing may panic. `datasets/fuzz/README.md` says where they come from.

#[path = "../../fuzz/src/walk.rs"]
mod fuzz;
#[path = "../../fuzz/src/media.rs"]
mod media;

use std::{collections::BTreeSet, fs, path::Path, sync::Arc};

use bench_readers::{ReadError, Source, Tree};

type Reader = fn(Arc<Source>) -> Result<Tree, ReadError>;
type Target = fn(&[u8]);

/// The targets and what they call.
const TARGETS: [(&str, Reader); 5] = [
    ("hdf5", bench_readers::hdf5::read),
    ("mat", bench_readers::mat::read),
    ("npy", bench_readers::read),
    ("pickle", bench_readers::pickle::read),
    ("safetensors", bench_readers::safetensors::read),
];
/// What the importers' own tests replay.
const ELSEWHERE: &str = "import";
/// Targets of readers that make no tree.
const MEDIA: [(&str, Target); 2] = [("image", media::look), ("sound", media::hear)];

#[test]
fn every_file_of_the_corpus_is_an_error_or_a_value() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    let folders: BTreeSet<String> = fs::read_dir(&corpus).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let names = TARGETS.iter().map(|(name, _)| *name).chain(MEDIA.iter().map(|(name, _)| *name));
    assert_eq!(folders, names.chain([ELSEWHERE]).map(str::to_owned).collect(), "folders of the corpus against the targets here");
    let feed = |name: &str, target: &dyn Fn(&[u8])| {
        let mut files = 0;
        for entry in fs::read_dir(corpus.join(name)).unwrap() {
            target(&fs::read(entry.unwrap().path()).unwrap());
            files += 1;
        }
        assert!(files > 0, "no files for `{name}`");
    };
    TARGETS.iter().for_each(|(name, read)| feed(name, &|bytes| fuzz::feed(*read, bytes)));
    MEDIA.iter().for_each(|(name, target)| feed(name, target));
}
