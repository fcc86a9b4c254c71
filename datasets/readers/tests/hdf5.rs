//! HDF5 files written by h5py and hdf5storage (`fixtures/hdf5.py`). Expected values are those of that script.

use std::{path::Path, sync::Arc};

use bench_readers::{Data, Element, Node, Order, Source, Tree, View};
use proptest::prelude::*;

#[path = "../../fuzz/src/walk.rs"]
mod fuzz;

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/hdf5").join(name)).unwrap()
}

fn open(name: &str) -> Tree {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/hdf5").join(name);
    bench_readers::read(Arc::new(Source::open(&file).unwrap())).unwrap()
}

/// Keys separated by slashes.
fn at<'a>(tree: &'a Tree, path: &str) -> View<'a> {
    path.split('/').fold(tree.root(), |view, key| view.key(key).unwrap())
}

/// 0, 0.5, 1, …
fn series(count: usize) -> Vec<f64> {
    (0..count).map(|at| at as f64 * 0.5).collect()
}

const BOTH: [&str; 2] = ["earliest.h5", "latest.h5"];

#[test]
fn all_types_of_numbers_are_read_from_old_and_new_files() {
    for file in BOTH {
        let tree = open(file);
        for code in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">f4", ">i2"] {
            let view = at(&tree, &format!("types/{code}"));
            let array = view.array().unwrap();
            assert_eq!(array.shape, [2, 3], "{file} {code}");
            assert!(matches!(array.data, Data::Span(_)), "{file} {code} stays in the file");
            assert_eq!(view.reals().unwrap(), [0.0, 1.0, 2.0, 3.0, 4.0, 100.0], "{file} {code}");
        }
        let truth = at(&tree, "types/?");
        assert_eq!(truth.array().unwrap().dtype.element, Element::Bool);
        assert_eq!(truth.wholes().unwrap(), [0, 1, 1, 1, 1, 1]);
        assert_eq!(at(&tree, "types/largest").reals().unwrap(), [u64::MAX as f64]);
        assert_eq!(at(&tree, "types/lowest").wholes().unwrap(), [i64::MIN]);
        let pairs = at(&tree, "types/pairs");
        assert_eq!((pairs.array().unwrap().shape.clone(), pairs.reals().unwrap()), (vec![2, 2, 3], series(12)));
    }
}

#[test]
fn all_layouts_and_filters_are_read() {
    for file in BOTH {
        let tree = open(file);
        assert_eq!(at(&tree, "layouts/contiguous").reals().unwrap(), series(12));
        assert_eq!(at(&tree, "layouts/scalar").reals().unwrap(), [2.5]);
        assert_eq!(at(&tree, "layouts/empty").array().unwrap().shape, [0, 5]);
        assert!(at(&tree, "layouts/empty").reals().unwrap().is_empty());
        assert!(matches!(at(&tree, "layouts/null").node(), Node::None));
        assert_eq!(at(&tree, "layouts/all").reals().unwrap(), series(70));
    }
    let tree = open("latest.h5");
    for name in ["chunked", "half", "growing", "growing-both"] {
        let view = at(&tree, &format!("layouts/{name}"));
        assert_eq!((view.array().unwrap().shape.clone(), view.reals().unwrap()), (vec![10, 7], series(70)), "{name}");
    }
    assert_eq!(at(&tree, "layouts/one").wholes().unwrap(), [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
    assert_eq!(at(&tree, "layouts/deep").reals().unwrap(), series(60));
    assert_eq!(at(&tree, "layouts/unwritten").reals().unwrap(), [7.0; 6]);
    assert_eq!(at(&tree, "layouts/sparse").wholes().unwrap(), [-1, -1, -1, -1, 1, 2, 3, 4, -1, -1, -1, -1]);
}

#[test]
fn some_rows_of_chunks_are_the_same_rows() {
    for file in BOTH {
        let tree = open(file);
        let array = at(&tree, "layouts/all").array().unwrap();
        assert!(matches!(array.data, Data::Lazy(_)));
        for (from, to) in [(0, 1), (3, 5), (7, 10), (10, 10), (2, 2)] {
            assert_eq!(array.reals("all", from..to).unwrap(), series(70)[from * 7..to * 7]);
        }
    }
    let tree = open("latest.h5");
    assert_eq!(at(&tree, "layouts/deep").array().unwrap().reals("deep", 3..4).unwrap(), series(60)[36..48]);
    assert_eq!(at(&tree, "layouts/half").array().unwrap().reals("half", 9..10).unwrap(), series(70)[63..]);
}

#[test]
fn texts_and_ragged_arrays_are_read() {
    for file in BOTH {
        let tree = open(file);
        assert_eq!(at(&tree, "texts/word").text().unwrap(), "héllo");
        assert_eq!(at(&tree, "texts/words").texts().unwrap(), ["one", "", "drei", "one"]);
        assert_eq!(at(&tree, "texts/fixed").texts().unwrap(), ["ab", "cde"]);
    }
    let tree = open("latest.h5");
    let grid: Vec<Vec<String>> = at(&tree, "texts/grid").items().unwrap().iter().map(|row| row.texts().unwrap()).collect();
    assert_eq!(grid, [["a", "b"], ["c", "d"]]);
    assert_eq!(at(&tree, "texts/packed").texts().unwrap(), ["x", "yy", "zzz"]);
    let ragged: Vec<Vec<f64>> = at(&tree, "texts/ragged").items().unwrap().iter().map(|row| row.reals().unwrap()).collect();
    assert_eq!(ragged, [vec![1.0, 2.0, 3.0], vec![4.0]]);
}

#[test]
fn keys_stand_as_h5py_lists_them() {
    let keys = |tree: &Tree, path: &str| -> Vec<String> { at(tree, path).entries().unwrap().into_iter().map(|(key, _)| key).collect() };
    for file in BOTH {
        // sorted(…) in Python.
        let names = [">f4", ">i2", "?", "f2", "f4", "f8", "i1", "i2", "i4", "i8", "largest", "lowest", "pairs", "u1", "u2", "u4", "u8"];
        assert_eq!(keys(&open(file), "types"), names, "{file}");
    }
    let made = ["train", "valid", "test", "x9", "x8", "x7", "x6", "x5", "x4", "x3", "x2", "x1"];
    assert_eq!(keys(&open("latest.h5"), "ordered"), made);
}

#[test]
fn links_lead_to_the_same_objects() {
    for file in BOTH {
        let tree = open(file);
        assert_eq!(at(&tree, "other/same").reals().unwrap(), series(12));
        let items = at(&tree, "other/references").items().unwrap();
        assert_eq!(items[0].reals().unwrap(), [0.0, 1.0, 2.0, 3.0, 4.0, 100.0]);
        assert_eq!(items[1].key("contiguous").unwrap().reals().unwrap(), series(12));
    }
}

#[test]
fn what_is_not_read_says_so_and_spoils_nothing_else() {
    let tree = open("latest.h5");
    let said = |path: &str| at(&tree, path).reals().unwrap_err().to_string();
    assert!(
        said("other/compound").contains("other.compound: found a compound of r, i [2], expected an array of numbers"),
        "{}",
        said("other/compound")
    );
    assert!(said("other/soft").contains("found a soft link to /layouts/contiguous []"), "{}", said("other/soft"));
    assert!(said("other/away").contains("found a link to /x in other.h5 []"), "{}", said("other/away"));
    assert!(said("layouts/lzf").contains("found elements compressed with lzf [10]"), "{}", said("layouts/lzf"));
    assert!(said("other/type").contains("neither a group nor a dataset"), "{}", said("other/type"));
}

#[test]
fn matlab_axes_cells_text_and_structs_are_read() {
    let tree = open("matlab.mat");
    let keys: Vec<String> = tree.root().entries().unwrap().into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["X", "deep", "flag", "name", "none", "opt", "views"]);
    let x = at(&tree, "X").array().unwrap();
    assert_eq!((x.shape.clone(), x.order, x.reals("X", 0..2).unwrap()), (vec![2, 3], Order::ColumnMajor, series(6)));
    let deep = at(&tree, "deep").array().unwrap();
    assert_eq!((deep.shape.clone(), deep.reals("deep", 1..2).unwrap()), (vec![2, 3, 4], series(24)[12..].to_vec()));
    let views = at(&tree, "views").items().unwrap();
    assert_eq!((views[0].reals().unwrap(), views[1].array().unwrap().shape.clone()), (series(6), vec![3, 3]));
    assert_eq!(at(&tree, "name").text().unwrap(), "digits");
    assert_eq!(at(&tree, "flag").array().unwrap().dtype.element, Element::Bool);
    assert_eq!(at(&tree, "none").array().unwrap().shape, [0, 3]);
    assert_eq!(at(&tree, "opt/kind").text().unwrap(), "mel");
    assert_eq!(at(&tree, "opt/rate").reals().unwrap(), [16_000.0]);
}

fn refused(bytes: Vec<u8>) -> String {
    match bench_readers::hdf5::read(Arc::new(Source::memory("x.h5", bytes))) {
        // A tree shows all of its bytes.
        Ok(_) => panic!("a file that should be refused was read"),
        Err(error) => error.to_string(),
    }
}

/// Where the entries of old groups begin: 40 bytes each, with the name's offset and the object's address first.
fn entries(bytes: &[u8]) -> Vec<usize> {
    let nodes = (0..bytes.len() - 8).filter(|&at| bytes[at..].starts_with(b"SNOD"));
    nodes.flat_map(|at| (0..usize::from(bytes[at + 6])).map(move |entry| at + 8 + 40 * entry)).collect()
}

fn put(bytes: &mut [u8], at: usize, value: u64) {
    bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
}

#[test]
fn names_that_are_shared_do_not_multiply() {
    let mut bytes = bytes("earliest.h5");
    let end = bytes.len() as u64;
    bytes.resize(bytes.len() + 200_000, b'a');
    bytes.push(0);
    // Every group but the root, which comes first, has this one name only: a heap is signature and version (8 bytes), size, free list, address.
    for at in (0..end as usize - 8).filter(|&at| bytes[at..].starts_with(b"HEAP")).skip(1).collect::<Vec<_>>() {
        put(&mut bytes, at + 8, 200_001);
        put(&mut bytes, at + 24, end);
    }
    entries(&bytes).into_iter().skip(4).for_each(|at| put(&mut bytes, at, 0));
    assert!(refused(bytes).contains("found names and texts that are longer in all than the file"));
}

#[test]
fn a_group_in_itself_is_refused() {
    let mut bytes = bytes("earliest.h5");
    // The superblock's entry of the root group: 24 bytes of numbers, four addresses, then name and address.
    let root = u64::from_le_bytes(bytes[64..72].try_into().unwrap());
    entries(&bytes).into_iter().for_each(|at| put(&mut bytes, at + 8, root));
    let error = refused(bytes);
    assert!(error.contains("found a value that contains itself"), "{error}");
}

#[test]
fn more_elements_than_the_file_can_hold_are_refused() {
    let whole = bytes("earliest.h5");
    // Axes, and how far they may grow, of `layouts/all`, compressed, and of `layouts/contiguous`.
    for (axes, limit) in [([10_u64, 7], "a file of this size can hold"), ([3, 4], "undamaged HDF5")] {
        let pattern = [axes[0].to_le_bytes(), axes[1].to_le_bytes()].concat().repeat(2);
        let at = whole.windows(32).position(|bytes| bytes == pattern).unwrap();
        for (rows, expected) in [(1_u64 << 60, "a file of this size can hold"), (1 << 22, limit)] {
            let mut bytes = whole.clone();
            put(&mut bytes, at, rows);
            let error = refused(bytes);
            assert!((error.contains(": layouts.") || error.contains(": other.same:")) && error.contains(expected), "{error}");
        }
    }
}

#[test]
fn files_cut_anywhere_are_errors() {
    for name in ["earliest.h5", "latest.h5", "matlab.mat"] {
        let whole = bytes(name);
        for end in (0..whole.len()).step_by(97) {
            fuzz::feed(bench_readers::hdf5::read, &whole[..end]);
        }
        let error = bench_readers::hdf5::read(Arc::new(Source::memory("cut.h5", whole[..whole.len() / 2].to_vec()))).unwrap_err().to_string();
        assert!(error.starts_with("cut.h5: ") && error.contains("expected"), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_are_errors_or_values(
        name in prop::sample::select(vec!["earliest.h5", "latest.h5", "matlab.mat"]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..12),
    ) {
        let mut bytes = bytes(name);
        for (place, value, kind) in changes {
            let place = place.index(bytes.len());
            match kind {
                0 => bytes[place] = value,
                1 => bytes[place] ^= 1 << (value % 8),
                2 => bytes.insert(place, value),
                _ => drop(bytes.remove(place)),
            }
        }
        fuzz::feed(bench_readers::hdf5::read, &bytes);
    }
}
