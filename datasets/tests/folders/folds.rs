//! Divisions of a dataset into splits: those that come with it, and those dealt here.

use std::collections::{BTreeMap, BTreeSet};

use bench_datasets::{
    Dataset, DatasetError, Labels, Split, embedded_directory,
    write::{Array, Content, FoldsEntry, GroupsEntry, KindEntry, TaskEntry, Values, write},
};
use proptest::prelude::*;

use super::support::{manifest, modality, open, refused};

/// Samples by class, group (no groups where empty) and code in the dataset's own splits.
fn content(classes: &[u8], groups: &[u8], splits: &[u8]) -> Content {
    let count = classes.len();
    let numbers = |values: &[u8]| Array { shape: vec![count], values: Values::U8(values.to_vec()) };
    let mut tensors = BTreeMap::from([
        ("label".to_owned(), numbers(classes)),
        ("split".to_owned(), numbers(splits)),
        ("x".to_owned(), Array { shape: vec![count, 1], values: Values::F32((0..count).map(|at| at as f32).collect()) }),
    ]);
    let mut lists = BTreeMap::from([("ids.txt".to_owned(), (0..count).map(|at| format!("s{at:03}")).collect())]);
    if !groups.is_empty() {
        tensors.insert("who".into(), numbers(groups));
        lists.insert("who.txt".into(), (0..=*groups.iter().max().unwrap()).map(|at| format!("g{at}")).collect());
    }
    let mut manifest = manifest(vec![modality("x", KindEntry::Vector, &[1], "f32")]);
    let names = (0..=*classes.iter().max().unwrap().max(&1)).map(|at| format!("c{at}")).collect();
    manifest.task = TaskEntry::Classification { tensor: "label".into(), classes: names };
    manifest.groups = (!groups.is_empty()).then(|| GroupsEntry { name: "actor".into(), tensor: "who".into(), names: "who.txt".into() });
    Content { manifest, tensors, lists, texts: BTreeMap::new() }
}

/// Six samples of three actors with two folds that come with them.
fn with_folds(codes: [[u8; 2]; 6]) -> Content {
    let mut content = content(&[0, 1, 0, 1, 0, 1], &[0, 0, 1, 1, 2, 2], &[0, 0, 1, 1, 2, 2]);
    content.manifest.folds = Some(FoldsEntry { tensor: "folds".into(), names: vec!["first".into(), "Ses02".into()] });
    content.tensors.insert("folds".into(), Array { shape: vec![6, 2], values: Values::U8(codes.concat()) });
    content
}

/// By hand: in `Ses02` the actors 0, 1, 2 are in test, training and validation; sample 3 is left out of `first`.
const CODES: [[u8; 2]; 6] = [[0, 2], [0, 2], [1, 0], [3, 0], [2, 1], [2, 1]];

struct Small {
    folder: tempfile::TempDir,
}

impl Small {
    fn new(content: &Content) -> Self {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), content).unwrap();
        Self { folder }
    }

    fn open(&self, query: &str) -> Result<Dataset, DatasetError> {
        Dataset::open(&format!("{}{query}", self.folder.path().display()).parse().unwrap(), &[])
    }
}

fn rows(dataset: &Dataset) -> [&[usize]; 3] {
    Split::ALL.map(|split| dataset.indices(split))
}

fn digits(query: &str) -> Result<Dataset, DatasetError> {
    Dataset::open(&format!("digits{query}").parse().unwrap(), &[embedded_directory()])
}

#[test]
fn a_predefined_fold_replaces_the_splits_and_only_them() {
    let small = Small::new(&with_folds(CODES));
    let whole = open(small.folder.path()).unwrap();
    assert_eq!(rows(&whole), [&[0, 1][..], &[2, 3], &[4, 5]]);
    assert_eq!(whole.folds(), ["first", "Ses02"]);
    let (first, second) = (small.open("?fold=first").unwrap(), small.open("?fold=Ses02").unwrap());
    assert_eq!(rows(&first), [&[0, 1][..], &[2], &[4, 5]]);
    assert_eq!(rows(&second), [&[2, 3][..], &[4, 5], &[0, 1]]);
    assert_eq!((first.base_hash(), second.base_hash()), (whole.base_hash(), whole.base_hash()));
    let hashes: BTreeSet<&str> = [whole.hash(), first.hash(), second.hash()].into();
    assert_eq!((hashes.len(), second.len(), second.reference().to_string().ends_with("?fold=Ses02")), (3, 6, true));
    let names = Dataset::predefined_folds(&small.folder.path().to_str().unwrap().parse().unwrap(), &[]).unwrap();
    assert_eq!(names, ["first", "Ses02"]);
    assert!(Dataset::predefined_folds(&"digits".parse().unwrap(), &[embedded_directory()]).unwrap().is_empty());
}

/// Features of a dataset are dealt, drawn and corrupted as it is, and are another dataset in every fold.
#[test]
fn features_have_the_folds_of_what_they_were_made_of() {
    let source = content(&[0, 1, 0, 1, 0, 1, 0, 1], &[], &[0, 0, 0, 0, 1, 1, 2, 2]);
    let raw = Small::new(&source);
    let mut features = source.clone();
    features.manifest.derived_from = Some(raw.open("").unwrap().base_hash().to_owned());
    features.manifest.name = "features".into();
    let features = Small::new(&features);
    for query in ["?folds=3&fold=1", "?folds=3&fold=2", "?folds=3&fold=3&train=1"] {
        let (raw, features) = (raw.open(query).unwrap(), features.open(query).unwrap());
        assert_eq!(rows(&raw), rows(&features));
        assert!(raw.base_hash() == features.base_hash() && raw.hash() != features.hash());
    }
}

#[test]
fn wrong_predefined_folds_are_refused_with_the_fold() {
    let change = |at: usize, fold: usize, code: u8| {
        let mut codes = CODES;
        codes[at][fold] = code;
        write(tempfile::tempdir().unwrap().path(), &with_folds(codes))
    };
    refused(change(0, 1, 4), &["data.safetensors", "tensor `folds`: row 0, number 1", "found 4", "0 to 3", "3 left out"]);
    refused(change(2, 0, 3), &["fold `first`", "no sample with code 1 (validation)"]);
    refused(change(1, 1, 0), &["fold `Ses02`", "`g0` in two splits: samples `s000` and `s001`", "every group in one split"]);
    let named = |names: &[&str]| {
        let mut content = with_folds(CODES);
        content.manifest.folds.as_mut().unwrap().names = names.iter().map(|&name| name.to_owned()).collect();
        write(tempfile::tempdir().unwrap().path(), &content)
    };
    refused(named(&["a", "a"]), &["dataset.toml", "folds.names", "`a` twice"]);
    refused(named(&["a", "b&c"]), &["folds.names", "`b&c`", "letters, digits"]);
    refused(named(&[]), &["folds.names", "found none"]);
    refused(named(&["a"]), &["tensor `folds`: shape", "found [6, 2], expected [6, 1]"]);
    let small = Small::new(&with_folds(CODES));
    refused(small.open("?fold=Ses03"), &["?fold=Ses03` cannot be made of `small`", "no fold `Ses03`; it has first, Ses02"]);
    refused(digits("?fold=1"), &["it comes with no folds"]);
}

#[test]
fn digits_by_speaker_test_everyone_once_and_keep_speakers_together() {
    let whole = digits("").unwrap();
    let groups = whole.groups().unwrap();
    let mut tested = BTreeSet::new();
    let mut parts: Vec<(usize, BTreeSet<usize>, BTreeSet<usize>)> = Vec::new();
    for fold in 1..=3 {
        let dataset = digits(&format!("?folds=3&fold={fold}&by=speaker")).unwrap();
        let speakers: [BTreeSet<u32>; 3] = rows(&dataset).map(|rows| rows.iter().map(|&row| groups.of_sample[row]).collect());
        // Six speakers of 500 clips, 50 of each digit: two a fold.
        assert_eq!(speakers.each_ref().map(BTreeSet::len), [2, 2, 2]);
        assert_eq!(speakers.iter().flatten().collect::<BTreeSet<_>>().len(), 6);
        assert_eq!(rows(&dataset).map(<[usize]>::len), [1000, 1000, 1000]);
        assert!(dataset.indices(Split::Test).iter().all(|&row| tested.insert(row)));
        assert_eq!(dataset.base_hash(), whole.base_hash());
        parts.push((fold, dataset.indices(Split::Test).iter().copied().collect(), dataset.indices(Split::Validation).iter().copied().collect()));
    }
    assert_eq!(tested.len(), whole.len());
    // What is tested next is validated on now.
    for (fold, _, validation) in &parts {
        assert_eq!(validation, &parts[fold % 3].1);
    }
}

#[test]
fn the_hash_depends_on_every_parameter_and_a_group_need_not_be_named() {
    let queries =
        ["", "?folds=3&fold=1", "?folds=3&fold=2", "?folds=4&fold=1", "?folds=3&fold=1&train=100", "?folds=3&fold=1&train=50", "?train=100"];
    let hashes: BTreeSet<String> = queries.iter().map(|query| digits(query).unwrap().hash().to_owned()).collect();
    assert_eq!(hashes.len(), queries.len());
    assert_eq!(digits("?folds=3&fold=1").unwrap().hash(), digits("?folds=3&fold=1&by=speaker").unwrap().hash());
    let few = digits("?folds=3&fold=1&train=100").unwrap();
    assert_eq!(rows(&few).map(<[usize]>::len), [100, 1000, 1000]);
    let all = digits("?folds=3&fold=1").unwrap();
    assert!(few.indices(Split::Train).iter().all(|row| all.indices(Split::Train).contains(row)));
}

#[test]
fn what_cannot_be_dealt_is_said() {
    refused(digits("?folds=7&fold=1"), &["`digits?folds=7&fold=1` cannot be made of `digits`", "6 groups (speaker), too few for 7 folds"]);
    refused(digits("?folds=3&fold=1&by=actor"), &["grouped by `speaker`", "not by `actor`", "by=speaker"]);
    refused(digits("?folds=3&fold=1&train=1001"), &["asks for 1001 training samples", "has 1000"]);
    let alone = Small::new(&content(&[0, 1, 0, 1], &[], &[0, 0, 1, 2]));
    refused(alone.open("?folds=3&fold=1&by=actor"), &["has no groups to deal by `actor`"]);
    refused(alone.open("?folds=5&fold=1"), &["4 samples, too few for 5 folds"]);
    assert!(alone.open("?folds=4&fold=4").is_ok());
}

/// Sizes 6, 4, 4, 3, 2, 2 into three parts, by hand: 6 | 4 | 4, then 3 to the first of the two smallest, and the last two to the other two: 8 | 7 | 6
/// or 6 | 7 | 8, all of one class.
#[test]
fn groups_are_dealt_largest_first_to_the_smallest_part() {
    let groups: Vec<u8> = [6, 4, 4, 3, 2, 2].iter().zip(0..).flat_map(|(&size, group)| vec![group; size]).collect();
    let splits: Vec<u8> = groups.iter().map(|&group| [0, 1, 2, 0, 0, 0][group as usize]).collect();
    let small = Small::new(&content(&vec![0; groups.len()], &groups, &splits));
    let mut sizes = [1, 2, 3].map(|fold| small.open(&format!("?folds=3&fold={fold}")).unwrap().indices(Split::Test).len());
    sizes.sort_unstable();
    assert_eq!(sizes, [6, 7, 8]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn single_samples_are_dealt_evenly_in_every_class(classes in prop::collection::vec(0_u8..3, 6..60), folds in 3_usize..6) {
        let splits: Vec<u8> = (0..classes.len()).map(|at| (at % 3) as u8).collect();
        let small = Small::new(&content(&classes, &[], &splits));
        let mut tested = vec![0; classes.len()];
        for fold in 1..=folds {
            let dataset = small.open(&format!("?folds={folds}&fold={fold}")).unwrap();
            let Labels::Classes(labels) = dataset.labels() else { unreachable!() };
            let test = dataset.indices(Split::Test);
            test.iter().for_each(|&row| tested[row] += 1);
            prop_assert!(test.len().abs_diff(classes.len() / folds) <= 1);
            for class in 0..3 {
                let (all, own) = (labels.iter().filter(|&&label| label == class).count(), test.iter().filter(|&&row| labels[row] == class).count());
                prop_assert!(own == all / folds || own == all.div_ceil(folds), "{own} of {all} in {folds}");
            }
            let mut every: Vec<usize> = rows(&dataset).concat();
            every.sort_unstable();
            prop_assert!(every.into_iter().eq(0..classes.len()));
        }
        prop_assert!(tested.iter().all(|&times| times == 1));
    }

    #[test]
    fn groups_never_cross_and_every_part_has_some(sizes in prop::collection::vec(1_usize..9, 5..12), folds in 3_usize..6) {
        let groups: Vec<u8> = sizes.iter().zip(0..).flat_map(|(&size, group)| vec![group; size]).collect();
        let classes: Vec<u8> = (0..groups.len()).map(|at| (at % 2) as u8).collect();
        let splits: Vec<u8> = groups.iter().map(|&group| group % 3).collect();
        let small = Small::new(&content(&classes, &groups, &splits));
        let mut tested = vec![0; groups.len()];
        for fold in 1..=folds {
            let dataset = small.open(&format!("?folds={folds}&fold={fold}&by=actor")).unwrap();
            let mut of_group: BTreeMap<u8, usize> = BTreeMap::new();
            for (split, rows) in rows(&dataset).into_iter().enumerate() {
                prop_assert!(!rows.is_empty());
                prop_assert!(rows.iter().all(|&row| *of_group.entry(groups[row]).or_insert(split) == split));
            }
            dataset.indices(Split::Test).iter().for_each(|&row| tested[row] += 1);
        }
        prop_assert!(tested.iter().all(|&times| times == 1));
    }
}
