//! Arrays and archives of NumPy: `fixtures/npy/make.py` wrote them with NumPy 1.26.4 and 2.4.6, and the expected values stand there.

mod hostile;

use std::sync::Arc;

use bench_readers::{Data, Dtype, Element, Node, NpzWriter, Order, ReadError, Source};
use hostile::{changed, changes, fixture, of, refusal, survive, tree};
use proptest::prelude::*;

const CUBE: &str = "npy/cube.npy";

fn reals(name: &str) -> Vec<f64> {
    tree(name).root().reals().unwrap()
}

#[test]
fn numbers_of_both_numpy_versions_stay_in_the_file() {
    for version in ["", "v2_"] {
        for name in ["cube", "fortran"] {
            let tree = tree(&format!("npy/{version}{name}.npy"));
            let array = tree.root().array().unwrap();
            assert_eq!(array.shape, [2, 3, 4]);
            assert_eq!(array.order, if name == "cube" { Order::RowMajor } else { Order::ColumnMajor });
            assert!(matches!(array.data, Data::Span(128)), "{:?}", array.data);
            assert_eq!(array.reals("cube", 0..2).unwrap(), (0..24).map(|at| f64::from(at) / 4.0).collect::<Vec<_>>());
            assert_eq!(array.reals("cube", 1..2).unwrap(), (12..24).map(|at| f64::from(at) / 4.0).collect::<Vec<_>>());
        }
    }
}

#[test]
fn elements_of_every_type_are_read() {
    assert_eq!(reals("npy/big_endian.npy"), [1.0, -2.0, 300.0, -400.0]);
    assert_eq!(reals("npy/truths.npy"), [1.0, 0.0, 1.0]);
    // 6e-8 is the smallest positive half, 2^-24.
    assert_eq!(reals("npy/half.npy"), [1.5, f64::NEG_INFINITY, 2f64.powi(-24)]);
    assert_eq!(reals("npy/large.npy"), [18_446_744_073_709_551_615.0, 9_223_372_036_854_775_808.0]);
    assert_eq!(reals("npy/scalar.npy"), [2.5]);
    assert_eq!(tree("npy/scalar.npy").root().array().unwrap().shape, [0; 0]);
    assert_eq!(tree("npy/empty.npy").root().array().unwrap().shape, [0, 5]);
    assert_eq!(reals("npy/empty.npy"), [0.0; 0]);
    for name in ["words", "v2_words"] {
        assert_eq!(tree(&format!("npy/{name}.npy")).root().texts().unwrap(), ["hé", "", "abc"]);
    }
    assert_eq!(tree("npy/big_endian_words.npy").root().texts().unwrap(), ["hé", "abc"]);
    assert_eq!(tree("npy/bytes.npy").root().texts().unwrap(), ["ab", "é", ""]);
}

#[test]
fn python_objects_are_read_as_a_pickle() {
    for name in ["objects", "v2_objects"] {
        let tree = tree(&format!("npy/{name}.npy"));
        let items = tree.root().items().unwrap();
        assert_eq!(items.len(), 3);
        assert_eq!(items[0].key("a").unwrap().wholes().unwrap(), [1]);
        assert_eq!(items[1].text().unwrap(), "text");
        assert_eq!(items[2].wholes().unwrap(), [0, 1, 2]);
    }
    // The same member behind others in an archive: its values are moved behind theirs.
    let archive = tree("npy/objects.npz");
    let items = archive.root().key("objects").unwrap().items().unwrap();
    assert_eq!((items[1].text().unwrap().as_str(), items[2].wholes().unwrap()), ("text", vec![0, 1, 2]));
    let hostile = replaced(fixture("npy/objects.npy"), b"numpy.core.multiarray", b"numpy.hack.multiarray");
    let error = refusal("a.npy", hostile);
    assert!(error.starts_with("a.npy: byte ") && error.contains("numpy.hack.multiarray"), "{error}");
}

#[test]
fn headers_of_versions_2_and_3_and_of_python_2_are_read() {
    assert_eq!(reals("npy/version_2.npy"), [0.0, 1.0, 2.0]);
    assert_eq!(reals("npy/version_3.npy"), [0.0, 1.0, 2.0]);
    // NumPy of Python 2 wrote long integers with an L.
    let old = header("(2, 3, 4), }   ", "(2L, 3L, 4L), }");
    assert_eq!(of("old.npy", old).unwrap().root().array().unwrap().shape, [2, 3, 4]);
}

#[test]
fn what_has_no_place_is_refused_by_name() {
    let refused = |name: &str| refusal(name, fixture(name));
    let error = refused("npy/complex.npy");
    assert!(error.starts_with("npy/complex.npy: byte 26: found complex numbers '<c16', expected real numbers"), "{error}");
    let error = refused("npy/dates.npy");
    assert!(error.contains("dates or durations '<M8[D]'"), "{error}");
    let error = refused("npy/structured.npy");
    assert!(error.contains("the structured type [('a', '<i4'), ('b', '<f8')], expected real numbers"), "{error}");
}

/// [`CUBE`] with other text in its header, of the same length.
fn header(from: &str, to: &str) -> Vec<u8> {
    let mut bytes = fixture(CUBE);
    let place = bytes.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
    let rest = " ".repeat(from.len().saturating_sub(to.len()));
    let end = place + from.len().max(to.len());
    bytes.splice(place..end, format!("{to}{rest}").into_bytes());
    bytes
}

#[test]
fn headers_that_lie_are_refused_with_their_place() {
    let error = refusal("a.npy", header("(2, 3, 4)", "(99,3, 4)"));
    assert!(error.starts_with("a.npy: byte 128: found 96 bytes to the end of the file, expected 4752 more"), "{error}");
    let error = refusal("a.npy", header("(2, 3, 4), }  ", "(99999999999)}"));
    assert!(error.contains("expected 399999999996 more"), "{error}");
    let error = refusal("a.npy", header("(2, 3, 4), }                 ", "(99999999999, 99999999999,), }"));
    assert!(error.contains("float32 [99999999999, 99999999999], expected an array that fits"), "{error}");
    // NumPy multiplies the sizes in parts, so a zero excuses no other.
    let error = refusal("a.npy", header("(2, 3, 4), }                    ", "(0, 9999999999999,9999999999999)}"));
    assert!(error.contains("expected an array that fits"), "{error}");
    let error = refusal("a.npy", header("(2, 3, 4)", "(2, -3, )"));
    assert!(error.starts_with("a.npy: byte 64: found `-3, )"), "{error}");
    let error = refusal("a.npy", header("'<f4'", "'<x4'"));
    assert!(error.contains("found elements '<x4'"), "{error}");
    let error = refusal("a.npy", header("'shape'", "'shame'"));
    assert!(error.contains("found the key 'shame', expected 'descr', 'fortran_order' or 'shape'"), "{error}");
    let error = refusal("a.npy", header("False", "Maybe"));
    assert!(error.contains("expected True or False"), "{error}");
    let error = refusal("a.npy", header("'<f4'", "'<U0'"));
    assert!(error.contains("text of 0 [2, 3, 4], expected elements of at least one byte"), "{error}");
    let error = refusal("a.npy", [b"\x93NUMPY\x02\x00".as_slice(), &[0xff; 8]].concat());
    assert!(error.contains("a header of 4294967295 bytes, expected at most 65536"), "{error}");
    let error = refusal("a.npy", [b"\x93NUMPY\x09\x00".as_slice(), &[0xff; 8]].concat());
    assert!(error.contains("byte 6: found version 9, expected version 1, 2 or 3"), "{error}");
}

#[test]
fn members_of_archives_are_read() {
    for name in ["stored", "v2_stored"] {
        let tree = tree(&format!("npy/{name}.npz"));
        let keys: Vec<String> = tree.root().entries().unwrap().into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["cube", "ids", "label"]);
        assert_eq!(tree.root().key("cube").unwrap().reals().unwrap()[23], 5.75);
        assert_eq!(tree.root().key("ids").unwrap().texts().unwrap(), ["a", "bc"]);
        assert_eq!(tree.root().key("label").unwrap().wholes().unwrap(), [1, -1]);
    }
    for name in ["deflated", "v2_deflated"] {
        let tree = tree(&format!("npy/{name}.npz"));
        assert_eq!(tree.root().key("cube").unwrap().reals().unwrap()[23], 5.75);
        assert_eq!(tree.root().key("zeros").unwrap().reals().unwrap(), vec![0.0; 5000]);
        assert_eq!(tree.root().key("label").unwrap().wholes().unwrap(), [7]);
    }
}

#[test]
fn folders_and_notes_in_archives_are_no_arrays() {
    let tree = tree("npy/note.npz");
    let entries = tree.root().entries().unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!(tree.root().key("train/x").unwrap().reals().unwrap(), [1.0]);
    assert!(matches!(tree.root().key("readme.txt").unwrap().node(), Node::Bytes(note) if **note == *b"a note"));
}

#[test]
fn archives_that_are_no_npz_are_refused_by_reason() {
    let refused = |name: &str| refusal(name, fixture(name));
    assert!(refused("npy/twice.npz").contains("npy/twice.npz: archive: found two members of one name"));
    let error = refused("npy/bzip2.npz");
    assert!(error.contains("a.npy: found a member compressed by") && error.contains("expected members stored or deflated"), "{error}");
    let torch = replaced(fixture("npy/note.npz"), b"readme.txt", b"x/data.pkl");
    assert!(refusal("model.pt", torch).contains("model.pt: x/data.pkl: found tensors of PyTorch (torch.save)"));
}

/// Replaces all occurrences by as many bytes.
fn replaced(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let places: Vec<usize> = (0..=bytes.len() - from.len()).filter(|&at| bytes[at..].starts_with(from)).collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}

/// Places of the local (`3`) or central (`1`) headers of an archive, in order.
fn headers(bytes: &[u8], kind: u8) -> Vec<usize> {
    let mark = [b'P', b'K', kind, kind + 1];
    (0..bytes.len() - 3).filter(|&at| bytes[at..].starts_with(&mark)).collect()
}

#[test]
fn archives_that_lie_are_refused() {
    let deflated = fixture("npy/deflated.npz");
    let central = headers(&deflated, 1);
    assert_eq!(central.len(), 3);
    // Size before compression, at byte 24 of a central header.
    let mut bomb = deflated.clone();
    bomb[central[1] + 24..central[1] + 28].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
    let error = refusal("bomb.npz", bomb);
    assert!(error.contains("zeros.npy: found") && error.contains("bytes that are said to hold 2147483647, expected at most"), "{error}");
    let mut longer = deflated.clone();
    longer[central[1] + 24] ^= 1;
    assert!(refusal("a.npz", longer).contains("zeros.npy"));
    // Checksum, at byte 16.
    for name in ["npy/deflated.npz", "npy/stored.npz"] {
        let mut wrong = fixture(name);
        let at = headers(&wrong, 1)[0];
        wrong[at + 16] ^= 1;
        assert!(refusal("a.npz", wrong).contains("cube.npy: found Invalid checksum"));
    }
    // Flags, at byte 8: the first bit is encryption.
    let mut secret = deflated.clone();
    secret[central[0] + 8] |= 1;
    assert!(refusal("a.npz", secret).contains("cube.npy: found an encrypted member"));
    // Place of the local header, at byte 42: the second member's is the first's.
    let mut overlapping = fixture("npy/stored.npz");
    let central = headers(&overlapping, 1);
    overlapping[central[1] + 42..central[1] + 46].fill(0);
    assert!(refusal("a.npz", overlapping).contains("archive: found members that overlap"));
    let mut beyond = deflated;
    let at = headers(&beyond, 1)[0];
    beyond[at + 42..at + 46].copy_from_slice(&0x7000_0000_u32.to_le_bytes());
    assert!(!refusal("a.npz", beyond).is_empty());
}

#[test]
fn what_is_written_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    for deflate in [false, true] {
        let file = folder.path().join("a.npz");
        let mut writer = NpzWriter::create(&file, deflate).unwrap();
        let mut pieces = (0..3_u8).map(|row| [1.5_f32, f32::from(row)].into_iter().flat_map(f32::to_le_bytes).collect::<Vec<u8>>());
        writer.array("train/x", Dtype::F32, &[3, 2], || Ok::<_, ReadError>(pieces.next())).unwrap();
        let bytes = Dtype { element: Element::Unsigned, size: 1, big_endian: false };
        let mut once = Some(vec![255]);
        writer.array("one", bytes, &[], || Ok::<_, ReadError>(once.take())).unwrap();
        writer.array("none", Dtype::F64, &[0, 4], || Ok::<_, ReadError>(None)).unwrap();
        writer.texts("ids", &["hé", "", "abc"]).unwrap();
        writer.texts("no_ids", &[""; 0]).unwrap();
        let error = writer.texts("ids", &["again"]).unwrap_err().to_string();
        assert!(error.contains("a.npz: ids: found"), "{error}");
        writer.finish().unwrap();
        let tree = bench_readers::read(Arc::new(Source::open(&file).unwrap())).unwrap();
        assert_eq!(tree.root().key("train/x").unwrap().reals().unwrap(), [1.5, 0.0, 1.5, 1.0, 1.5, 2.0]);
        assert_eq!(tree.root().key("one").unwrap().wholes().unwrap(), [255]);
        assert_eq!(tree.root().key("none").unwrap().array().unwrap().shape, [0, 4]);
        assert_eq!(tree.root().key("ids").unwrap().texts().unwrap(), ["hé", "", "abc"]);
        assert_eq!(tree.root().key("no_ids").unwrap().texts().unwrap(), [""; 0]);
        hostile::visit(&tree).unwrap();
    }
}

#[test]
fn truncated_files_are_errors() {
    for name in [CUBE, "npy/words.npy", "npy/stored.npz", "npy/deflated.npz", "npy/note.npz", "npy/objects.npz"] {
        let whole = fixture(name);
        for length in 0..whole.len() {
            assert!(of(name, whole[..length].to_vec()).is_err(), "{name} cut at {length}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_files_are_errors_or_values(
        which in prop::sample::select(vec![CUBE, "npy/fortran.npy", "npy/words.npy", "npy/objects.npy", "npy/stored.npz", "npy/deflated.npz", "npy/note.npz", "npy/objects.npz"]),
        changes in changes(),
    ) {
        survive(changed(fixture(which), changes));
    }
}
