//! Pickles that no honest writer writes: each ends in an error that says what and where, or in a value, and never in a call, a panic, or memory beyond the file's size.

#[path = "../../fuzz/src/walk.rs"]
mod fuzz;

use std::{
    path::Path,
    sync::{Arc, LazyLock},
};

use bench_readers::{ReadError, Source, Tree, pickle};
use proptest::prelude::*;

fn read(bytes: impl Into<Vec<u8>>) -> Result<Tree, ReadError> {
    pickle::read(Arc::new(Source::memory("hostile.pickle", bytes.into())))
}

#[track_caller]
fn refused(bytes: impl AsRef<[u8]>, parts: &[&str]) {
    let bytes = bytes.as_ref();
    let error = read(bytes).map(|tree| tree.root().describe()).expect_err("refused").to_string();
    for part in parts {
        assert!(error.contains(part), "{}: {error}, without `{part}`", String::from_utf8_lossy(bytes));
    }
}

/// An opcode with its length before the bytes: `X` text, `U` a string of Python 2.
fn text(text: &str) -> Vec<u8> {
    [b"X".as_slice(), &(text.len() as u32).to_le_bytes(), text.as_bytes()].concat()
}

/// `numpy.dtype(code)` as protocol 2 writes it.
fn dtype(code: &str, state: impl AsRef<[u8]>) -> Vec<u8> {
    [b"cnumpy\ndtype\n".as_slice(), &text(code), b"K\0K\x01\x87R", state.as_ref()].concat()
}

/// An array: shape and data are opcodes.
fn array(shape: &[u8], dtype: &[u8], data: &[u8]) -> Vec<u8> {
    [b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\x01b\x87R(K\x01".as_slice(), shape, dtype, b"\x89", data, b"tb."].concat()
}

const NAMES: [(&str, &str); 18] = [
    ("os", "system"),
    ("posix", "system"),
    ("nt", "system"),
    ("subprocess", "Popen"),
    ("builtins", "eval"),
    ("builtins", "exec"),
    ("builtins", "getattr"),
    ("builtins", "__import__"),
    ("__builtin__", "apply"),
    ("builtins", "print"),
    ("numpy", "load"),
    ("numpy", "core.multiarray._reconstruct"),
    ("numpy.core", "multiarray.scalar"),
    ("numpy.core.multiarray", "fromfile"),
    ("collections", "OrderedDict.fromkeys"),
    ("torch._utils", "_rebuild_tensor_v2"),
    ("copyreg", "__newobj__"),
    ("codecs", "encode"),
];

#[test]
fn a_name_is_refused_by_every_way_to_it() {
    for (module, name) in NAMES {
        let full = format!("found the global `{module}.{name}`");
        let parts = [full.as_str(), "expected one of the names that NumPy arrays", "nothing in a file is executed: export the data as plain arrays"];
        let at = |byte: usize, opcode: &str| format!("hostile.pickle: byte {byte} ({opcode}): ");
        let global = format!("c{module}\n{name}\n(Vtouch /tmp/executed\ntR.");
        refused(&global, &[parts.as_slice(), &[&at(0, "GLOBAL")]].concat());
        let inst = format!("(Vtouch /tmp/executed\ni{module}\n{name}\n.");
        refused(&inst, &[parts.as_slice(), &[&at(22, "INST")]].concat());
        refused(format!("(c{module}\n{name}\nVtouch /tmp/executed\no."), &parts);
        for call in [b"\x81.".as_slice(), b"R.", b"}\x92."] {
            let stack = [b"\x80\x04".as_slice(), &text(module), &text(name), b"\x93)", call].concat();
            let place = at(2 + 5 + module.len() + 5 + name.len(), "STACK_GLOBAL");
            refused(&stack, &[parts.as_slice(), &[&place]].concat());
        }
    }
    assert!(!Path::new("/tmp/executed").exists());
}

#[test]
fn what_is_no_allowed_name_is_not_called_or_filled() {
    refused(b"X\x02\0\0\0osX\x06\0\0\0system)R.", &["a call of the text `system`"]);
    refused(b"K\x01)R.", &["a call of the number 1"]);
    refused(b"cnumpy\ndtype\nK\x01R.", &["found the number 1, expected a tuple of at most 8 arguments"]);
    refused(b"cbuiltins\nstr\nK\x01\x85R.", &["a call of the global `str` with 1 arguments"]);
    refused(b"cnumpy\nndarray\nK\x01\x85R.", &["a call of the global `numpy.ndarray`"]);
    refused(b"cnumpy\nfloat64\nG\0\0\0\0\0\0\0\0\x85R.", &["a call of the global `numpy.float64`"]);
    refused(b"ccollections\ndefaultdict\nK\x01\x85R.", &["a call of `collections.defaultdict`"]);
    refused(b"c_codecs\nencode\nX\x01\0\0\0aX\x05\0\0\0rot13\x86R.", &["text to be encoded as `rot13`"]);
    refused(b"c_codecs\nencode\nX\x03\0\0\0\xe2\x82\xacX\x06\0\0\0latin1\x86R.", &["a character above 255"]);
    refused(b"cnumpy.core.multiarray\n_reconstruct\ncbuiltins\nset\nK\0\x85U\x01b\x87R.", &["an array of the global `set`"]);
    refused(b"ccopyreg\n_reconstructor\ncnumpy\nndarray\ncbuiltins\nobject\nN\x87R.", &["an object of the global `numpy.ndarray`"]);
    refused(b"ccopyreg\n_reconstructor\ncbuiltins\nlist\ncbuiltins\nobject\nN\x87R}b.", &["a state of a dictionary of 0 for a list of 0"]);
    for object in [&b"]"[..], b"}", b"N", b"K\x01", b"\x8f", b"cnumpy\nndarray\n", b"ccollections\nOrderedDict\n)R"] {
        refused([object, b"}b."].concat(), &["a state of a dictionary of 0 for"]);
        refused([object, b"}}\x86b."].concat(), &["a state of 2 parts for"]);
    }
    refused(b"cnumpy.core.multiarray\n_reconstruct\n.", &["the global `numpy.core.multiarray._reconstruct` as a value"]);
    refused(b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\x01b\x87R.", &["an array without contents"]);
}

#[test]
fn instructions_that_lead_out_of_the_file_are_refused() {
    refused(b"Pstorage\n.", &["byte 0 (PERSID)", "PyTorch"]);
    refused(b"X\x01\0\0\0aQ.", &["byte 6 (BINPERSID)", "PyTorch"]);
    refused(b"\x82\x01.", &["a class by its number in a registry"]);
    refused(b"\x83\x01\0.", &["EXT2"]);
    refused(b"\x84\x01\0\0\0.", &["EXT4"]);
    refused(b"\x80\x05\x97.", &["byte 2 (NEXT_BUFFER)", "a buffer outside the file"]);
    refused(b"\x80\x05N\x98.", &["READONLY_BUFFER"]);
    refused(b"\x80\x06N.", &["found protocol 6, expected protocol 0 to 5"]);
    refused(b"N\xff.", &["byte 1 (no instruction): found byte 0xff"]);
}

#[test]
fn shapes_and_types_that_do_not_fit_are_refused() {
    let four = b"C\x04abcd";
    let f4 = dtype("f4", "");
    assert!(read(array(b"K\x01\x85", &f4, four)).is_ok());
    refused(array(b"K\x02\x85", &f4, four), &["found 4 bytes, expected 8 for float32 [2]"]);
    refused(array(b"J\xff\xff\xff\xff\x85", &f4, four), &["the number -1 in a shape"]);
    refused(array(b"U\x01a\x85", &f4, four), &["in a shape"]);
    let wide = b"\x8a\x08\0\0\0\0\x01\0\0\0";
    refused(array(&[&wide[..], wide, b"\x86"].concat(), &f4, four), &["a shape that fits into memory"]);
    refused(array(&[b"K\0", &wide[..], wide, b"\x87"].concat(), &f4, b"C\0"), &["a shape that fits into memory"]);
    refused(array(&[&wide[..], b"K\0\x86"].concat(), &f4, b"C\0"), &["an axis of 4294967296"]);
    refused(array(b"\x8a\x09\0\0\0\0\0\0\0\0\x01\x85", &f4, four), &["`18446744073709551616` in a shape"]);
    refused(array(&[b"(".to_vec(), b"K\x01".repeat(65), b"t".to_vec()].concat(), &f4, four), &["65 axes, expected at most 64"]);
    refused(array(b"N", &f4, four), &["found None, expected an array's shape"]);
    refused(array(b"K\x01\x85", b"N", four), &["found None, expected a type of elements"]);
    refused(array(b"K\x01\x85", &f4, b"]"), &["found a list of 0, expected bytes"]);
    refused(array(b"K\x01\x85", &dtype("O8", ""), four), &["found 4 bytes, expected a list of objects"]);
    refused(array(b"K\x02\x85", &dtype("O8", ""), b"]"), &["found 0 objects, expected 2 for shape [2]"]);
    for code in ["f16", "V8", "c8", "M8", "i3", "S99999999999", "U-1", "", "<", "f", "é8"] {
        refused(array(b"K\x01\x85", &dtype(code, ""), four), &[&format!("elements of type `{code}`"), "astype"]);
    }
    refused(array(b"K\x01\x85", &dtype("U1073741825", ""), four), &["expected 4294967300 for text of 1073741825 [1]"]);
    refused(array(b"M\xe8\x03\x85", &dtype("S0", ""), b"C\0"), &["expected 0 for bytes of 0 [1000]"]);
    refused(array(b"K\x01\x85", &dtype("f4", b"(K\x03U\x01<NU\x01x\x85}J\0\0\0\0J\0\0\0\0K\0tb"), four), &["elements of several fields"]);
    refused(array(b"K\x01\x85", &dtype("f4", "(K\x03U\x01<NNNK\0K\0K\0tb"), four), &["an element's size of the number 0, expected 4 bytes"]);
    refused(array(b"K\x01\x85", &dtype("f4", "(K\x03U\x01?NNNK\x04K\0K\0tb"), four), &["byte order `?`"]);
    let scalar = |data: &[u8]| [b"cnumpy.core.multiarray\nscalar\n".as_slice(), &f4, data, b"\x86R."].concat();
    assert!(read(scalar(four)).is_ok());
    refused(scalar(b"C\x03abc"), &["found 3 bytes, expected one element of type float32"]);
    refused(scalar(b"N"), &["found None, expected bytes"]);
    let buffer = |order: &[u8]| [b"cnumpy.core.numeric\n_frombuffer\n(C\x04abcd".as_slice(), &f4, b"K\x01\x85", order, b"tR."].concat();
    assert!(read(buffer(b"U\x01F")).is_ok() && read(buffer(b"U\x01KK\0\x85")).is_ok());
    refused(buffer(b"U\x01A"), &["an array in order `A`"]);
    refused(buffer(b"U\x01K"), &["an array in order `K`"]);
    refused(buffer(b"U\x01KK\x01\x85"), &["axes [1], expected each of the 1 axes once"]);
    refused(buffer(b"U\x01K)"), &["axes []"]);
}

#[test]
fn values_that_contain_themselves_are_refused() {
    refused(b"]q\0h\0a.", &["a value that contains itself"]);
    refused(b"}q\0K\x01h\0s.", &["a value that contains itself"]);
    refused(b"]q\0h\0\x85a.", &["a value that contains itself"]);
    refused(b"]q\0]q\x01h\0ah\x01a.", &["a value that contains itself"]);
    let objects = [b"]q\0".as_slice(), b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\x01b\x87Rq\x01h\0h\x010a"].concat();
    refused([objects, [b"(K\x01)".as_slice(), &dtype("O8", ""), b"\x89h\x01\x85tb."].concat()].concat(), &["hostile.pickle"]);
}

#[test]
fn a_list_filled_after_it_was_named_is_whole_everywhere() {
    let tree = read(b"]q\0h\0h\0\x87(K\x01K\x02e.".as_slice());
    assert!(tree.is_err());
    let tree = read(b"(]q\0h\0(K\x01K\x02eK\x030h\0K\x04at.".as_slice()).unwrap();
    let items = tree.root().items().unwrap();
    assert_eq!(items.iter().map(|item| item.wholes().unwrap()).collect::<Vec<_>>(), [[1, 2, 4], [1, 2, 4], [1, 2, 4]]);
}

#[test]
fn shared_lists_do_not_multiply() {
    // Ten lists of ten of the one before, forty deep: 10^40 values, had they been copied.
    let mut bytes = b"]K\x01aq\0".to_vec();
    for level in 0..40_u8 {
        bytes.extend([b"](".as_slice(), &[b'h', level].repeat(10), b"eq", &[level + 1]].concat());
    }
    bytes.push(b'.');
    let tree = read(bytes).unwrap();
    assert_eq!(tree.root().count().unwrap(), 10);
    assert!(tree.root().array().is_err());
}

#[test]
fn lengths_beyond_the_file_are_refused_before_anything_is_allocated() {
    for bytes in [
        b"T\xff\xff\xff\x7f".as_slice(),
        b"B\xff\xff\xff\xff",
        b"X\xff\xff\xff\xff",
        b"U\xff",
        b"C\x05abcd",
        b"\x8c\xff",
        b"\x8d\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x8e\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"\x96\0\0\0\0\x01\0\0\0",
        b"\x95\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x8a\x10abc",
    ] {
        refused([bytes, b"."].concat(), &["to the end of the file", "truncated or damaged"]);
    }
    refused(b"T\xff\xff\xff\xff.", &["byte 0 (BINSTRING): found a length of -1"]);
    refused(b"\x8b\xff\xff\xff\xff.", &["a length of -1"]);
    refused(b"\x8b\xff\xff\xff\x7f.", &["a whole number of 2147483647 bytes, expected at most 16"]);
    refused(format!("I{}\n.", "9".repeat(1000)), &["a whole number of at most 128 bits"]);
    refused(format!("L{}L\n.", "9".repeat(100_000)), &["a longer line, expected at most 1024 bytes"]);
    refused(format!("c{}\nx\n.", "a".repeat(5000)), &["a longer line"]);
    refused("Ione\n.", &["found `one`, expected a whole number"]);
    refused("F1,5\n.", &["found `1,5`, expected a real number"]);
    refused("Sabc\n.", &["found abc, expected a string in quotes"]);
    refused("V\\u12\n.", &["text with whole escapes"]);
}

#[test]
fn memo_numbers_allocate_nothing() {
    let far = [b"N".as_slice(), &b"r\xff\xff\xff\xff".repeat(1000), b"p18446744073709551615\n", b"j\xff\xff\xff\xff."].concat();
    assert!(read(far).is_ok());
    let spread: Vec<u8> = (0..20_000_u32).flat_map(|at| [b"r".as_slice(), &(at * 200_000).to_le_bytes()].concat()).collect();
    assert!(read([b"N".as_slice(), &spread, b"."].concat()).is_ok());
    refused(b"Nq\0h\x01.", &["byte 3 (BINGET): found memo number 1"]);
    refused(b"Np18446744073709551616\n.", &["expected a memo number"]);
    refused(b"Np-1\n.", &["found -1, expected a memo number"]);
}

#[test]
fn a_million_levels_need_no_recursion() {
    const DEEP: usize = 1_000_000;
    assert!(read([b"]".repeat(DEEP), b"a".repeat(DEEP - 1), b".".to_vec()].concat()).is_ok());
    assert!(read([b"(".repeat(DEEP), b"l".repeat(DEEP), b".".to_vec()].concat()).is_ok());
    assert!(read([b"N".to_vec(), b"\x85".repeat(DEEP), b".".to_vec()].concat()).is_ok());
    let tables = [b"}".to_vec(), b"K\x01}".repeat(DEEP), b"s".repeat(DEEP), b".".to_vec()].concat();
    assert!(read(tables).is_ok());
    assert!(read([b"]".repeat(DEEP), b"a".repeat(DEEP - 1), b".".to_vec()].concat()).unwrap().root().array().is_err());
    refused(b"(".repeat(DEEP), &["to the end of the file"]);
    refused([b"(".repeat(DEEP), b"1".repeat(DEEP + 1)].concat(), &["no mark"]);
}

#[test]
fn one_value_is_not_copied_again_and_again() {
    let list = [b"](".to_vec(), b"N".repeat(100_000), b"eq\0".to_vec()].concat();
    let again = "the file is damaged or no pickle";
    let sets = [b"cbuiltins\nset\nq\x01".to_vec(), list.clone(), b"h\x01h\0\x85R".repeat(100_000), b".".to_vec()].concat();
    refused(sets, &["one value copied again and again", again]);
    let text = text(&"a".repeat(4000));
    let bytes =
        [b"cbuiltins\nbytearray\nq\x01C\xff".to_vec(), vec![7; 255], b"q\0".to_vec(), b"h\x01h\0\x85R".repeat(100_000), b".".to_vec()].concat();
    refused(bytes, &["one value copied again and again"]);
    // Encoding the same text gives the same bytes; arguments of a hundred thousand are none.
    let encoded =
        [b"c_codecs\nencode\nq\x01".to_vec(), text, b"X\x06\0\0\0latin1\x86q\0".to_vec(), b"h\x01h\0R".repeat(100_000), b".".to_vec()].concat();
    assert!(read(encoded).is_ok());
    let calls = [b"c_codecs\nencode\nq\x01(".to_vec(), b"N".repeat(100_000), b"tR.".to_vec()].concat();
    refused(calls, &["a tuple of 100000"]);
    assert!(read([b"N".to_vec(), b"2".repeat(1_000_000), b".".to_vec()].concat()).is_ok());
    assert!(read([b"N".to_vec(), b"(1".repeat(1_000_000), b".".to_vec()].concat()).is_ok());
    let objects = [b"(".to_vec(), dtype("O8", ""), b"q\x02".to_vec(), list, b"cnumpy.core.numeric\n_frombuffer\nq\x03".to_vec()].concat();
    let made = [objects, b"(h\0h\x02J\xa0\x86\x01\0\x85U\x01CtR".to_vec(), b"h\x03(h\0h\x02J\xa0\x86\x01\0\x85U\x01CtR".repeat(1000), b"t.".to_vec()]
        .concat();
    refused(made, &["one value copied again and again"]);
}

#[test]
fn the_stack_below_a_mark_is_out_of_reach() {
    refused(b".", &["byte 0 (STOP): found no value"]);
    refused(b"K\x01(.", &["found no value, expected one on the stack"]);
    refused(b"K\x01K\x02(\x86.", &["too few values, expected 2 for a tuple"]);
    refused(b"](K\x01K\x02a.", &["found the number 1, expected a list or set to append to"]);
    refused(b"}(K\x01u.", &["a key without a value"]);
    refused(b"](K\x01K\x02u.", &["found a list of 0, expected a dictionary"]);
    refused(b"(o.", &["a class and its arguments"]);
    // As with Python, POP takes a mark where nothing lies above it.
    assert!(read(b"K\x01(0.".as_slice()).is_ok());
}

#[test]
fn keys_given_twice_are_refused() {
    refused(b"}(X\x01\0\0\0aNX\x01\0\0\0aNu.", &["the key `a` twice"]);
    assert!(read(b"}(X\x01\0\0\0aNX\x01\0\0\0bNu.".as_slice()).is_ok());
}

static FIXTURES: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pickle");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "pickle"));
    files.sort();
    files.into_iter().map(|file| (file.display().to_string(), std::fs::read(&file).unwrap())).collect()
});

#[test]
fn a_file_cut_at_any_byte_is_an_error() {
    assert_eq!(FIXTURES.len(), 18);
    for (name, bytes) in &*FIXTURES {
        for length in 0..bytes.len() {
            let error = read(&bytes[..length]).map(|tree| tree.root().describe()).expect_err(name).to_string();
            assert!(error.contains("hostile.pickle: byte "), "{name} cut at {length}: {error}");
        }
    }
}

#[test]
fn any_three_bytes_are_an_error_or_a_value() {
    for first in 0..=255_u8 {
        for second in 0..=255_u8 {
            fuzz::feed(pickle::read, &[first, second, b'.']);
            fuzz::feed(pickle::read, &[b'(', b']', first, second, b'.']);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn damaged_files_are_an_error_or_a_value(file in 0..18_usize, edits in prop::collection::vec((0..4_u8, any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut bytes = FIXTURES[file].1.clone();
        for (kind, place, byte) in edits {
            let at = place.index(bytes.len().max(1));
            match kind {
                0 => bytes[at] = byte,
                1 => bytes[at] ^= 1 << (byte % 8),
                2 => bytes.insert(at, byte),
                _ => drop(bytes.drain(at..(at + usize::from(byte % 16)).min(bytes.len()))),
            }
            if bytes.is_empty() {
                break;
            }
        }
        fuzz::feed(pickle::read, &bytes);
    }

    #[test]
    fn garbage_is_an_error_or_a_value(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        fuzz::feed(pickle::read, &bytes);
    }
}
