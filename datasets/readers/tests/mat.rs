//! MATLAB files: `fixtures/mat/make.py` wrote them with SciPy 1.17.1, and the expected values stand there; `scipy.io.loadmat` gives the same.

mod hostile;

use bench_readers::{Data, Order, Tree};
use hostile::{changed, changes, fixture, of, refusal, survive, tree};
use proptest::prelude::*;

const PLAIN: &str = "mat/plain_row.mat";
const PACKED: &str = "mat/compressed_row.mat";
const BIG: &str = "mat/big_endian.mat";
const WRITTEN: [&str; 4] = [PLAIN, PACKED, "mat/plain_column.mat", "mat/compressed_column.mat"];

fn reals(tree: &Tree, name: &str) -> Vec<f64> {
    tree.root().key(name).unwrap().reals().unwrap()
}

#[test]
fn numbers_of_every_type_are_read() {
    for file in WRITTEN {
        let tree = tree(file);
        let cube = tree.root().key("cube").unwrap().array().unwrap();
        assert_eq!((&*cube.shape, cube.order), ([2, 3, 4].as_slice(), Order::ColumnMajor));
        assert_eq!(cube.reals("cube", 0..2).unwrap(), (0..24).map(f64::from).collect::<Vec<_>>());
        assert_eq!(cube.reals("cube", 1..2).unwrap(), (12..24).map(f64::from).collect::<Vec<_>>());
        assert_eq!(tree.root().key("Y").unwrap().array().unwrap().describe(), "uint8 [3, 1]");
        assert_eq!(tree.root().key("Y").unwrap().wholes().unwrap(), [1, 2, 3]);
        let vector = if file.ends_with("row.mat") { [1, 3] } else { [3, 1] };
        assert_eq!(tree.root().key("label").unwrap().array().unwrap().shape, vector);
        assert_eq!(reals(&tree, "label"), [3.0, 1.0, 2.0]);
        assert_eq!(tree.root().key("large").unwrap().wholes().unwrap(), [-(1 << 62)]);
        assert_eq!(reals(&tree, "huge"), [18_446_744_073_709_551_615.0]);
        assert_eq!(reals(&tree, "short"), [-300.0, 300.0]);
        assert_eq!(tree.root().key("mask").unwrap().array().unwrap().describe(), "bool [1, 2]");
        assert_eq!(reals(&tree, "mask"), [1.0, 0.0]);
        assert_eq!(tree.root().key("none").unwrap().array().unwrap().shape, [0, 0]);
        assert_eq!(reals(&tree, "none"), [0.0; 0]);
    }
}

#[test]
fn arrays_stay_in_files_that_are_not_compressed() {
    let tree = tree(PLAIN);
    let cube = tree.root().key("cube").unwrap().array().unwrap();
    assert!(matches!(cube.data, Data::Span(_)));
    assert_eq!(cube.source.len(), fixture(PLAIN).len() as u64);
}

#[test]
fn text_cells_and_structs_are_read() {
    for file in WRITTEN {
        let tree = tree(file);
        let root = tree.root();
        assert_eq!(root.key("text").unwrap().text().unwrap(), "héllo");
        assert_eq!(root.key("names").unwrap().texts().unwrap(), ["ab", "cde"]);
        assert_eq!(root.key("nothing").unwrap().text().unwrap(), "");
        let views = root.key("X").unwrap().items().unwrap();
        assert_eq!(views[0].reals().unwrap(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(views[1].reals().unwrap(), [1.5, -2.0]);
        assert_eq!((views.len(), &*views[2].array().unwrap().shape), (3, [0, 4].as_slice()));
        let grid = root.key("grid").unwrap();
        assert_eq!(grid.describe(), "objects [2, 3]");
        assert_eq!(grid.texts().unwrap(), ["r0c0", "r1c0", "r0c1", "r1c1", "r0c2", "r1c2"]);
        let info = root.key("info").unwrap();
        assert_eq!(info.key("dims").unwrap().wholes().unwrap(), [20, 59]);
        assert_eq!(info.key("inner").unwrap().key("deep").unwrap().text().unwrap(), "yes");
        assert_eq!(info.key("a_field_name_of_more_than_thirty_one_letters").unwrap().reals().unwrap(), [1.0]);
        let people = root.key("people").unwrap().items().unwrap();
        assert_eq!((people[0].key("name").unwrap().text().unwrap().as_str(), people.len()), ("Ann", 2));
        assert_eq!(people[1].key("age").unwrap().wholes().unwrap(), [40]);
    }
}

#[test]
fn zeros_of_sparse_matrices_are_made_for_any_rows() {
    for file in WRITTEN {
        let tree = tree(file);
        let counts = tree.root().key("counts").unwrap().array().unwrap();
        let dense = [1.5, 0.0, 0.0, 0.0, 0.0, 3.0, 0.0, 0.0, 0.0, -2.0, 0.0, 0.0];
        // scipy.sparse.csc_matrix(([1.5, -2, 3], ([0, 3, 2], [0, 0, 2])), (4, 3)).toarray()
        let dense = [&dense[..3], &[0.0; 3], &[0.0, 0.0, 3.0], &dense[9..]].concat();
        assert_eq!(counts.shape, [4, 3]);
        for (start, end) in [(0, 4), (2, 4), (0, 1), (3, 4), (1, 1)] {
            assert_eq!(counts.reals("counts", start..end).unwrap(), dense[start * 3..end * 3]);
        }
        assert_eq!(reals(&tree, "flags").iter().sum::<f64>(), 3.0);
    }
}

#[test]
fn big_endian_files_are_read() {
    let tree = tree(BIG);
    for name in ["narrow", "packed"] {
        assert_eq!(tree.root().key(name).unwrap().array().unwrap().describe(), "int16 [2, 2]");
        assert_eq!(reals(&tree, name), [1.0, 3.0, -2.0, 400.0]);
    }
    assert_eq!(reals(&tree, "real"), [0.5, -1e300]);
    assert_eq!(tree.root().key("word").unwrap().text().unwrap(), "abc");
    assert_eq!(tree.root().key("smile").unwrap().text().unwrap(), "\u{1f600}");
}

#[test]
fn what_has_no_place_says_what_it_is_when_it_is_asked_for() {
    let tree_of = |name: &str, key: &str| tree(name).root().key(key).unwrap().reals().unwrap_err().to_string();
    let error = tree_of(PLAIN, "waves");
    assert!(error.starts_with("mat/plain_row.mat: waves: found complex numbers") && error.contains("expected an array of numbers"), "{error}");
    assert!(tree_of(BIG, "handle").contains("handle: found a MATLAB function"));
    assert!(tree_of(BIG, "thing").contains("thing: found an object of a MATLAB class"));
}

/// A little-endian element that is not small.
fn element(kind: u32, data: &[u8]) -> Vec<u8> {
    let mut bytes = [kind.to_le_bytes(), (data.len() as u32).to_le_bytes()].concat();
    bytes.extend(data);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes
}

fn words(words: &[i32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// A variable `a` of a class, with what stands behind its name.
fn matrix(class: i32, sizes: &[i32], rest: &[Vec<u8>]) -> Vec<u8> {
    element(14, &[element(6, &words(&[class, 0])), element(5, &words(sizes)), element(1, b"a"), rest.concat()].concat())
}

fn file(elements: &[u8]) -> Vec<u8> {
    let mut bytes = b"MATLAB 5.0 MAT-file".to_vec();
    bytes.resize(124, b' ');
    bytes.extend([0, 1, b'I', b'M']);
    bytes.extend(elements);
    bytes
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut encoder, bytes).unwrap();
    let data = encoder.finish().unwrap();
    [words(&[15, data.len() as i32]), data].concat()
}

#[test]
fn files_that_lie_are_refused_with_their_place() {
    let refused = |elements: &[u8]| refusal("a.mat", file(elements));
    let doubles = |count: usize| element(9, &vec![0; 8 * count]);
    assert!(of("a.mat", file(&matrix(6, &[2, 2], &[doubles(4)]))).is_ok());
    let error = refused(&matrix(6, &[2, 3], &[doubles(4)]));
    assert!(error.starts_with("a.mat: byte 192: found 32 bytes, expected as many as float64 [2, 3] has"), "{error}");
    assert!(refused(&matrix(6, &[-1, 3], &[doubles(4)])).contains("found sizes [-1, 3], expected none below zero"));
    assert!(refused(&matrix(6, &[i32::MAX; 9], &[doubles(4)])).contains("expected as many as float64"));
    assert!(refused(&matrix(6, &[0, i32::MAX, i32::MAX, i32::MAX], &[])).contains("expected an array that fits into a file"));
    assert!(refused(&matrix(6, &[1; 70], &[])).contains("found 70 axes, expected 1 to 64"));
    assert!(refused(&matrix(1, &[i32::MAX, 1], &[])).contains("found room for 0 values, expected 2147483647"));
    assert!(refused(&matrix(1, &[i32::MAX; 9], &[])).contains("expected more than any file holds"));
    let fields = |names: &[u8]| [element(5, &words(&[4])), element(1, names)].concat();
    assert!(refused(&matrix(2, &[i32::MAX, 1], &[fields(b"")])).contains("found elements without fields"));
    assert!(refused(&matrix(2, &[i32::MAX, 1], &[fields(b"ab\0\0")])).contains("found room for 0 values"));
    assert!(refused(&matrix(99, &[1, 1], &[])).contains("found class 99, expected a class from 1 to 17"));
    assert!(refused(&element(77, b"")).contains("a.mat: byte 128: found an element of type 77"));
    assert!(refused(&words(&[14, i32::MAX])).contains("found 0 bytes to the end, expected 2147483647 more"));
    let twice = matrix(6, &[1, 1], &[doubles(1)]).repeat(2);
    assert!(refused(&twice).contains("found a second variable a"));
    let mut other = file(b"");
    other[124] = 7;
    assert!(refusal("a.mat", other).contains("byte 124: found version 0x0107"));
}

#[test]
fn sparse_matrices_that_lie_are_refused() {
    let sparse = |sizes: [i32; 2], rows: &[i32], columns: &[i32], count: usize| {
        file(&matrix(5, &sizes, &[element(5, &words(rows)), element(5, &words(columns)), element(9, &vec![0; 8 * count])]))
    };
    assert!(of("a.mat", sparse([2, 2], &[0, 1], &[0, 1, 2], 2)).is_ok());
    for wrong in [
        sparse([2, 2], &[0, 2], &[0, 1, 2], 2),
        sparse([2, 2], &[0, -1], &[0, 1, 2], 2),
        sparse([2, 2], &[1, 0], &[0, 2, 2], 2),
        sparse([2, 2], &[0, 1], &[0, 2, 1], 2),
        sparse([2, 2], &[0, 1], &[0, 1, 9], 2),
        sparse([2, 2], &[0, 1], &[1, 1, 2], 2),
        sparse([2, 3], &[0, 1], &[0, 1, 2], 2),
    ] {
        assert!(refusal("a.mat", wrong).contains("that are out of order"));
    }
    assert!(refusal("a.mat", sparse([2, 2], &[0, 1], &[0, 1, 2], 1)).contains("found 8 bytes, expected 16 for 2 entries"));
    let error = refusal("a.mat", sparse([i32::MAX, 2], &[0, 1], &[0, 1, 2], 2));
    assert!(error.contains("found a sparse matrix [2147483647, 2] of 2 entries, expected at most"), "{error}");
}

#[test]
fn compressed_variables_that_lie_are_refused() {
    let variable = matrix(9, &[1, 100_000], &[element(2, &[0; 100_000])]);
    assert!(of("a.mat", file(&packed(&variable))).is_ok());
    let refused = |packed: Vec<u8>| refusal("a.mat", file(&packed));
    let mut longer = variable.clone();
    longer[4..8].copy_from_slice(&(1_u32 << 30).to_le_bytes());
    assert!(refused(packed(&longer)).contains("bytes that are said to hold 1073741824, expected at most"));
    let mut shorter = variable.clone();
    shorter[4] -= 8;
    assert!(refused(packed(&shorter)).contains("found more bytes after decompression"));
    assert!(refused(packed(&variable[..variable.len() - 8])).contains("bytes after decompression, expected"));
    let mut wrong = packed(&variable);
    let last = wrong.len() - 1;
    wrong[last] ^= 1;
    assert!(refused(wrong).contains("a.mat: byte 136: found corrupt deflate stream"));
    // Tags of empty cells compress to almost nothing.
    let cells = matrix(1, &[3_000_000, 1], &[element(14, b"").repeat(3_000_000)]);
    assert!(refused(packed(&cells)).contains("found more values, expected at most"));
}

#[test]
fn nesting_has_an_end() {
    let nested = |depth: usize| {
        let mut value = matrix(6, &[1, 1], &[element(9, &[0; 8])]);
        for _ in 0..depth {
            value = matrix(1, &[1, 1], &[value]);
        }
        file(&value)
    };
    assert!(of("a.mat", nested(63)).is_ok());
    assert!(refusal("a.mat", nested(64)).contains("found values nested more than 64 deep"));
    assert!(refusal("a.mat", nested(5000)).contains("found values nested more than 64 deep"));
}

#[test]
fn cut_files_are_errors_or_whole_variables() {
    for name in [PLAIN, PACKED, BIG] {
        let whole = fixture(name);
        let mut values = 0;
        for length in 0..whole.len() {
            values += usize::from(of(name, whole[..length].to_vec()).is_ok());
            survive(whole[..length].to_vec());
        }
        // Between variables, and in the padding behind their last piece.
        assert!(values < 100, "{name}: {values} of {}", whole.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_files_are_errors_or_values(which in prop::sample::select(vec![PLAIN, PACKED, BIG]), changes in changes()) {
        survive(changed(fixture(which), changes));
    }
}
